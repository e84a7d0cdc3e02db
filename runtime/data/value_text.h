/// Single values as text: in messages, in CSV and in JSON. Floats have the fewest digits that read back to the same
/// bits.
#pragma once

#include <string>

#include "runtime/data/column.h"

namespace cd4ml::data {

/// As in the language: `null`, `21.5`, `"SFO"`, `2001-01-13T10:00:00Z`.
[[nodiscard]] std::string valueText(const Column& column, std::int64_t row);

/// Shortest text of a float that reads back to the same bits; `NaN`, `inf`, `-inf`.
[[nodiscard]] std::string floatText(double value);
[[nodiscard]] std::string dateText(std::int64_t days);
/// The same texts at the end of `out`, without a text of their own: for files of millions of values.
void appendFloat(std::string& out, double value);
void appendInt(std::string& out, std::int64_t value);
void appendDate(std::string& out, std::int64_t days);
void appendTimestamp(std::string& out, std::int64_t micros);
/// `2001-01-13T10:00:00Z`, with as many digits of the second as needed.
[[nodiscard]] std::string timestampText(std::int64_t micros);
/// `15min`: the largest unit that is whole.
[[nodiscard]] std::string durationText(std::int64_t micros);

}  // namespace cd4ml::data
