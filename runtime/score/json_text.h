/// Small pieces of JSON text: strings, and floats with the fewest digits that read back to the same bits.
#pragma once

#include <string>
#include <string_view>

namespace cd4ml::score {

/// "text" with what JSON wants escaped.
[[nodiscard]] std::string jsonString(std::string_view text);
/// A number; NaN and the infinities as the texts "nan", "inf", "-inf".
[[nodiscard]] std::string jsonNumber(double value);

}  // namespace cd4ml::score
