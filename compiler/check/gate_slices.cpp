// Terms over slices: `worst M by C`, and checks that are judged in each slice.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/check/gate_terms.h"

namespace cd4ml::check {

using diag::Code;
using syntax::ExprKind;

bool GateTerms::isListedBy(const ir::Evaluate& listed, const ir::Metric& metric, const std::vector<std::string>& by) const {
  // What the evaluate rests on may be wrong, which has been reported: then nothing is known to be listed.
  if (!listed.model.valid()) return false;
  const ir::NodeId node = context_.body<ir::Model>(listed.model).features;
  if (!node.valid()) return false;
  const auto& features = context_.body<ir::Features>(node);
  if (!features.from.valid()) return false;
  const std::vector<ir::Column>& columns = context_.pipeline[features.from].columns;
  std::vector<std::string> names;
  for (const std::uint32_t slot : metric.by) names.push_back(slot < columns.size() ? columns[slot].name : std::string());
  if (metric.by_class) names.emplace_back("class");
  return std::is_permutation(by.begin(), by.end(), names.begin(), names.end());
}

bool GateTerms::eachSlice(ir::GateSide& side, const syntax::Name& column) {
  for (auto& [factor, term] : side.terms) {
    if (term.kind != ir::GateTerm::Kind::Metric) continue;
    const ir::Evaluate& listed = *evaluate(term.evaluate);
    const std::string name = listed.metrics[term.metric].name;
    if (term.over != Over::Whole) {
      context_.report(Code::GateCondition, column.span, fmt::format("`for … of {}` judges each slice by itself, `worst`, `gap` and `ratio` make one number of them", column.text))
          .help.push_back(fmt::format("name the metric alone: `{} … for 90% of {}`", name, column.text));
      return false;
    }
    bool found = false;
    for (std::uint32_t i = 0; i < listed.metrics.size() && !found; ++i) {
      if (listed.metrics[i].name != name || !isListedBy(listed, listed.metrics[i], {column.text})) continue;
      term.metric = i;
      term.over = Over::Each;
      found = true;
    }
    if (found) continue;
    const ir::NodeId node = gate_.evaluates[term.evaluate];
    if (open_ || context_.factsOf(node).open) return false;
    diag::Diagnostic& diagnostic =
        context_.report(Code::SliceNotListed, column.span, fmt::format("`{}` does not list `{}` by {}", context_.pipeline[node].name, name, column.text));
    diagnostic.labels.push_back({context_.pipeline[node].name_span, "the evaluate"});
    diagnostic.help.push_back(fmt::format("add `{} by {}` to it", name, column.text));
    return false;
  }
  return true;
}

/// `worst M by C, D`: a metric that the evaluate lists by just these columns.
bool GateTerms::addSlices(const syntax::Expr& call, Over over, double factor, ir::GateSide& side) {
  std::vector<std::string> by;
  syntax::ExprId metric;
  for (const syntax::Argument& argument : call.arguments) {
    if (argument.name && argument.name->text == "by") {
      by.push_back(context_.tree[argument.value].name.text);
    } else if (!metric.valid()) {
      metric = argument.value;
    }
  }
  if (!metric.valid() || by.empty()) return reportNoSum(call.span);
  const syntax::Expr& named = context_.tree[metric];
  Place place;
  if (named.kind == ExprKind::Member) {
    const std::optional<Place> outer = placeOf(named.operands[0]);
    if (!outer) return false;
    place = *outer;
  } else if (named.kind != ExprKind::Reference) {
    return reportNoSum(named.span);
  }
  const ir::Evaluate* listed = evaluate(place.evaluate);
  if (listed == nullptr) return false;
  const ir::NodeId node = gate_.evaluates[place.evaluate];
  if (!listed->model.valid() || !context_.body<ir::Model>(listed->model).features.valid()) return false;
  const auto& model = context_.body<ir::Model>(listed->model);
  const auto& features = context_.body<ir::Features>(model.features);
  if (!features.from.valid()) return false;
  const std::vector<ir::Column>& columns = context_.pipeline[features.from].columns;
  bool knows_metric = false;
  for (std::uint32_t i = 0; i < listed->metrics.size(); ++i) {
    const ir::Metric& each = listed->metrics[i];
    if (each.name != named.name.text) continue;
    knows_metric = true;
    std::vector<std::string> listed_by;
    for (const std::uint32_t slot : each.by) listed_by.push_back(columns[slot].name);
    if (each.by_class) listed_by.emplace_back("class");
    if (!std::is_permutation(by.begin(), by.end(), listed_by.begin(), listed_by.end())) continue;
    const MetricRow* row = findMetric(each.metric);
    const bool has_direction = row != nullptr && (row->direction == Direction::Higher || row->direction == Direction::Lower);
    if (over == Over::Worst && !has_direction) {
      context_.report(Code::NoDirection, call.span, fmt::format("`{}` has no better and worse, so there is no worst", each.name))
          .help.emplace_back("`gap` and `ratio` compare the slices without a direction");
      return false;
    }
    side.terms.emplace_back(factor, ir::GateTerm{.kind = ir::GateTerm::Kind::Metric, .subject = place.subject, .over = over, .evaluate = place.evaluate, .metric = i});
    return true;
  }
  if (!knows_metric) return reportNotListed(named.name, named.span, place.evaluate);
  if (open_ || context_.factsOf(node).open) return false;
  diag::Diagnostic& diagnostic = context_.report(Code::SliceNotListed, call.span, fmt::format("`{}` does not list `{}` by {}", context_.pipeline[node].name, named.name.text, fmt::join(by, ", ")));
  diagnostic.labels.push_back({context_.pipeline[node].name_span, "the evaluate"});
  diagnostic.help.push_back(fmt::format("add `{} by {}` to it", named.name.text, fmt::join(by, ", ")));
  return false;
}

}  // namespace cd4ml::check
