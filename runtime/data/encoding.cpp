#include "runtime/data/encoding.h"

#include <arrow/buffer.h>
#include <fmt/format.h>
#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>

namespace cd4ml::data {

namespace {

struct Known {
  std::string_view name;   ///< of the option
  const char* iconv_name;  ///< of libc
};
constexpr Known kEncodings[] = {{"latin-1", "ISO-8859-1"},  {"iso-8859-1", "ISO-8859-1"}, {"latin-9", "ISO-8859-15"},
                                {"windows-1250", "CP1250"}, {"windows-1251", "CP1251"},   {"windows-1252", "CP1252"},
                                {"utf-16", "UTF-16LE"}};

/// A conversion of libc; closed with its owner.
class Converter {
 public:
  explicit Converter(const char* from) : handle_(iconv_open("UTF-8", from)) {}
  ~Converter() {
    if (ok()) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  [[nodiscard]] bool ok() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  /// Appends the text to `out`; the place of the first byte that means nothing, if there is one.
  std::optional<std::size_t> convert(std::string_view bytes, std::string& out) {
    constexpr std::size_t kStep = std::size_t{1} << 20;
    char* from = const_cast<char*>(bytes.data());  // iconv's signature lacks a const; it does not write
    std::size_t left = bytes.size();
    while (left > 0) {
      const std::size_t had = out.size();
      out.resize(had + std::max(kStep, left + left / 2));
      char* to = out.data() + had;
      std::size_t room = out.size() - had;
      const std::size_t result = iconv(handle_, &from, &left, &to, &room);
      const int failure = errno;
      out.resize(out.size() - room);
      if (result == static_cast<std::size_t>(-1) && failure != E2BIG) return bytes.size() - left;
    }
    return std::nullopt;
  }

 private:
  iconv_t handle_;
};

std::string_view viewOf(const arrow::Buffer& buffer) {
  return {reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(buffer.size())};
}

}  // namespace

Result<std::shared_ptr<arrow::Buffer>> toUtf8(std::shared_ptr<arrow::Buffer> bytes, const std::string& encoding,
                                              const std::string& path, Span span) {
  std::string_view text = viewOf(*bytes);
  const bool unicode = encoding == "utf-8" || encoding == "utf-16";
  const bool little = unicode && text.starts_with("\xff\xfe");
  const bool big = unicode && text.starts_with("\xfe\xff");
  const auto* known =
      std::find_if(std::begin(kEncodings), std::end(kEncodings), [&](const Known& k) { return k.name == encoding; });
  if (!little && !big && known == std::end(kEncodings)) return bytes;
  if (little || big) text.remove_prefix(2);
  const char* from = little ? "UTF-16LE" : big ? "UTF-16BE" : known->iconv_name;
  Converter converter(from);
  if (!converter.ok()) {
    return makeError("CD5014", fmt::format("this system cannot convert from {}: libc's module for it is missing", from),
                     span);
  }
  std::string out;
  if (const auto bad = converter.convert(text, out)) {
    const auto line = std::count(out.begin(), out.end(), '\n') + 1;
    Error e = makeError(
        "CD5010",
        fmt::format("`{}`, line {}: the bytes are no {}", path, line, encoding == "utf-8" ? "UTF-16" : encoding), span);
    if (*bad + 1 >= text.size()) e.help.emplace_back("the file may be cut off");
    return e;
  }
  return arrow::Buffer::FromString(std::move(out));
}

}  // namespace cd4ml::data
