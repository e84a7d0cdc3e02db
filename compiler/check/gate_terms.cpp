#include "compiler/check/gate_terms.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/check/builtin_tables.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using syntax::ExprKind;

std::optional<ir::GateTerm::Over> overOf(std::string_view word) {
  if (word == "worst") return ir::GateTerm::Over::Worst;
  if (word == "gap") return ir::GateTerm::Over::Gap;
  if (word == "ratio") return ir::GateTerm::Over::Ratio;
  return std::nullopt;
}

}  // namespace

std::optional<ir::GateSide> GateTerms::side(syntax::ExprId expr) {
  ir::GateSide side;
  if (!expr.valid() || !add(expr, 1, side)) return std::nullopt;
  return side;
}

const ir::Evaluate* GateTerms::evaluate(std::uint32_t index) const {
  if (index >= gate_.evaluates.size() || !gate_.evaluates[index].valid()) return nullptr;
  return &std::get<ir::Evaluate>(context_.pipeline[gate_.evaluates[index]].body);
}

/// Literals and params, and what arithmetic makes of them.
bool GateTerms::isConstant(syntax::ExprId id) const {
  const syntax::Expr& expr = context_.tree[id];
  switch (expr.kind) {
    case ExprKind::Int:
    case ExprKind::Float:
    case ExprKind::Percent:
    case ExprKind::Quantity:
      return true;
    case ExprKind::Reference:
      return context_.environment.params.contains(context_.tree.qualified(expr.name));
    case ExprKind::Parenthesised:
    case ExprKind::Unary:
    case ExprKind::Binary:
      return std::all_of(expr.operands.begin(), expr.operands.end(), [this](syntax::ExprId each) { return isConstant(each); });
    case ExprKind::Member:
      return context_.tree[expr.operands[0]].kind == ExprKind::Reference && context_.tree[expr.operands[0]].name.text == "param";
    case ExprKind::Error:
    case ExprKind::Bool:
    case ExprKind::Null:
    case ExprKind::Text:
    case ExprKind::Date:
    case ExprKind::Timestamp:
    case ExprKind::Call:
    case ExprKind::IsNull:
    case ExprKind::IsNotNull:
    case ExprKind::In:
    case ExprKind::NotIn:
    case ExprKind::Range:
    case ExprKind::If:
    case ExprKind::Match:
    case ExprKind::Inlined:
    case ExprKind::Parameter:
    case ExprKind::Over:
    case ExprKind::List:
    case ExprKind::Set:
    case ExprKind::Record:
      return false;
  }
  return false;
}

bool GateTerms::add(syntax::ExprId id, double factor, ir::GateSide& side) {
  const syntax::Expr& expr = context_.tree[id];
  if (isConstant(id)) return addConstant(id, factor, side);
  switch (expr.kind) {
    case ExprKind::Error:
      return false;
    case ExprKind::Parenthesised:
      return add(expr.operands[0], factor, side);
    case ExprKind::Unary:
      return expr.op == syntax::Operator::Negate ? add(expr.operands[0], -factor, side) : reportNoSum(expr.span);
    case ExprKind::Binary:
      return addBinary(expr, factor, side);
    case ExprKind::Reference:
      return addMetric(expr.name, expr.span, {}, factor, side);
    case ExprKind::Member:
      return addMember(expr, factor, side);
    case ExprKind::Call:
      return addCall(expr, factor, side);
    case ExprKind::Int:
    case ExprKind::Float:
    case ExprKind::Bool:
    case ExprKind::Null:
    case ExprKind::Text:
    case ExprKind::Percent:
    case ExprKind::Quantity:
    case ExprKind::Date:
    case ExprKind::Timestamp:
    case ExprKind::IsNull:
    case ExprKind::IsNotNull:
    case ExprKind::In:
    case ExprKind::NotIn:
    case ExprKind::Range:
    case ExprKind::If:
    case ExprKind::Match:
    case ExprKind::Inlined:
    case ExprKind::Parameter:
    case ExprKind::Over:
    case ExprKind::List:
    case ExprKind::Set:
    case ExprKind::Record:
      return reportNoSum(expr.span);
  }
  return false;
}

bool GateTerms::addBinary(const syntax::Expr& expr, double factor, ir::GateSide& side) {
  const syntax::ExprId left = expr.operands[0];
  const syntax::ExprId right = expr.operands[1];
  const auto plainNumber = [this](syntax::ExprId id) { return context_.expressions.constantNumber(id); };
  if (expr.op == syntax::Operator::Add) {
    const bool left_ok = add(left, factor, side);
    return add(right, factor, side) && left_ok;
  }
  if (expr.op == syntax::Operator::Subtract) {
    const bool left_ok = add(left, factor, side);
    return add(right, -factor, side) && left_ok;
  }
  if (expr.op == syntax::Operator::Multiply && (isConstant(left) || isConstant(right))) {
    const std::optional<double> number = plainNumber(isConstant(left) ? left : right);
    return number && add(isConstant(left) ? right : left, factor * *number, side);
  }
  if (expr.op == syntax::Operator::Divide && isConstant(right)) {
    const std::optional<double> number = plainNumber(right);
    return number && add(left, factor / *number, side);
  }
  return reportNoSum(expr.span);
}

bool GateTerms::addConstant(syntax::ExprId expr, double factor, ir::GateSide& side) {
  const Constant constant = context_.expressions.constant(expr);
  if (!constant.ok()) return false;
  ir::GateTerm term{.kind = ir::GateTerm::Kind::Constant};
  if (const auto* whole = std::get_if<std::int64_t>(&constant.value.value)) {
    term.constant = static_cast<double>(*whole);
  } else if (const auto* real = std::get_if<double>(&constant.value.value)) {
    term.constant = *real;
  } else {
    return reportNoSum(context_.span(expr));
  }
  const bool is_duration = constant.type.kind == ir::Kind::Duration;
  constants_.push_back({is_duration ? "us" : constant.type.unit, context_.span(expr)});
  side.terms.emplace_back(factor, term);
  return true;
}

namespace {

/// The deviance of the normal distribution: a squared error.
bool hasPowerZero(const ir::Metric& metric) {
  for (const ir::Option& option : metric.options) {
    const auto* power = std::get_if<double>(&option.value.value);
    if (option.name == "power" && power != nullptr) return *power == 0;
  }
  return false;
}

}  // namespace

std::string GateTerms::unitOf(const ir::GateTerm& term) const {
  if (term.kind == ir::GateTerm::Kind::Size) return "kB";
  if (term.kind == ir::GateTerm::Kind::Latency) return "ms";
  const ir::Evaluate* listed = term.kind == ir::GateTerm::Kind::Metric ? evaluate(term.evaluate) : nullptr;
  if (listed == nullptr || term.over == Over::Ratio) return {};
  const ir::Metric& metric = listed->metrics[term.metric];
  if (metric.metric.empty()) return listed->graph[metric.expression].type.unit;
  const std::string& target = context_.body<ir::Model>(listed->model).target_type.unit;
  const auto is = [&](std::string_view name) { return metric.metric == name; };
  if (is("mse") || (is("deviance") && hasPowerZero(metric))) return multiplyUnits(target, target);
  const bool is_like_target = is("rmse") || is("mae") || is("medae") || is("bias") || is("pinball");
  return is_like_target ? target : std::string{};
}

bool GateTerms::matchUnits(ir::GateSide& left, ir::GateSide& right, Span span) {
  if (open_) return true;
  for (const ir::NodeId node : gate_.evaluates) {
    if (context_.body<ir::Model>(context_.body<ir::Evaluate>(node).model).target_type.isError()) return true;
  }
  std::optional<std::string> unit;
  for (const ir::GateSide* side : {&left, &right}) {
    for (const auto& [factor, term] : side->terms) {
      if (term.kind == ir::GateTerm::Kind::Constant) continue;
      const std::string own = unitOf(term);
      if (!unit) unit = own;
      if (own == *unit) continue;
      context_.report(Code::UnitMismatch, span, fmt::format("a gate compares values of one unit, these are `{}` and `{}`", unit->empty() ? "1" : *unit, own.empty() ? "1" : own));
      return false;
    }
  }
  std::size_t next = 0;
  bool all_fit = true;
  for (ir::GateSide* side : {&left, &right}) {
    for (auto& [factor, term] : side->terms) {
      if (term.kind != ir::GateTerm::Kind::Constant) continue;
      const Written& written = constants_[next++];
      all_fit = matchUnit(term.constant, written.unit, unit.value_or(std::string{}), written.span) && all_fit;
    }
  }
  return all_fit;
}

bool GateTerms::matchUnit(double& value, const std::string& from, const std::string& to, Span span) {
  if (from == to || value == 0) return true;
  const std::optional<UnitRatio> ratio = from.empty() || to.empty() ? std::nullopt : ratioBetween(from, to);
  if (ratio) {
    value = value * static_cast<double>(ratio->numerator) / static_cast<double>(ratio->denominator);
    return true;
  }
  diag::Diagnostic& diagnostic = context_.report(
      Code::UnitMismatch, span, to.empty() ? fmt::format("the metric is a plain number, the limit is in `{}`", from)
                                           : fmt::format("the metric is in `{}`, the limit is {}", to, from.empty() ? "a plain number" : "in `" + from + "`"));
  if (!to.empty()) diagnostic.help.push_back(fmt::format("write the limit in its unit: `5{}`", to));
  return false;
}

bool GateTerms::addCall(const syntax::Expr& call, double factor, ir::GateSide& side) {
  if (const std::optional<Over> over = overOf(call.name.text)) return addSlices(call, *over, factor, side);
  if (call.name.text == "latency") return addLatency(call, factor, side);
  if (findMetric(call.name.text) != nullptr) {
    context_.report(Code::GateCondition, call.span, fmt::format("a gate names a metric as the evaluate lists it, `{}` has options here", call.name.text))
        .help.push_back(fmt::format("name it in the evaluate: `my_{} = {}`, and require `my_{}`", call.name.text, context_.sources.text(call.span), call.name.text));
    return false;
  }
  return reportNoSum(call.span);
}

/// `latency(p: 99)`, `champion.latency(p: 99)`.
bool GateTerms::addLatency(const syntax::Expr& call, double factor, ir::GateSide& side) {
  Place place;
  if (!call.operands.empty()) {
    const std::optional<Place> outer = placeOf(call.operands[0]);
    if (!outer) return false;
    place = *outer;
  }
  ir::GateTerm term{.kind = ir::GateTerm::Kind::Latency, .subject = place.subject, .evaluate = place.evaluate, .percentile = 0};
  for (const syntax::Argument& argument : call.arguments) {
    if (!argument.name || argument.name->text != "p") {
      context_.report(Code::WrongArguments, context_.span(argument.value), "`latency` takes `p` only").help.emplace_back("write `latency(p: 99)`");
      return false;
    }
    const std::optional<double> p = context_.expressions.constantNumber(argument.value);
    if (!p) return false;
    term.percentile = *p;
  }
  if (term.percentile > 0 && term.percentile <= 100) {
    side.terms.emplace_back(factor, term);
    return true;
  }
  if (call.arguments.empty()) {
    context_.report(Code::MissingArgument, call.span, "`latency` needs the share of the rows it is for").help.emplace_back("write `latency(p: 99)`");
  } else {
    context_.report(Code::OutOfRange, call.span, "`p` of `latency` is a percentile, above 0 and up to 100").help.emplace_back("write `latency(p: 99)`");
  }
  return false;
}

std::optional<std::uint32_t> GateTerms::evaluateNamed(std::string_view name) const {
  for (std::uint32_t i = 0; i < gate_.evaluates.size(); ++i) {
    if (gate_.evaluates[i].valid() && context_.pipeline[gate_.evaluates[i]].name == name) return i;
  }
  return std::nullopt;
}

/// `champion`, `quality`, `champion.quality`, `quality.champion`; an evaluate of a module is `s.quality`.
std::optional<GateTerms::Place> GateTerms::placeOf(syntax::ExprId id) {
  std::vector<syntax::Name> names;
  for (; context_.tree[id].kind == ExprKind::Member; id = context_.tree[id].operands[0]) names.insert(names.begin(), context_.tree[id].name);
  if (context_.tree[id].kind != ExprKind::Reference) {
    reportNoSum(context_.span(id));
    return std::nullopt;
  }
  names.insert(names.begin(), context_.tree[id].name);
  Place place;
  for (const auto end : {names.begin(), names.end() - 1}) {
    if (end->text != "champion") continue;
    place.subject = Subject::Champion;
    names.erase(end);
    break;
  }
  if (names.empty()) return place;
  std::string written;
  for (const syntax::Name& name : names) written += (written.empty() ? "" : ".") + name.text;
  if (const std::optional<std::uint32_t> index = evaluateNamed(context_.tree.qualified(names[0].span.file, written))) {
    place.evaluate = *index;
    return place;
  }
  if (open_) return std::nullopt;
  std::vector<std::string> known{"champion"};
  for (const ir::NodeId each : gate_.evaluates) known.push_back(context_.pipeline[each].name);
  const Span span{names.front().span.file, names.front().span.begin, names.back().span.end};
  diag::Diagnostic& diagnostic = context_.report(Code::UnknownName, span, fmt::format("this gate is not on `{}`", written));
  addCandidates(diagnostic, span, written, known);
  return std::nullopt;
}

bool GateTerms::addMember(const syntax::Expr& expr, double factor, ir::GateSide& side) {
  const std::optional<Place> place = placeOf(expr.operands[0]);
  return place && addMetric(expr.name, expr.span, *place, factor, side);
}

bool GateTerms::addMetric(const syntax::Name& name, Span span, Place place, double factor, ir::GateSide& side) {
  if (name.text == "champion" || evaluateNamed(context_.tree.qualified(name))) {
    context_.report(Code::GateCondition, span, fmt::format("`{}` has several metrics, a gate compares one", context_.sources.text(span)))
        .help.push_back(fmt::format("write `{}.METRIC`", context_.sources.text(span)));
    return false;
  }
  const ir::Evaluate* listed = evaluate(place.evaluate);
  if (listed == nullptr) return false;
  std::optional<std::uint32_t> found;
  for (std::uint32_t i = 0; i < listed->metrics.size(); ++i) {
    const ir::Metric& metric = listed->metrics[i];
    if (metric.name == name.text && (!found || (metric.by.empty() && !metric.by_class))) found = i;
  }
  ir::GateTerm term{.kind = ir::GateTerm::Kind::Metric, .subject = place.subject, .evaluate = place.evaluate};
  if (found) {
    term.metric = *found;
    const MetricRow* row = findMetric(listed->metrics[*found].metric);
    if (row != nullptr && row->direction == Direction::Table) {
      context_.report(Code::MetricNotANumber, span, fmt::format("`{}` is a table, a gate compares numbers", name.text))
          .labels.push_back({listed->metrics[*found].span, "listed here"});
      return false;
    }
  } else if (name.text == "rows") {
    term.kind = ir::GateTerm::Kind::Rows;
  } else if (name.text == "size") {
    term.kind = ir::GateTerm::Kind::Size;
  } else if (name.text == "latency") {
    context_.report(Code::MissingArgument, span, "`latency` needs the share of the rows it is for").help.emplace_back("write `latency(p: 99)`");
    return false;
  } else {
    return reportNotListed(name, span, place.evaluate);
  }
  side.terms.emplace_back(factor, term);
  return true;
}

bool GateTerms::reportNotListed(const syntax::Name& name, Span span, std::uint32_t index) {
  const ir::NodeId node = gate_.evaluates[index];
  if (open_ || context_.factsOf(node).open) return false;
  const ir::Node& evaluate_node = context_.pipeline[node];
  diag::Diagnostic& diagnostic = context_.report(Code::MetricNotListed, span, fmt::format("`{}` does not list `{}`", evaluate_node.name, name.text));
  diagnostic.labels.push_back({evaluate_node.name_span, "the evaluate"});
  if (findMetric(name.text) != nullptr) {
    diagnostic.help.push_back(fmt::format("add `{}` to `{}`", name.text, evaluate_node.name));
    return false;
  }
  std::vector<std::string> known;
  for (const ir::Metric& metric : evaluate(index)->metrics) {
    if (std::find(known.begin(), known.end(), metric.name) == known.end()) known.push_back(metric.name);
  }
  addCandidates(diagnostic, name.span, name.text, known);
  return false;
}

bool GateTerms::reportNoSum(Span span) {
  context_.report(Code::GateCondition, span, fmt::format("a gate compares sums of metrics and numbers, `{}` is none", context_.sources.text(span)))
      .help.emplace_back("compute it in the evaluate, `name = …`, and require `name`");
  return false;
}

}  // namespace cd4ml::check
