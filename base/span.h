/// A half-open range of bytes in one source file of the user.
#pragma once

#include <cstdint>

namespace cd4ml {

/// Index into `source::SourceMap`; 0 is the entry file.
using FileIndex = std::uint32_t;

struct Span {
  FileIndex file = 0;
  std::uint32_t begin = 0;  ///< byte offset
  std::uint32_t end = 0;    ///< byte offset, exclusive; begin == end means "no place"

  [[nodiscard]] bool empty() const { return begin == end; }
  friend bool operator==(const Span&, const Span&) = default;
};

}  // namespace cd4ml
