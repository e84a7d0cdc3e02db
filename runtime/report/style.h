/// The style sheet and the script of a page; both are part of it. Without the script everything can be read.
#pragma once

#include <string_view>

namespace cd4ml::report {

[[nodiscard]] std::string_view styleSheet();
/// Makes tables sortable by their headings.
[[nodiscard]] std::string_view script();

}  // namespace cd4ml::report
