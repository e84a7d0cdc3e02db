#include "runtime/evaluate/evaluate.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "runtime/evaluate/expression.h"
#include "runtime/evaluate/metrics.h"
#include "runtime/evaluate/slices.h"
#include "runtime/score/json_text.h"

namespace cd4ml::evaluate {

namespace {

using score::jsonNumber;
using score::jsonString;

std::string tableText(const Confusion& table, const std::vector<std::string>& classes) {
  std::string text = "{\"classes\":[";
  for (std::size_t c = 0; c < classes.size(); ++c) text += (c == 0 ? "" : ",") + jsonString(classes[c]);
  text += "],\"rows\":[";
  for (std::size_t a = 0; a < table.classes; ++a) {
    text += a == 0 ? "[" : ",[";
    for (std::size_t p = 0; p < table.classes; ++p) text += (p == 0 ? "" : ",") + jsonNumber(table.at(a, p));
    text += "]";
  }
  return text + "]}";
}

std::string valueText(const MetricValue& value, const std::vector<std::string>& classes) {
  std::string text = "\"value\":" + (value.value ? jsonNumber(*value.value) : "null");
  if (!value.reason.empty()) text += ",\"reason\":" + jsonString(value.reason);
  if (value.table) text += ",\"table\":" + tableText(*value.table, classes);
  return text;
}

/// The evaluation of one request: rows that have a target, and their outcomes.
class Evaluation {
 public:
  Evaluation(const EvaluateRequest& request, std::vector<std::int32_t> rows, Outcomes outcomes)
      : request_(request), rows_(std::move(rows)), outcomes_(std::move(outcomes)) {}

  Result<std::string> metricText(const ir::Metric& metric) {
    std::string text = fmt::format("{{\"name\":{},\"metric\":{},", jsonString(metric.name), jsonString(metric.metric));
    if (metric.by_class) return text + classesText(metric) + "}";
    CD4ML_TRY(const std::vector<MetricValue> whole, valuesOf(metric, {everything()}));
    text += valueText(whole[0], outcomes_.classes) + fmt::format(",\"rows\":{}", rows_.size());
    if (!metric.by.empty()) {
      CD4ML_TRY(const std::string slices, slicesText(metric));
      text += ",\"slices\":[" + slices + "]";
    }
    return text + "}";
  }

 private:
  [[nodiscard]] std::vector<std::int32_t> everything() const {
    std::vector<std::int32_t> all(rows_.size());
    std::iota(all.begin(), all.end(), 0);
    return all;
  }

  /// One value a group of places in `rows_`.
  Result<std::vector<MetricValue>> valuesOf(const ir::Metric& metric, const std::vector<std::vector<std::int32_t>>& groups) {
    if (metric.metric.empty()) return computeExpression(request_, metric, rows_, groups);
    std::vector<MetricValue> values;
    if (groups.size() == 1 && groups[0].size() == rows_.size()) {
      values.push_back(computeMetric(metric, outcomes_));
      return values;
    }
    std::vector<std::vector<std::int32_t>> orders = sortedPlaces(groups);
    for (std::size_t g = 0; g < groups.size(); ++g) {
      Outcomes part = select(outcomes_, groups[g], std::move(orders[g]));
      values.push_back(computeMetric(metric, part));
    }
    return values;
  }

  /// Where rows are sorted by score already, each group's rows in that order: sorting once serves all slices.
  [[nodiscard]] std::vector<std::vector<std::int32_t>> sortedPlaces(const std::vector<std::vector<std::int32_t>>& groups) const {
    std::vector<std::vector<std::int32_t>> orders(groups.size());
    if (outcomes_.by_score.empty()) return orders;
    std::vector<std::int32_t> group_of(rows_.size(), -1);
    std::vector<std::int32_t> place_of(rows_.size(), 0);
    for (std::size_t g = 0; g < groups.size(); ++g) {
      for (std::size_t k = 0; k < groups[g].size(); ++k) {
        group_of[static_cast<std::size_t>(groups[g][k])] = static_cast<std::int32_t>(g);
        place_of[static_cast<std::size_t>(groups[g][k])] = static_cast<std::int32_t>(k);
      }
    }
    for (const std::uint32_t row : outcomes_.by_score) {
      if (group_of[row] >= 0) orders[static_cast<std::size_t>(group_of[row])].push_back(place_of[row]);
    }
    return orders;
  }

  /// The mean over the classes, and each class that has enough rows.
  [[nodiscard]] std::string classesText(const ir::Metric& metric) const {
    const std::vector<std::string>& classes = outcomes_.classes;
    const bool nothing = outcomes_.rows() == 0;
    const ClassValues by_class = nothing ? ClassValues{} : computeByClass(metric, outcomes_);
    std::string text = valueText(nothing ? undefined("no rows") : meanOfClasses(by_class), classes);
    text += fmt::format(",\"rows\":{},\"slices\":[", rows_.size());
    bool first = true;
    for (std::size_t c = 0; c < by_class.values.size(); ++c) {
      if (by_class.rows[c] < metric.min_rows) continue;
      text += fmt::format("{}{{\"by\":{},{},\"rows\":{}}}", first ? "" : ",", classKey(outcomes_, c), valueText(by_class.values[c], {}), by_class.rows[c]);
      first = false;
    }
    return text + "]";
  }

  Result<std::string> slicesText(const ir::Metric& metric) {
    std::vector<SliceColumn> columns;
    for (const std::uint32_t slot : metric.by) columns.push_back({request_.column_names[slot], &request_.columns[slot]});
    const Slices slices = sliceRows(columns, rows_, metric.min_rows);
    if (slices.keys.empty()) return std::string{};
    CD4ML_TRY(const std::vector<MetricValue> values, valuesOf(metric, slices.rows));
    std::string text;
    for (std::size_t s = 0; s < slices.keys.size(); ++s) {
      text += (s == 0 ? "{\"by\":" : ",{\"by\":") + slices.keys[s] + "," + valueText(values[s], outcomes_.classes) +
              fmt::format(",\"rows\":{}}}", slices.rows[s].size());
    }
    return text;
  }

  const EvaluateRequest& request_;
  std::vector<std::int32_t> rows_;
  Outcomes outcomes_;
};

}  // namespace

std::vector<std::uint32_t> columnsRead(const ir::Evaluate& node) {
  std::vector<std::uint32_t> slots;
  std::vector<bool> needed(node.graph.values.size(), false);
  for (const ir::Metric& metric : node.metrics) {
    slots.insert(slots.end(), metric.by.begin(), metric.by.end());
    if (metric.expression.valid()) needed[metric.expression.index] = true;
  }
  for (std::size_t v = needed.size(); v-- > 0;) {
    if (!needed[v]) continue;
    const ir::Value& value = node.graph.values[v];
    if (value.op == ir::Op::Input) slots.push_back(value.slot);
    for (const ir::ValueId arg : value.args) needed[arg.index] = true;
  }
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  return slots;
}

Result<std::string> evaluate(const EvaluateRequest& request) {
  CD4ML_CHECK(request.predictions->rows == request.rows);
  std::vector<std::int32_t> rows = labelledRows(request);
  const std::size_t unlabelled = static_cast<std::size_t>(request.rows) - rows.size();
  CD4ML_TRY(Outcomes outcomes, outcomesOf(request, rows));
  const std::size_t count = rows.size();
  Evaluation evaluation(request, std::move(rows), std::move(outcomes));
  std::string text = fmt::format("{{\"rows\":{}", count);
  if (unlabelled > 0) text += fmt::format(",\"without_target\":{}", unlabelled);
  text += ",\"metrics\":[";
  for (std::size_t m = 0; m < request.node->metrics.size(); ++m) {
    CD4ML_TRY(const std::string metric, evaluation.metricText(request.node->metrics[m]));
    text += (m == 0 ? "" : ",") + metric;
  }
  return text + "]}";
}

}  // namespace cd4ml::evaluate
