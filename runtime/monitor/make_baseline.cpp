#include <algorithm>
#include <array>
#include <numeric>

#include "base/parallel.h"
#include "runtime/data/row_id.h"
#include "runtime/monitor/baseline.h"

namespace cd4ml::monitor {

namespace {

constexpr std::size_t whole_steps = 1024;
constexpr std::size_t segment_steps = 128;
constexpr std::uint64_t sample_seed = 0x626173656c696e65ULL;

struct Described {
  Series series;
  std::optional<NullProfile> profile;
};

Described describe(const SeriesInput& input) {
  Described out;
  out.series = {.name = input.name, .role = input.role, .segment = input.segment, .kind = input.column.kind,
                .rows = static_cast<double>(input.column.rows), .nulls = 0, .not_finite = 0, .values = {}};
  if (isNumber(input.column.kind)) {
    Values values = valuesOf(input.column);
    out.series.nulls = static_cast<double>(values.nulls);
    out.series.not_finite = static_cast<double>(values.not_finite);
    if (values.finite.empty()) return out;
    std::sort(values.finite.begin(), values.finite.end());
    NumberBaseline numbers = describeNumbers(values.finite, input.segment.empty() ? whole_steps : segment_steps);
    if (!numbers.constant()) {
      for (double& x : values.finite) x = std::clamp(x, numbers.clip.low, numbers.clip.high);
      out.profile.emplace(values.finite, numbers.std);
    }
    out.series.values = std::move(numbers);
    return out;
  }
  for (std::int64_t r = 0; r < input.column.rows; ++r) out.series.nulls += input.column.isValid(r) ? 0 : 1;
  if (!isLevels(input.column.kind)) return out;
  LevelBaseline levels = describeLevels(input.column);
  if (levels.count > 0) out.series.values = std::move(levels);
  return out;
}

}  // namespace

std::vector<Series> describeSeries(std::span<const SeriesInput> inputs, int threads) {
  std::vector<Described> described(inputs.size());
  parallelFor(threads, inputs.size(), [&](std::size_t i) { described[i] = describe(inputs[i]); });
  std::vector<NullProfile> profiles;
  for (const Described& each : described) {
    if (each.profile) profiles.push_back(*each.profile);
  }
  const std::vector<NullTable> tables = makeNullTables(profiles, threads);
  std::vector<Series> out;
  std::size_t next = 0;
  for (Described& each : described) {
    if (each.profile) std::get<NumberBaseline>(each.series.values).null = tables[next++];
    out.push_back(std::move(each.series));
  }
  return out;
}

const Series* Baseline::find(std::string_view name, Role role, std::string_view segment) const {
  const auto at = std::find_if(series.begin(), series.end(), [&](const Series& each) {
    return each.role == role && each.name == name && each.segment == segment;
  });
  return at == series.end() ? nullptr : &*at;
}

std::string_view roleText(Role role) {
  constexpr std::array<std::string_view, 5> texts{"feature", "input", "column", "prediction", "probability"};
  return texts[static_cast<std::size_t>(role)];
}

std::vector<std::int32_t> sampledRows(std::int64_t rows) {
  std::vector<std::int32_t> out;
  if (rows <= baseline_rows) {
    out.resize(static_cast<std::size_t>(rows));
    std::iota(out.begin(), out.end(), 0);
    return out;
  }
  const auto limit = static_cast<std::uint64_t>(static_cast<double>(baseline_rows) / static_cast<double>(rows) * 0x1p64);
  for (std::int64_t r = 0; r < rows; ++r) {
    if (data::rowRandom(static_cast<std::uint64_t>(r), sample_seed) < limit) out.push_back(static_cast<std::int32_t>(r));
  }
  return out;
}

}  // namespace cd4ml::monitor
