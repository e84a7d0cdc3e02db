/// The pages of docs/errors, embedded at build time: `cd4mlc explain CD2004`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cd4ml::diag {

/// The Markdown page of a code ("CD2004"; letter case does not matter, a bare number will do), if there is one.
[[nodiscard]] std::optional<std::string_view> explain(std::string_view code);
/// The codes that have a page, sorted.
[[nodiscard]] std::vector<std::string_view> explainedCodes();

}  // namespace cd4ml::diag
