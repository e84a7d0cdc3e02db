#include "runtime/data/value_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "runtime/data/parse_value.h"

namespace cd4ml::data {

namespace {

void appendDigits(std::string& out, std::int64_t value, std::size_t width) {
  std::array<char, 24> digits{};
  const auto done = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  const auto length = static_cast<std::size_t>(done.ptr - digits.data());
  if (length < width) out.append(width - length, '0');
  out.append(digits.data(), length);
}

}  // namespace

void appendInt(std::string& out, std::int64_t value) { appendDigits(out, value, 0); }

void appendFloat(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value < 0 ? "-inf" : "inf";
  } else {
    std::array<char, 32> digits{};
    const auto done = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out.append(digits.data(), done.ptr);
  }
}

void appendDate(std::string& out, std::int64_t days) {
  const CivilDay day = civilFromDays(days);
  if (day.year < 0) out += '-';
  appendDigits(out, day.year < 0 ? -day.year : day.year, 4);
  out += '-';
  appendDigits(out, day.month, 2);
  out += '-';
  appendDigits(out, day.day, 2);
}

void appendTimestamp(std::string& out, std::int64_t micros) {
  constexpr std::int64_t kDay = 86'400'000'000;
  const std::int64_t days = micros >= 0 ? micros / kDay : -((-micros + kDay - 1) / kDay);
  const std::int64_t rest = micros - days * kDay;
  const std::int64_t seconds = rest / 1'000'000;
  appendDate(out, days);
  out += 'T';
  appendDigits(out, seconds / 3600, 2);
  out += ':';
  appendDigits(out, seconds / 60 % 60, 2);
  out += ':';
  appendDigits(out, seconds % 60, 2);
  if (const std::int64_t fraction = rest % 1'000'000; fraction != 0) {
    out += '.';
    appendDigits(out, fraction, 6);
    while (out.back() == '0') out.pop_back();
  }
  out += 'Z';
}

std::string floatText(double value) {
  std::string text;
  appendFloat(text, value);
  return text;
}

std::string dateText(std::int64_t days) {
  std::string text;
  appendDate(text, days);
  return text;
}

std::string timestampText(std::int64_t micros) {
  std::string text;
  appendTimestamp(text, micros);
  return text;
}

std::string durationText(std::int64_t micros) {
  struct Unit {
    const char* name;
    std::int64_t micros;
  };
  static constexpr std::array<Unit, 6> kUnits = {
      {{"d", 86'400'000'000}, {"h", 3'600'000'000}, {"min", 60'000'000}, {"s", 1'000'000}, {"ms", 1000}, {"us", 1}}};
  for (const Unit& unit : kUnits) {
    if (micros != 0 && micros % unit.micros == 0) return fmt::format("{}{}", micros / unit.micros, unit.name);
  }
  return "0s";
}

std::string valueText(const Column& column, std::int64_t row) {
  const score::ColumnView view = column.view();
  if (!view.isValid(row)) return "null";
  switch (view.kind) {
    case ir::Kind::Int:
      return fmt::format("{}", view.ints()[row]);
    case ir::Kind::Float:
      return floatText(view.floats()[row]);
    case ir::Kind::Bool:
      return view.bools()[row] != 0 ? "true" : "false";
    case ir::Kind::Date:
      return dateText(view.ints()[row]);
    case ir::Kind::Timestamp:
      return timestampText(view.ints()[row]);
    case ir::Kind::Duration:
      return durationText(view.ints()[row]);
    case ir::Kind::Category:
      return fmt::format("\"{}\"", view.dictionary->levels[static_cast<std::size_t>(view.codes()[row])]);
    case ir::Kind::Text:
      return fmt::format("\"{}\"", view.text(row));
    case ir::Kind::Vector: {
      std::string text = "[";
      for (std::uint32_t k = 0; k < column.type.width; ++k) {
        text += (k == 0 ? "" : ", ") + floatText(view.floats()[k * column.stride + row]);
      }
      return text + "]";
    }
    case ir::Kind::Null:
    case ir::Kind::Error:
      return "?";
  }
  CD4ML_UNREACHABLE("kind");
}

}  // namespace cd4ml::data
