#include "compiler/plan/trial_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/digest.h"

namespace cd4ml::plan {

double numberOf(const ir::Literal& literal) {
  if (const auto* whole = std::get_if<std::int64_t>(&literal.value)) return static_cast<double>(*whole);
  return std::get<double>(literal.value);
}

std::int64_t optionOf(const std::vector<ir::Option>& options, std::string_view name, std::int64_t otherwise) {
  for (const ir::Option& option : options) {
    if (option.name == name) return std::get<std::int64_t>(option.value.value);
  }
  return otherwise;
}

namespace {

/// Six digits: what people read, and the same on machines whose logarithms differ in the last bit.
double roundedTo6(double value) {
  const std::string text = fmt::format("{:.6g}", value);
  double rounded = value;
  (void)std::from_chars(text.data(), text.data() + text.size(), rounded);
  return rounded;
}

}  // namespace

ir::Literal valueAt(const ir::Tune::Range& range, double share) {
  const double low = numberOf(range.values[0]);
  const double high = numberOf(range.values[1]);
  double value = range.log ? std::exp(std::log(low) + share * (std::log(high) - std::log(low))) : low + share * (high - low);
  if (range.integer) return {static_cast<std::int64_t>(std::llround(std::clamp(value, low, high)))};
  return {std::clamp(roundedTo6(value), low, high)};
}

double shareOf(const ir::Tune::Range& range, const ir::Literal& value) {
  const double low = numberOf(range.values[0]);
  const double high = numberOf(range.values[1]);
  if (!(high > low)) return 0.5;
  const double own = std::clamp(numberOf(value), low, high);
  return range.log ? (std::log(own) - std::log(low)) / (std::log(high) - std::log(low)) : (own - low) / (high - low);
}

double drawOf(std::int64_t seed, std::int64_t trial, std::string_view what) {
  const Digest digest = Hasher("cd4ml tune draw 1").u64(static_cast<std::uint64_t>(seed)).u64(static_cast<std::uint64_t>(trial)).string(what).finish();
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i) bits = bits << 8U | digest.bytes[i];
  return std::ldexp(static_cast<double>(bits >> 11U), -53);
}

ir::Literal drawValue(const ir::Tune::Range& range, double draw) {
  if (range.is_list) return range.values[std::min(range.values.size() - 1, static_cast<std::size_t>(draw * static_cast<double>(range.values.size())))];
  if (!range.integer || range.log) return valueAt(range, draw);
  // Each whole number of the range is equally likely.
  const auto low = std::get<std::int64_t>(range.values[0].value);
  const auto high = std::get<std::int64_t>(range.values[1].value);
  return {std::min(high, low + static_cast<std::int64_t>(draw * static_cast<double>(high - low + 1)))};
}

}  // namespace cd4ml::plan
