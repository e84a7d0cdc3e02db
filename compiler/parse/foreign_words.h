/// Words and signs of SQL, Python, YAML and dbt that people write by habit, with what cd4ml has in their place.
#pragma once

#include <string_view>

namespace cd4ml::parse {

/// A line of help for a word or sign that the grammar does not know where it stands; empty: none.
[[nodiscard]] std::string_view helpForForeign(std::string_view written);
/// The same for a word that stands where a declaration begins.
[[nodiscard]] std::string_view helpForForeignDeclaration(std::string_view written);

}  // namespace cd4ml::parse
