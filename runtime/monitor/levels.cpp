#include "runtime/monitor/levels.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/internal_check.h"

namespace cd4ml::monitor {

namespace {

constexpr std::size_t most_others = 10;

/// Rows of each code, nulls left out.
struct Codes {
  std::vector<double> counts;
  double nulls = 0;
};

Codes countCodes(const score::ColumnView& column) {
  const bool category = column.kind == ir::Kind::Category;
  Codes out;
  std::vector<std::int64_t> counts(category ? column.dictionary->levels.size() : 2, 0);
  std::int64_t nulls = 0;
  for (std::int64_t r = 0; r < column.rows; ++r) {
    if (!column.isValid(r)) ++nulls;
    else if (category) ++counts[static_cast<std::size_t>(column.codes()[r])];
    else ++counts[column.bools()[r] != 0 ? 1 : 0];
  }
  out.counts.assign(counts.begin(), counts.end());
  out.nulls = static_cast<double>(nulls);
  return out;
}

std::string_view nameOf(const score::ColumnView& column, std::size_t code) {
  constexpr std::array<std::string_view, 2> truth{"false", "true"};
  return column.kind == ir::Kind::Category ? column.dictionary->levels[code] : truth[code];
}

std::vector<LevelCount> byFrequency(std::vector<LevelCount> levels) {
  std::sort(levels.begin(), levels.end(), [](const LevelCount& a, const LevelCount& b) {
    return a.count != b.count ? a.count > b.count : a.level < b.level;
  });
  return levels;
}

}  // namespace

bool isLevels(ir::Kind kind) { return kind == ir::Kind::Category || kind == ir::Kind::Bool; }

LevelBaseline describeLevels(const score::ColumnView& column) {
  CD4ML_CHECK(isLevels(column.kind));
  const Codes codes = countCodes(column);
  LevelBaseline out;
  for (std::size_t c = 0; c < codes.counts.size(); ++c) {
    if (codes.counts[c] > 0) out.levels.push_back({std::string(nameOf(column, c)), codes.counts[c]});
    out.count += codes.counts[c];
  }
  out.distinct = out.levels.size();
  out.levels = byFrequency(std::move(out.levels));
  for (std::size_t l = LevelBaseline::most; l < out.levels.size(); ++l) out.rest += out.levels[l].count;
  if (out.levels.size() > LevelBaseline::most) out.levels.resize(LevelBaseline::most);
  return out;
}

LevelCounts countLevels(const score::ColumnView& column, const LevelBaseline& baseline) {
  CD4ML_CHECK(isLevels(column.kind));
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t l = 0; l < baseline.levels.size(); ++l) places.emplace(baseline.levels[l].level, l);
  const Codes codes = countCodes(column);
  LevelCounts out;
  out.counts.assign(baseline.levels.size(), 0.0);
  out.nulls = codes.nulls;
  for (std::size_t c = 0; c < codes.counts.size(); ++c) {
    if (codes.counts[c] == 0) continue;
    out.count += codes.counts[c];
    const auto place = places.find(nameOf(column, c));
    if (place != places.end()) {
      out.counts[place->second] += codes.counts[c];
      continue;
    }
    out.other += codes.counts[c];
    out.others.push_back({std::string(nameOf(column, c)), codes.counts[c]});
  }
  out.others = byFrequency(std::move(out.others));
  if (out.others.size() > most_others) out.others.resize(most_others);
  return out;
}

}  // namespace cd4ml::monitor
