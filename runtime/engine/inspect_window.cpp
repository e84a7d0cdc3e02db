#include "runtime/engine/inspect_window.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "base/parallel.h"
#include "runtime/evaluate/slices.h"
#include "runtime/monitor/confirm.h"

namespace cd4ml::engine {

namespace {

using monitor::Role;

/// Families of comparisons that are adjusted together, of each drift item.
enum class Family : std::uint8_t { Columns, Prediction, Segments };
constexpr std::uint32_t families = 3;

bool isPrediction(Role role) { return role == Role::Prediction || role == Role::Probability; }

}  // namespace

/// One comparison to make.
struct WindowJudge::Target {
  std::size_t item = 0;  ///< of the monitor's drifts
  std::string name;
  Role role = Role::Feature;
  std::string segment;
  std::vector<std::int32_t> rows;  ///< of the segment
};

std::int64_t leastRows(const ir::Monitor& monitor) { return std::max<std::int64_t>(monitor.window_rows, static_cast<std::int64_t>(monitor::least_values)); }

std::vector<WindowJudge::Target> WindowJudge::targets(const std::vector<std::int32_t>& rows, std::size_t least) const {
  std::vector<Target> out;
  const std::vector<ir::Column>& columns = run_.node(subject_.rows).columns;
  for (std::size_t d = 0; d < monitor().drifts.size(); ++d) {
    const ir::Monitor::Drift& drift = monitor().drifts[d];
    // The segments: one of all rows, or those that `by` makes.
    std::vector<std::pair<std::string, std::vector<std::int32_t>>> segments;
    std::vector<evaluate::SliceColumn> slicing;
    for (const std::string& by : drift.by) {
      for (std::uint32_t slot = 0; slot < columns.size(); ++slot) {
        if (columns[slot].name == by && material_.column(slot).column) slicing.push_back({by, &*material_.column(slot).column});
      }
    }
    if (drift.by.empty()) segments.emplace_back("", rows);
    if (!drift.by.empty() && slicing.size() == drift.by.size()) {
      evaluate::Slices slices = evaluate::sliceRows(slicing, rows, static_cast<std::int64_t>(least));
      for (std::size_t s = 0; s < slices.keys.size(); ++s) {
        // Places among `rows` become rows.
        for (std::int32_t& place : slices.rows[s]) place = rows[static_cast<std::size_t>(place)];
        segments.emplace_back(std::move(slices.keys[s]), std::move(slices.rows[s]));
      }
    }
    const auto add = [&](const std::string& name, Role role) {
      for (const auto& [key, of_segment] : segments) out.push_back({.item = d, .name = name, .role = role, .segment = key, .rows = of_segment});
    };
    for (const std::string& name : drift.of) {
      const bool of_deploy = subject_.deploy.valid();
      if (of_deploy && name == "prediction") {
        add("prediction", Role::Prediction);
        if (material_.find("probability", Role::Probability) != nullptr) add("probability", Role::Probability);
      } else if (of_deploy && name == "features") {
        if (material_.model() == nullptr) add("features", Role::Feature);
        for (const Material::Item& item : material_.items()) {
          if (item.role == Role::Feature) add(item.name, Role::Feature);
        }
      } else {
        add(name, of_deploy && material_.find(name, Role::Feature) != nullptr ? Role::Feature : Role::Column);
      }
    }
  }
  return out;
}

monitor::Baseline WindowJudge::describe(const std::vector<std::int32_t>& rows) const {
  monitor::Baseline out{.rows = rows.size(), .sampled = 0, .predicted = "window", .series = {}};
  std::vector<std::int32_t> sample;
  for (const std::int32_t place : monitor::sampledRows(static_cast<std::int64_t>(rows.size()))) sample.push_back(rows[static_cast<std::size_t>(place)]);
  out.sampled = sample.size();
  std::deque<data::Column> kept;
  std::vector<monitor::SeriesInput> inputs;
  const auto add = [&](const Material::Item& item, const std::string& segment, const std::vector<std::int32_t>& of) {
    const bool known = std::any_of(inputs.begin(), inputs.end(), [&](const auto& i) { return i.role == item.role && i.name == item.name && i.segment == segment; });
    if (known) return;
    inputs.push_back({item.name, item.role, segment, kept.emplace_back(material_.on(item, of)).view()});
  };
  for (const Material::Item& item : material_.items()) {
    // Of columns of the rows' node those that are watched; of a deploy all that the model reads and says.
    if (item.role != Role::Column || !subject_.deploy.valid()) add(item, "", sample);
  }
  for (const Target& target : targets(sample, static_cast<std::size_t>(monitor::least_values))) {
    if (const Material::Item* item = material_.find(target.name, target.role)) add(*item, target.segment, target.rows);
  }
  out.series = monitor::describeSeries(inputs, run_.threads());
  return out;
}

monitor::DriftEntry WindowJudge::compare(const Target& target, const std::vector<std::int32_t>& rows, const Reference& reference) const {
  const ir::Monitor::Drift& drift = monitor().drifts[target.item];
  monitor::DriftEntry out{.name = target.name, .role = target.role, .segment = target.segment};
  const Family family = !target.segment.empty() ? Family::Segments : isPrediction(target.role) ? Family::Prediction : Family::Columns;
  out.judged.family = static_cast<std::uint32_t>(target.item) * families + static_cast<std::uint32_t>(family);
  out.judged.alpha = drift.alpha;
  out.judged.least_effect = drift.effect;
  out.judged.comparable = false;
  const auto insufficient = [&](std::string reason) {
    out.reason = std::move(reason);
    return out;
  };
  const Material::Item* item = material_.find(target.name, target.role);
  if (item == nullptr) {
    if (target.role != Role::Column) return insufficient(material_.noModel());
    const std::vector<ir::Column>& columns = run_.node(subject_.rows).columns;
    for (std::uint32_t slot = 0; slot < columns.size(); ++slot) {
      if (columns[slot].name == target.name) return insufficient(columns[slot].has(ir::Role::Pii) ? "it is personal" : material_.column(slot).reason);
    }
    return insufficient("it is not among the rows");
  }
  const data::Column column = material_.on(*item, target.segment.empty() ? rows : target.rows);
  out.n = static_cast<double>(column.rows);
  if (reference.baseline == nullptr) return insufficient(reference.reason);
  out.baseline = reference.baseline->find(target.name, target.role, target.segment);
  if (out.baseline == nullptr) return insufficient(target.segment.empty() ? "the baseline does not have it" : "the baseline has too few rows of the segment");
  const score::ColumnView view = column.view();
  const auto statistic = monitor::statisticOf(drift.stat);
  const std::string few = fmt::format("fewer than {} values", monitor::least_values);
  if (const auto* numbers = std::get_if<monitor::NumberBaseline>(&out.baseline->values); numbers != nullptr && monitor::isNumber(view.kind)) {
    out.numbers = monitor::countNumbers(view, *numbers);
    if (std::min(out.numbers->count, numbers->count) < monitor::least_values) return insufficient(few);
    out.judged.comparison = monitor::compareNumbers(*numbers, *out.numbers, statistic);
  } else if (const auto* levels = std::get_if<monitor::LevelBaseline>(&out.baseline->values); levels != nullptr && monitor::isLevels(view.kind)) {
    out.levels = monitor::countLevels(view, *levels);
    if (std::min(out.levels->count, levels->count) < monitor::least_values) return insufficient(few);
    out.judged.comparison = monitor::compareLevels(*levels, *out.levels, statistic);
  } else {
    return insufficient("it holds neither numbers nor categories");
  }
  out.judged.comparable = true;
  return out;
}

std::vector<monitor::DriftEntry> WindowJudge::drift(const monitor::Window& window, const Reference& reference) const {
  const std::vector<Target> wanted = targets(window.rows, static_cast<std::size_t>(monitor::least_values));
  std::vector<monitor::DriftEntry> entries(wanted.size());
  parallelFor(run_.threads(), wanted.size(), [&](std::size_t i) { entries[i] = compare(wanted[i], window.rows, reference); });
  std::vector<monitor::Doubt> doubts;
  for (monitor::DriftEntry& entry : entries) {
    if (!entry.judged.comparable || !entry.numbers) continue;
    const auto& numbers = std::get<monitor::NumberBaseline>(entry.baseline->values);
    if (monitor::isDoubtful(numbers, entry.judged.comparison, entry.judged.least_effect)) doubts.push_back({&numbers, &*entry.numbers, &entry.judged.comparison});
  }
  monitor::confirm(doubts, run_.threads());
  std::vector<monitor::Judged> judged;
  for (const monitor::DriftEntry& entry : entries) judged.push_back(entry.judged);
  monitor::judgeTogether(judged);
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i].judged = judged[i];
  return entries;
}

}  // namespace cd4ml::engine
