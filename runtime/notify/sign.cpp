#include "runtime/notify/sign.h"

#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "runtime/notify/shared_library.h"

namespace cd4ml::notify {

Result<std::string> hmacSha256(std::string_view key, std::string_view body) {
  CD4ML_TRY(const SharedLibrary crypto, SharedLibrary::open("libcrypto.so.3"));
  decltype(EVP_sha256)* sha256 = nullptr;
  decltype(HMAC)* hmac = nullptr;
  CD4ML_TRY_VOID(crypto.load("EVP_sha256", sha256));
  CD4ML_TRY_VOID(crypto.load("HMAC", hmac));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(body.data());
  if (hmac(sha256(), key.data(), static_cast<int>(key.size()), bytes, body.size(), digest.data(), &size) == nullptr) {
    return makeError("CD6002", "cannot sign the message");
  }
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace cd4ml::notify
