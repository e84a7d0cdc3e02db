/// The signature of an outgoing message.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace cd4ml::notify {

/// HMAC-SHA256 of `body` under `key`, in lower-case hex.
Result<std::string> hmacSha256(std::string_view key, std::string_view body);

}  // namespace cd4ml::notify
