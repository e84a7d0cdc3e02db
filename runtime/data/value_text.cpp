#include "runtime/data/value_text.h"

#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "runtime/data/parse_value.h"

namespace cd4ml::data {

std::string floatText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 32> digits{};
  const auto done = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), done.ptr};
}

std::string dateText(std::int64_t days) {
  const CivilDay day = civilFromDays(days);
  return fmt::format("{:04}-{:02}-{:02}", day.year, day.month, day.day);
}

std::string timestampText(std::int64_t micros) {
  constexpr std::int64_t kDay = 86'400'000'000;
  const std::int64_t days = micros >= 0 ? micros / kDay : -((-micros + kDay - 1) / kDay);
  const std::int64_t rest = micros - days * kDay;
  const std::int64_t seconds = rest / 1'000'000;
  std::string text = fmt::format("{}T{:02}:{:02}:{:02}", dateText(days), seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (const std::int64_t fraction = rest % 1'000'000; fraction != 0) {
    std::string digits = fmt::format("{:06}", fraction);
    while (digits.back() == '0') digits.pop_back();
    text += "." + digits;
  }
  return text + "Z";
}

std::string durationText(std::int64_t micros) {
  struct Unit { const char* name; std::int64_t micros; };
  static constexpr std::array<Unit, 6> kUnits = {{{"d", 86'400'000'000},
                                                  {"h", 3'600'000'000},
                                                  {"min", 60'000'000},
                                                  {"s", 1'000'000},
                                                  {"ms", 1000},
                                                  {"us", 1}}};
  for (const Unit& unit : kUnits) {
    if (micros != 0 && micros % unit.micros == 0) return fmt::format("{}{}", micros / unit.micros, unit.name);
  }
  return "0s";
}

std::string valueText(const Column& column, std::int64_t row) {
  const score::ColumnView view = column.view();
  if (!view.isValid(row)) return "null";
  switch (view.kind) {
    case ir::Kind::Int: return fmt::format("{}", view.ints()[row]);
    case ir::Kind::Float: return floatText(view.floats()[row]);
    case ir::Kind::Bool: return view.bools()[row] != 0 ? "true" : "false";
    case ir::Kind::Date: return dateText(view.ints()[row]);
    case ir::Kind::Timestamp: return timestampText(view.ints()[row]);
    case ir::Kind::Duration: return durationText(view.ints()[row]);
    case ir::Kind::Category: return fmt::format("\"{}\"", view.dictionary->levels[static_cast<std::size_t>(view.codes()[row])]);
    case ir::Kind::Text: return fmt::format("\"{}\"", view.text(row));
    case ir::Kind::Vector: {
      std::string text = "[";
      for (std::uint32_t k = 0; k < column.type.width; ++k) {
        text += (k == 0 ? "" : ", ") + floatText(view.floats()[k * column.stride + row]);
      }
      return text + "]";
    }
    case ir::Kind::Null:
    case ir::Kind::Error: return "?";
  }
  CD4ML_UNREACHABLE("kind");
}

}  // namespace cd4ml::data
