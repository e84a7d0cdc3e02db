/// The texts of one compilation and the maps between byte, code point, UTF-16 unit and line.
///
/// Positions inside the compiler are byte offsets (`Span`). People see lines and columns that count from 1,
/// columns in code points; editors use UTF-16 units from 0. No I/O: the driver reads the files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/span.h"

namespace cd4ml::source {

/// Line and column, both from 1; columns count code points.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  friend bool operator==(const Position&, const Position&) = default;
};

class SourceMap {
 public:
  /// Adds a file and returns its index; 0 is the entry file. `path` is shown to people as given.
  FileIndex add(std::string path, std::string text);

  [[nodiscard]] std::size_t size() const { return files_.size(); }
  [[nodiscard]] std::string_view path(FileIndex file) const;
  [[nodiscard]] std::string_view text(FileIndex file) const;
  [[nodiscard]] std::string_view text(Span span) const;
  [[nodiscard]] Position position(FileIndex file, std::uint32_t byte) const;
  /// UTF-16 units before `byte` in its line.
  [[nodiscard]] std::uint32_t utf16Column(FileIndex file, std::uint32_t byte) const;
  /// The line (from 1) without its line break.
  [[nodiscard]] std::string_view line(FileIndex file, std::uint32_t line) const;
  [[nodiscard]] std::uint32_t lineCount(FileIndex file) const;

 private:
  struct File {
    std::string path;
    std::string text;
    std::vector<std::uint32_t> line_starts;
  };
  std::vector<File> files_;
};

}  // namespace cd4ml::source
