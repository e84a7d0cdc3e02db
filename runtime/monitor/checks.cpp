#include "runtime/monitor/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/monitor/proportions.h"

namespace cd4ml::monitor {

Check checkMissing(const Series& baseline, double nulls, double not_finite, double rows) {
  const double before = baseline.nulls + baseline.not_finite;
  const ShareTest test = compareShares(before, baseline.rows, nulls + not_finite, rows);
  Check out{.kind = "missing", .name = baseline.name, .statistic = "share", .value = rows > 0 ? (nulls + not_finite) / rows : 0.0, .p = test.p,
            .effect = test.difference, .threshold = missing_points, .n = rows, .n_baseline = baseline.rows};
  if (rows < least_values) {
    out.verdict = Verdict::Insufficient;
  } else if (test.difference >= missing_points && test.p < missing_chance) {
    out.verdict = Verdict::Alarm;
    out.message = fmt::format("{:.1f} % of `{}` is missing, {:.1f} % in the baseline", 100 * *out.value, baseline.name,
                              baseline.rows > 0 ? 100 * before / baseline.rows : 0.0);
  }
  return out;
}

Check checkBroken(std::string kind, std::string name, double broken, double rows, double granted, std::string message) {
  Check out{.kind = std::move(kind), .name = std::move(name), .statistic = "share", .value = rows > 0 ? broken / rows : 0.0, .threshold = granted, .n = rows};
  const double beyond = *out.value - granted;
  out.effect = std::max(0.0, beyond);
  if (broken <= 0 || beyond <= 1e-12) return out;
  out.verdict = beyond > broken_share ? Verdict::Alarm : Verdict::Warn;
  out.message = fmt::format("{} in {} of {} rows", message, broken, rows);
  return out;
}

std::optional<Check> checkUnseen(const Series& baseline, const LevelCounts& window) {
  const auto* levels = std::get_if<LevelBaseline>(&baseline.values);
  // Where levels were left out nobody can tell a new one from a rare one.
  if (levels == nullptr || levels->distinct > levels->levels.size() || window.count < least_values) return std::nullopt;
  Check out{.kind = "range", .name = baseline.name, .statistic = "share", .value = window.other / window.count, .effect = window.other / window.count,
            .threshold = unseen_share, .n = window.count, .n_baseline = levels->count};
  if (*out.value <= unseen_share) return out;
  out.verdict = Verdict::Warn;
  std::string names;
  for (std::size_t i = 0; i < window.others.size() && i < 3; ++i) names += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", window.others[i].level);
  out.message = fmt::format("{:.1f} % of `{}` are levels that the baseline does not have: {}", 100 * *out.value, baseline.name, names);
  return out;
}

Check checkVolume(double rows, std::vector<double> earlier) {
  Check out{.kind = "volume", .name = "rows", .statistic = "rows", .value = rows, .n = rows};
  if (earlier.size() < 3) {
    out.verdict = Verdict::Insufficient;
    out.message = "fewer than three earlier windows";
    return out;
  }
  std::sort(earlier.begin(), earlier.end());
  const double usual = earlier[earlier.size() / 2];
  out.n_baseline = static_cast<double>(earlier.size());
  out.threshold = usual;
  if (usual <= 0) return out;
  out.effect = rows / usual;
  if (*out.effect >= 0.5 && *out.effect <= 2) return out;
  out.verdict = *out.effect < 0.1 ? Verdict::Alarm : Verdict::Warn;
  out.message = fmt::format("{} rows, {} in the windows before (median)", rows, usual);
  return out;
}

}  // namespace cd4ml::monitor
