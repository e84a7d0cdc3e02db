/// 256-bit BLAKE3 digests, the only identity used for content, keys and models.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <llvm-c/blake3.h>

namespace cd4ml {

/// A BLAKE3 digest. Printed as "b3:" and 64 hex digits; `brief()` gives the first 12 digits for people.
struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  [[nodiscard]] std::string hex() const;
  [[nodiscard]] std::string text() const { return "b3:" + hex(); }
  [[nodiscard]] std::string brief() const { return hex().substr(0, 12); }
  /// Reads `hex()` or `text()`; nullopt for anything else.
  [[nodiscard]] static std::optional<Digest> parse(std::string_view text);
  [[nodiscard]] bool isZero() const { return *this == Digest{}; }
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

/// Streaming hash of bytes under a domain ("cd4ml NF1 op"): equal bytes of two domains never collide.
class Hasher {
 public:
  explicit Hasher(std::string_view domain);
  Hasher& bytes(const void* data, std::size_t size);
  Hasher& text(std::string_view s) { return bytes(s.data(), s.size()); }
  /// A digest as its 32 bytes.
  Hasher& digest(const Digest& d) { return bytes(d.bytes.data(), d.bytes.size()); }
  /// Little-endian.
  Hasher& u64(std::uint64_t v);
  Hasher& u8(std::uint8_t v) { return bytes(&v, 1); }
  /// Length-prefixed text.
  Hasher& string(std::string_view s) { return u64(s.size()).text(s); }
  [[nodiscard]] Digest finish() const;

 private:
  llvm_blake3_hasher state_;
};

}  // namespace cd4ml

template <>
struct std::hash<cd4ml::Digest> {
  std::size_t operator()(const cd4ml::Digest& d) const noexcept {
    std::size_t h = 0;
    std::memcpy(&h, d.bytes.data(), sizeof h);
    return h;
  }
};
