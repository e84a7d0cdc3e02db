/// The table behind `explain`, written by cmake/ErrorPages.cmake from docs/errors/CDnnnn.md, sorted by code.
#pragma once

#include <cstddef>
#include <string_view>

namespace cd4ml::diag {

struct Page {
  std::string_view code;
  std::string_view text;
};

extern const Page pages[];
extern const std::size_t page_count;

}  // namespace cd4ml::diag
