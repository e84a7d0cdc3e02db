/// Texts and numbers as a page shows them. Nothing reaches the page but through here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cd4ml::report {

/// For content and for attributes in double quotes; bytes that XML cannot hold (control characters, broken UTF-8) become U+FFFD.
[[nodiscard]] std::string escape(std::string_view text);
/// The same, with what stands in backquotes as code.
[[nodiscard]] std::string prose(std::string_view text);

/// Four digits that say something: 0.6368, 12.34, 1,235, 2.1e-06; "–" without a value, a word where it is not finite.
[[nodiscard]] std::string number(std::optional<double> value);
[[nodiscard]] std::string grouped(std::uint64_t value);
/// 0.1717 → "17.2 %", which no line break parts.
[[nodiscard]] std::string percent(double share);
/// "< 0.001", "0.043".
[[nodiscard]] std::string chance(std::optional<double> p);
[[nodiscard]] std::string seconds(double value);
/// 2024-06-01T10:15:00Z → "2024-06-01 10:15:00 UTC"; anything else as it is.
[[nodiscard]] std::string utc(std::string_view time);
/// The first characters of a long text, with "…"; never within a character.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t characters);

}  // namespace cd4ml::report
