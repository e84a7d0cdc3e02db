/// Writing and reading of small binary records: little-endian numbers, length-prefixed texts and lists. A reader never
/// reads beyond its bytes, allocates no more than the bytes could hold, and remembers that it failed.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace cd4ml::score {

class ByteWriter {
 public:
  void u8(std::uint8_t v) { bytes_.push_back(static_cast<char>(v)); }
  void u32(std::uint32_t v) { raw(v); }
  void u64(std::uint64_t v) { raw(v); }
  void i64(std::int64_t v) { raw(static_cast<std::uint64_t>(v)); }
  /// The bits, NaNs as they are.
  void f64(double v) { raw(std::bit_cast<std::uint64_t>(v)); }
  void text(std::string_view v) {
    u64(v.size());
    bytes_.append(v);
  }
  template <class List, class Each>
  void list(const List& values, const Each& each) {
    u64(values.size());
    for (const auto& value : values) each(value);
  }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  template <class T>
  void raw(T v) {
    for (std::size_t i = 0; i < sizeof v; ++i) bytes_.push_back(static_cast<char>((v >> (8 * i)) & 0xffU));
  }
  std::string bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t u8() { return raw<std::uint8_t>(); }
  std::uint32_t u32() { return raw<std::uint32_t>(); }
  std::uint64_t u64() { return raw<std::uint64_t>(); }
  std::int64_t i64() { return static_cast<std::int64_t>(raw<std::uint64_t>()); }
  double f64() { return std::bit_cast<double>(raw<std::uint64_t>()); }
  std::string_view view() {
    const std::uint64_t size = u64();
    if (size > rest_.size()) return fail(), std::string_view{};
    const std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }
  std::string text() { return std::string(view()); }
  /// A list whose items take at least `least` bytes each, so that a forged count cannot ask for more memory than that.
  template <class T, class Each>
  std::vector<T> list(std::size_t least, const Each& each) {
    const std::uint64_t count = u64();
    std::vector<T> out;
    if (count > rest_.size() / least) return fail(), out;
    out.reserve(count);
    for (std::uint64_t i = 0; i < count && ok_; ++i) out.push_back(each());
    return out;
  }
  /// A number below `limit`; fails otherwise.
  template <class Enum>
  Enum choice(std::uint8_t limit) {
    const std::uint8_t v = u8();
    if (v >= limit) fail();
    return static_cast<Enum>(ok_ ? v : 0);
  }
  void fail() {
    ok_ = false;
    rest_ = {};
  }
  [[nodiscard]] bool ok() const { return ok_; }
  /// All is read and nothing failed.
  [[nodiscard]] bool finished() const { return ok_ && rest_.empty(); }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  template <class T>
  T raw() {
    if (rest_.size() < sizeof(T)) return fail(), T{0};
    T v{0};
    for (std::size_t i = 0; i < sizeof(T); ++i) v = static_cast<T>(v | (static_cast<T>(static_cast<unsigned char>(rest_[i])) << (8 * i)));
    rest_.remove_prefix(sizeof(T));
    return v;
  }
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace cd4ml::score
