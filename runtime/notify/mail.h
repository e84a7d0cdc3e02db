/// A mail as the bytes that go over the wire (RFC 5322, MIME): UTF-8 text, headers that no option can break out of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cd4ml::notify {

struct Mail {
  std::string id{};               ///< delivery id: Message-ID and X-CD4ML-Delivery
  std::string from{};
  std::vector<std::string> to{};
  std::string text{};             ///< its first line is the subject too
  std::int64_t at_us = 0;
};

/// "a@x.org, B <b@x.org>" → each, without blanks around it.
[[nodiscard]] std::vector<std::string> splitAddresses(std::string_view list);
/// "B <b@x.org>" → "b@x.org".
[[nodiscard]] std::string addressOf(std::string_view mailbox);
/// Headers and body, lines ended by CR LF, text in base64.
[[nodiscard]] std::string mailText(const Mail& mail);

}  // namespace cd4ml::notify
