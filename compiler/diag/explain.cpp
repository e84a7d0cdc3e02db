#include "compiler/diag/explain.h"

#include <algorithm>
#include <cctype>

#include "compiler/diag/pages.h"

namespace cd4ml::diag {

std::optional<std::string_view> explain(std::string_view code) {
  std::string wanted;
  for (const char c : code) wanted += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const bool bare = !wanted.empty() && std::all_of(wanted.begin(), wanted.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (bare && wanted.size() < 4) wanted.insert(0, 4 - wanted.size(), '0');
  if (bare) wanted.insert(0, "CD");
  for (std::size_t i = 0; i < page_count; ++i) {
    if (pages[i].code == wanted) return pages[i].text;
  }
  return std::nullopt;
}

std::vector<std::string_view> explainedCodes() {
  std::vector<std::string_view> codes;
  for (std::size_t i = 0; i < page_count; ++i) codes.push_back(pages[i].code);
  return codes;
}

}  // namespace cd4ml::diag
