#include "runtime/data/csv_cursor.h"

namespace cd4ml::data {

CsvCursor::CsvCursor(std::string_view text, const CsvOptions& options, EmptyLines empty)
    : at_(text.data()),
      end_(text.data() + text.size()),
      delimiter_(options.delimiter),
      quote_(options.quote),
      empty_(empty),
      delimiters_(0x0101010101010101ULL * static_cast<unsigned char>(options.delimiter)) {}

CsvField CsvCursor::quotedField() {
  const char* const begin = at_ + 1;
  const auto closing = [&](const char* from) {
    const void* found = from < end_ ? std::memchr(from, quote_, static_cast<std::size_t>(end_ - from)) : nullptr;
    return found == nullptr ? end_ : static_cast<const char*>(found);
  };
  const char* close = closing(begin);
  const char* const after = close == end_ ? end_ : close + 1;
  const char* end = fieldEnd(after);
  if (end == after) {
    CsvField out{.text = {begin, static_cast<std::size_t>(close - begin)}, .quoted = true, .open = close == end_};
    out.last = take(end);
    return out;
  }
  // A doubled quote, or text behind the closing one.
  unquoted_.clear();
  const char* from = begin;
  while (close + 1 < end_ && close[1] == quote_) {
    unquoted_.append(from, close + 1);
    from = close + 2;
    close = closing(from);
  }
  unquoted_.append(from, close);
  const bool open = close == end_;
  if (!open) {
    end = fieldEnd(close + 1);
    unquoted_.append(close + 1, end);
  } else {
    end = end_;
  }
  CsvField out{.text = unquoted_, .quoted = true, .open = open};
  out.last = take(end);
  return out;
}

std::string_view csvBody(std::string_view text, const CsvOptions& options) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  for (std::int64_t i = 0; i < options.skip; ++i) {
    const std::size_t end = text.find_first_of("\n\r");
    if (end == std::string_view::npos) return text.substr(text.size());
    text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
  }
  return text;
}

std::vector<std::string_view> splitRecords(std::string_view body, const CsvOptions& options, EmptyLines empty,
                                           std::size_t size) {
  std::vector<std::string_view> out;
  const bool quotes = options.quote != 0 && std::memchr(body.data(), options.quote, body.size()) != nullptr;
  if (quotes) {  // only a walk from the start knows which line ends lie in quotes
    CsvCursor cursor(body, options, empty);
    const char* begin = body.data();
    while (cursor.next()) {
      while (!cursor.field().last) {
      }
      if (static_cast<std::size_t>(cursor.position() - begin) < size) continue;
      out.emplace_back(begin, cursor.position());
      begin = cursor.position();
    }
    if (begin < body.data() + body.size()) out.emplace_back(begin, body.data() + body.size());
    return out;
  }
  while (!body.empty()) {
    const std::size_t end = body.size() <= size ? std::string_view::npos : body.find('\n', size);
    out.push_back(body.substr(0, end == std::string_view::npos ? end : end + 1));
    body.remove_prefix(out.back().size());
  }
  return out;
}

std::int64_t lineOf(std::string_view text, const char* place) {
  std::int64_t line = 1;
  for (const char* p = text.data(); p < place; ++p) {
    if (*p == '\n' || (*p == '\r' && (p + 1 == text.data() + text.size() || p[1] != '\n'))) ++line;
  }
  return line;
}

}  // namespace cd4ml::data
