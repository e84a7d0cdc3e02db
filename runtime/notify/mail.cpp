#include "runtime/notify/mail.h"

#include <array>
#include <ctime>

#include <fmt/format.h>

namespace cd4ml::notify {

namespace {

constexpr std::size_t subject_length = 150;
constexpr std::size_t word_bytes = 45;   ///< of a header word: 60 characters of base64, below the limit of 75
constexpr std::size_t line_bytes = 57;   ///< of the body: 76 characters of base64

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 3; ++k) word = word << 8U | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += i + k <= bytes.size() ? digits[word >> (18 - 6 * k) & 63U] : '=';
  }
  return out;
}

/// The longest beginning of at most `size` bytes that ends between two characters.
std::string_view cutAt(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
  return text.substr(0, size);
}

/// RFC 2047: words of base64, folded.
std::string headerWords(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view word = cutAt(text, word_bytes);
    text.remove_prefix(word.size());
    out += fmt::format("{}=?utf-8?B?{}?=", out.empty() ? "" : "\r\n ", base64(word));
  }
  return out;
}

std::string dateText(std::int64_t at_us) {
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = at_us / 1'000'000;
  std::tm t{};
  gmtime_r(&seconds, &t);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000", days[static_cast<std::size_t>(t.tm_wday)], t.tm_mday,
                     months[static_cast<std::size_t>(t.tm_mon)], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

}  // namespace

std::vector<std::string> splitAddresses(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const std::size_t end = list.find(',');
    std::string_view one = list.substr(0, end);
    list = end == std::string_view::npos ? std::string_view{} : list.substr(end + 1);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (!one.empty()) out.emplace_back(one);
  }
  return out;
}

std::string addressOf(std::string_view mailbox) {
  const std::size_t open = mailbox.find('<');
  const std::size_t close = mailbox.find('>', open == std::string_view::npos ? 0 : open);
  if (open == std::string_view::npos || close == std::string_view::npos) return std::string(mailbox);
  return std::string(mailbox.substr(open + 1, close - open - 1));
}

std::string mailText(const Mail& mail) {
  std::string to;
  for (const std::string& one : mail.to) to += (to.empty() ? "" : ", ") + one;
  const std::string_view subject = cutAt(std::string_view(mail.text).substr(0, mail.text.find('\n')), subject_length);
  std::string out = fmt::format("From: {}\r\nTo: {}\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: <{}@cd4ml>\r\n", mail.from, to,
                                headerWords(subject), dateText(mail.at_us), mail.id);
  out += fmt::format("X-CD4ML-Delivery: {}\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n", mail.id);
  out += "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  std::string_view rest = mail.text;
  for (; !rest.empty(); rest.remove_prefix(std::min(line_bytes, rest.size()))) out += base64(rest.substr(0, line_bytes)) + "\r\n";
  return out;
}

}  // namespace cd4ml::notify
