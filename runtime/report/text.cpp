#include "runtime/report/text.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace cd4ml::report {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Bytes of the character that begins at `i`, or 0 where there is no valid one (RFC 3629).
std::size_t characterAt(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
  const auto follows = [&](std::size_t at) { return (byte(at) & 0xC0U) == 0x80U; };
  const unsigned first = byte(i);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(i + 1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && byte(i + 1) < 0xA0;
    const bool surrogate = first == 0xED && byte(i + 1) >= 0xA0;
    const bool none = first == 0xEF && byte(i + 1) == 0xBF && byte(i + 2) >= 0xBE;  // U+FFFE, U+FFFF
    return !overlong && !surrogate && !none && follows(i + 1) && follows(i + 2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && byte(i + 1) < 0x90;
    const bool beyond = first == 0xF4 && byte(i + 1) >= 0x90;
    return !overlong && !beyond && follows(i + 1) && follows(i + 2) && follows(i + 3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = characterAt(text, i);
    const char c = text[i];
    if (length == 0 || (length == 1 && static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F) out += replacement;
    else if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else if (c == '\'') out += "&#39;";
    else out += text.substr(i, length);
    i += std::max<std::size_t>(length, 1);
  }
  return out;
}

std::string grouped(std::uint64_t value) {
  std::string text = std::to_string(value);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string number(std::optional<double> value) {
  if (!value) return "–";
  const double x = *value;
  if (std::isnan(x)) return "not a number";
  if (std::isinf(x)) return x > 0 ? "∞" : "−∞";
  const double size = std::fabs(x);
  const std::string sign = x < 0 ? "−" : "";
  if (size == 0) return "0";
  if (size >= 1e15 || size < 1e-4) return sign + fmt::format("{:.2g}", size);
  if (size >= 999.5) return sign + grouped(static_cast<std::uint64_t>(std::llround(size)));
  const int decimals = size >= 99.995 ? 1 : size >= 9.9995 ? 2 : size >= 0.99995 ? 3 : 4;
  std::string text = fmt::format("{:.{}f}", size, decimals);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return sign + text;
}

std::string percent(double share) {
  if (!std::isfinite(share)) return "–";
  return fmt::format("{:.1f}\u00a0%", share * 100);
}

std::string chance(std::optional<double> p) {
  if (!p || !std::isfinite(*p)) return "–";
  return *p < 0.001 ? "< 0.001" : fmt::format("{:.3f}", *p);
}

std::string seconds(double value) {
  if (value < 0.001) return "< 1 ms";
  if (value < 1) return fmt::format("{:.0f} ms", value * 1000);
  if (value < 90) return fmt::format("{:.1f} s", value);
  return fmt::format("{:.0f} min", value / 60);
}

std::string utc(std::string_view time) {
  if (time.size() < 20 || time[10] != 'T' || time.back() != 'Z') return std::string(time);
  return fmt::format("{} {} UTC", time.substr(0, 10), time.substr(11, 8));
}

std::string prose(std::string_view text) {
  std::string out;
  while (true) {
    const std::size_t open = text.find('`');
    const std::size_t close = open == std::string_view::npos ? open : text.find('`', open + 1);
    if (close == std::string_view::npos) return out + escape(text);
    out += fmt::format("{}<code>{}</code>", escape(text.substr(0, open)), escape(text.substr(open + 1, close - open - 1)));
    text.remove_prefix(close + 1);
  }
}

std::string shortened(std::string_view text, std::size_t characters) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++seen) {
    if (seen + 1 >= characters) {
      std::size_t rest = 0;
      for (std::size_t j = i; j < text.size(); ++j) rest += (static_cast<unsigned char>(text[j]) & 0xC0U) != 0x80U ? 1 : 0;
      return rest <= 1 ? std::string(text) : std::string(text.substr(0, i)) + "…";
    }
    ++i;
    while (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) ++i;
  }
  return std::string(text);
}

}  // namespace cd4ml::report
