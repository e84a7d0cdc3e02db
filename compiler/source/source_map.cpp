#include "compiler/source/source_map.h"

#include <algorithm>

#include "base/internal_check.h"

namespace cd4ml::source {

namespace {

/// UTF-8 continuation bytes do not start a code point.
bool startsCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

std::uint32_t lineOf(const std::vector<std::uint32_t>& starts, std::uint32_t byte) {
  return static_cast<std::uint32_t>(std::upper_bound(starts.begin(), starts.end(), byte) - starts.begin());
}

}  // namespace

FileIndex SourceMap::add(std::string path, std::string text) {
  File file{.path = std::move(path), .text = std::move(text), .line_starts = {0}};
  for (std::size_t i = 0; i < file.text.size(); ++i) {
    if (file.text[i] == '\n') file.line_starts.push_back(static_cast<std::uint32_t>(i + 1));
  }
  files_.push_back(std::move(file));
  return static_cast<FileIndex>(files_.size() - 1);
}

std::string_view SourceMap::path(FileIndex file) const {
  CD4ML_CHECK(file < files_.size());
  return files_[file].path;
}

std::string_view SourceMap::text(FileIndex file) const {
  CD4ML_CHECK(file < files_.size());
  return files_[file].text;
}

std::string_view SourceMap::text(Span span) const {
  const std::string_view whole = text(span.file);
  CD4ML_CHECK(span.begin <= span.end && span.end <= whole.size());
  return whole.substr(span.begin, span.end - span.begin);
}

Position SourceMap::position(FileIndex file, std::uint32_t byte) const {
  const std::string_view whole = text(file);
  const auto& starts = files_[file].line_starts;
  const std::uint32_t at = std::min(byte, static_cast<std::uint32_t>(whole.size()));
  const std::uint32_t line = lineOf(starts, at);
  const std::string_view before = whole.substr(starts[line - 1], at - starts[line - 1]);
  const auto points = std::count_if(before.begin(), before.end(), startsCodePoint);
  return {.line = line, .column = static_cast<std::uint32_t>(points) + 1};
}

std::uint32_t SourceMap::utf16Column(FileIndex file, std::uint32_t byte) const {
  const std::string_view whole = text(file);
  const auto& starts = files_[file].line_starts;
  const std::uint32_t at = std::min(byte, static_cast<std::uint32_t>(whole.size()));
  std::uint32_t units = 0;
  for (std::uint32_t i = starts[lineOf(starts, at) - 1]; i < at; ++i) {
    if (!startsCodePoint(whole[i])) continue;
    // Four-byte sequences lie outside the basic plane and take a surrogate pair.
    units += static_cast<unsigned char>(whole[i]) >= 0xF0U ? 2 : 1;
  }
  return units;
}

std::string_view SourceMap::line(FileIndex file, std::uint32_t line) const {
  const std::string_view whole = text(file);
  const auto& starts = files_[file].line_starts;
  if (line == 0 || line > starts.size()) return {};
  const std::uint32_t begin = starts[line - 1];
  std::size_t end = line < starts.size() ? starts[line] - 1 : whole.size();
  if (end > begin && whole[end - 1] == '\r') --end;
  return whole.substr(begin, end - begin);
}

std::uint32_t SourceMap::lineCount(FileIndex file) const {
  CD4ML_CHECK(file < files_.size());
  return static_cast<std::uint32_t>(files_[file].line_starts.size());
}

}  // namespace cd4ml::source
