#include "runtime/monitor/report.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace cd4ml::monitor {

namespace {

constexpr std::size_t picture_bins = 20;
constexpr std::size_t picture_levels = 10;

/// Four digits are enough to draw.
Json share(double value) { return numberJson(std::round(value * 1e4) / 1e4); }

/// Shares of equal bins between the outer percentiles of the baseline; what lies beyond counts at the ends.
Json picture(const NumberBaseline& baseline, const NumberCounts& window) {
  const double low = baseline.quantile(0.01);
  const double high = baseline.quantile(0.99);
  if (!(high > low)) return nullptr;
  std::array<double, picture_bins> then{};
  std::array<double, picture_bins> now{};
  const auto place = [&](double x) {
    const double at = (x - low) / (high - low) * picture_bins;
    return static_cast<std::size_t>(std::clamp(at, 0.0, picture_bins - 1.0));
  };
  for (std::size_t b = 0; b < baseline.bins(); ++b) {
    if (baseline.counts[b] > 0) then[place(baseline.means[b])] += baseline.counts[b] / baseline.count;
    if (window.counts[b] > 0) now[place(window.sums[b] / window.counts[b])] += window.counts[b] / window.count;
  }
  Json out{{"low", numberJson(low)}, {"high", numberJson(high)}, {"then", Json::array()}, {"now", Json::array()}};
  for (const double x : then) out["then"].push_back(share(x));
  for (const double x : now) out["now"].push_back(share(x));
  return out;
}

void addNumbers(Json& out, const NumberBaseline& baseline, const NumberCounts& window) {
  out["then"] = {{"mean", numberJson(baseline.mean)}, {"std", numberJson(baseline.std)}, {"min", numberJson(baseline.min)}, {"max", numberJson(baseline.max)},
                 {"median", numberJson(baseline.quantile(0.5))}};
  NumberBaseline as_baseline = baseline;
  as_baseline.counts = window.counts;
  as_baseline.count = window.count;
  as_baseline.min = window.min;
  as_baseline.max = window.max;
  out["now"] = {{"mean", numberJson(window.mean)}, {"std", numberJson(window.std)}, {"min", numberJson(window.min)}, {"max", numberJson(window.max)},
                {"median", numberJson(as_baseline.quantile(0.5))}};
  out["beyond"] = {{"then", share(baseline.beyond / baseline.count)}, {"now", share(window.beyond / window.count)}};
  out["bins"] = picture(baseline, window);
}

/// The levels whose share changed most, then the most frequent ones.
void addLevels(Json& out, const LevelBaseline& baseline, const LevelCounts& window) {
  std::vector<std::size_t> order(baseline.levels.size());
  for (std::size_t l = 0; l < order.size(); ++l) order[l] = l;
  const auto change = [&](std::size_t l) { return std::fabs(window.counts[l] / window.count - baseline.levels[l].count / baseline.count); };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return change(a) > change(b); });
  if (order.size() > picture_levels) order.resize(picture_levels);
  std::sort(order.begin(), order.end());
  out["levels"] = Json::array();
  for (const std::size_t l : order) {
    out["levels"].push_back({{"level", baseline.levels[l].level}, {"then", share(baseline.levels[l].count / baseline.count)}, {"now", share(window.counts[l] / window.count)}});
  }
  if (window.other > 0) out["others"] = share(window.other / window.count);
}

}  // namespace

Json numberJson(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  return value;
}

Json checkJson(const Check& check) {
  Json out{{"kind", check.kind}, {"name", check.name}, {"verdict", verdictText(check.verdict)}};
  if (!check.statistic.empty()) out["statistic"] = check.statistic;
  const auto add = [&](const char* member, const std::optional<double>& value) {
    if (value) out[member] = numberJson(*value);
  };
  add("value", check.value);
  add("p", check.p);
  add("effect", check.effect);
  add("threshold", check.threshold);
  out["n"] = check.n;
  add("n_baseline", check.n_baseline);
  if (!check.message.empty()) out["message"] = check.message;
  return out;
}

Json driftJson(const DriftEntry& entry) {
  const Judged& judged = entry.judged;
  Json out{{"name", entry.name}, {"role", roleText(entry.role)}};
  if (!entry.segment.empty()) out["segment"] = Json::parse(entry.segment, nullptr, false);
  out["verdict"] = verdictText(judged.verdict);
  if (judged.comparable) {
    out["statistic"] = statisticText(judged.comparison.statistic);
    out["value"] = numberJson(judged.comparison.value);
    out["effect"] = numberJson(judged.comparison.effect);
    out["p"] = judged.comparison.p;
    out["p_adjusted"] = judged.p_adjusted;
  }
  out["threshold"] = judged.least_effect;
  out["alpha"] = judged.alpha;
  out["n"] = entry.n;
  if (entry.baseline != nullptr) out["n_baseline"] = entry.baseline->rows;
  if (!entry.reason.empty()) out["reason"] = entry.reason;
  if (!judged.comparable || entry.baseline == nullptr) return out;
  const auto* numbers = std::get_if<NumberBaseline>(&entry.baseline->values);
  if (numbers != nullptr && entry.numbers) addNumbers(out, *numbers, *entry.numbers);
  const auto* levels = std::get_if<LevelBaseline>(&entry.baseline->values);
  if (levels != nullptr && entry.levels) addLevels(out, *levels, *entry.levels);
  return out;
}

}  // namespace cd4ml::monitor
