#include "base/digest.h"

namespace cd4ml {

namespace {

int hexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string Digest::hex() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out(64, '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out[2 * i] = kDigits[bytes[i] >> 4];
    out[2 * i + 1] = kDigits[bytes[i] & 15];
  }
  return out;
}

std::optional<Digest> Digest::parse(std::string_view text) {
  if (text.starts_with("b3:")) text.remove_prefix(3);
  if (text.size() != 64) return std::nullopt;
  Digest d;
  for (std::size_t i = 0; i < d.bytes.size(); ++i) {
    const int high = hexValue(text[2 * i]);
    const int low = hexValue(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    d.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return d;
}

Hasher::Hasher(std::string_view domain) {
  llvm_blake3_hasher_init_derive_key_raw(&state_, domain.data(), domain.size());
}

Hasher& Hasher::bytes(const void* data, std::size_t size) {
  llvm_blake3_hasher_update(&state_, data, size);
  return *this;
}

Hasher& Hasher::u64(std::uint64_t v) {
  std::uint8_t b[8];
  for (int i = 0; i < 8; ++i) b[i] = static_cast<std::uint8_t>(v >> (8 * i));
  return bytes(b, sizeof b);
}

Digest Hasher::finish() const {
  Digest d;
  llvm_blake3_hasher_finalize(&state_, d.bytes.data(), d.bytes.size());
  return d;
}

}  // namespace cd4ml
