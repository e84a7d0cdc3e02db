#include "runtime/exec/run_gate.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/internal_check.h"
#include "runtime/exec/metric_direction.h"
#include "runtime/track/json.h"

namespace cd4ml::exec {

namespace {

using track::Json;
using track::textOf;

constexpr std::array check_texts{"pass", "fail", "warn", "first_release", "inconclusive"};
constexpr std::array gate_texts{"pass", "held", "inconclusive"};

/// A number, or why there is none.
struct Figure {
  std::optional<double> value;
  std::string reason;
};

Figure unknown(std::string reason) { return {std::nullopt, std::move(reason)}; }

Figure numberOf(const Json& metric, std::string_view name) {
  const Json value = metric.value("value", Json());
  if (value.is_number()) return {value.get<double>(), {}};
  if (value.is_string()) {
    const std::string text = value.get<std::string>();
    if (text == "inf") return {INFINITY, {}};
    if (text == "-inf") return {-INFINITY, {}};
    return unknown(fmt::format("{} is not a number (NaN)", name));
  }
  const std::string reason = textOf(metric, "reason");
  return unknown(reason.empty() ? fmt::format("{} has no value", name) : fmt::format("{}: {}", name, reason));
}

double worstOf(const std::vector<double>& values, Direction direction) {
  return direction == Direction::Lower ? *std::max_element(values.begin(), values.end())
                                       : *std::min_element(values.begin(), values.end());
}

Figure overSlices(const Json& metric, const ir::GateTerm& term, const ir::Metric& declared) {
  std::vector<double> values;
  for (const Json& slice : metric.value("slices", Json::array())) {
    if (const Json value = slice.value("value", Json()); value.is_number()) values.push_back(value.get<double>());
  }
  if (values.empty()) return unknown(fmt::format("{} has no slice with {} rows or more", declared.name, declared.min_rows));
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  switch (term.over) {
    case ir::GateTerm::Over::Whole:
    case ir::GateTerm::Over::Worst: return {worstOf(values, directionOf(declared.metric)), {}};
    case ir::GateTerm::Over::Gap: return {*high - *low, {}};
    case ir::GateTerm::Over::Ratio:
      if (*high == 0) return unknown(fmt::format("{} is 0 in every slice", declared.name));
      return {*low / *high, {}};
  }
  CD4ML_UNREACHABLE("GateTerm::Over");
}

class Judge {
 public:
  Judge(const ir::Pipeline& pipeline, const ir::Gate& gate, const GateEvidence& evidence)
      : pipeline_(pipeline), gate_(gate), evidence_(evidence) {
    for (const std::string& text : evidence.candidate) candidate_.push_back(track::parseJson(text));
    for (const std::string& text : evidence.champion_metrics) champion_.push_back(track::parseJson(text));
  }

  [[nodiscard]] CheckResult judge(const ir::GateCheck& check) const {
    CheckResult result{.text = check.text, .value = {}, .limit = {}, .verdict = CheckVerdict::Pass, .reason = {}};
    const Figure left = sideOf(check.left);
    const Figure right = sideOf(check.right);
    result.value = left.value;
    result.limit = right.value;
    if (check.usesChampion() && evidence_.champion == GateEvidence::Champion::None) {
      result.verdict = CheckVerdict::FirstRelease;
      result.reason = "no champion yet";
      return result;
    }
    if (check.confident || !left.value || !right.value || std::isnan(*left.value) || std::isnan(*right.value)) {
      result.verdict = check.warning ? CheckVerdict::Warn : CheckVerdict::Inconclusive;
      result.reason = check.confident ? "`confident` is not supported yet" : left.reason.empty() ? right.reason : left.reason;
      if (result.reason.empty()) result.reason = "not a number";
      return result;
    }
    if (!holds(*left.value, check.op, *right.value)) result.verdict = check.warning ? CheckVerdict::Warn : CheckVerdict::Fail;
    return result;
  }

 private:
  static bool holds(double left, std::string_view op, double right) {
    if (op == "<") return left < right;
    if (op == "<=") return left <= right;
    if (op == ">") return left > right;
    if (op == ">=") return left >= right;
    if (op == "==") return left == right;
    CD4ML_CHECK(op == "!=");
    return left != right;
  }

  [[nodiscard]] Figure sideOf(const ir::GateSide& side) const {
    double sum = 0;
    for (const auto& [factor, term] : side.terms) {
      const Figure figure = termOf(term);
      if (!figure.value) return figure;
      sum += factor * *figure.value;
    }
    return {sum, {}};
  }

  [[nodiscard]] Figure termOf(const ir::GateTerm& term) const {
    switch (term.kind) {
      case ir::GateTerm::Kind::Constant: return {term.constant, {}};
      case ir::GateTerm::Kind::Metric: return metricOf(term);
      case ir::GateTerm::Kind::Rows: return rowsOf(term);
      case ir::GateTerm::Kind::Size: return unknown("`size` is not supported yet");
      case ir::GateTerm::Kind::Latency: return unknown("`latency` is not supported yet");
    }
    CD4ML_UNREACHABLE("GateTerm::Kind");
  }

  /// The metrics a term reads, or null with the reason in `why`.
  [[nodiscard]] const Json* metricsOf(const ir::GateTerm& term, std::string& why) const {
    const bool champion = term.subject == ir::GateTerm::Subject::Champion;
    if (champion && evidence_.champion == GateEvidence::Champion::None) why = "no champion yet";
    if (champion && evidence_.champion == GateEvidence::Champion::Unusable) why = evidence_.champion_reason;
    const std::vector<Json>& metrics = champion ? champion_ : candidate_;
    if (why.empty() && term.evaluate >= metrics.size()) why = "the metrics are missing";
    return why.empty() ? &metrics[term.evaluate] : nullptr;
  }

  [[nodiscard]] Figure rowsOf(const ir::GateTerm& term) const {
    std::string why;
    const Json* metrics = metricsOf(term, why);
    if (metrics == nullptr) return unknown(why);
    const Json rows = metrics->value("rows", Json());
    return rows.is_number() ? Figure{rows.get<double>(), {}} : unknown("the number of rows is missing");
  }

  [[nodiscard]] Figure metricOf(const ir::GateTerm& term) const {
    std::string why;
    const Json* metrics = metricsOf(term, why);
    if (metrics == nullptr) return unknown(why);
    const auto& evaluate = std::get<ir::Evaluate>(pipeline_[gate_.evaluates[term.evaluate]].body);
    const ir::Metric& declared = evaluate.metrics[term.metric];
    const Json list = metrics->value("metrics", Json::array());
    if (term.metric >= list.size()) return unknown(fmt::format("{} is missing from the metrics", declared.name));
    const Json& metric = list[term.metric];
    return term.over == ir::GateTerm::Over::Whole ? numberOf(metric, declared.name) : overSlices(metric, term, declared);
  }

  const ir::Pipeline& pipeline_;
  const ir::Gate& gate_;
  const GateEvidence& evidence_;
  std::vector<Json> candidate_;
  std::vector<Json> champion_;
};

Json figureJson(const std::optional<double>& value) {
  if (!value) return nullptr;
  if (std::isnan(*value)) return "nan";
  if (std::isinf(*value)) return *value > 0 ? "inf" : "-inf";
  return *value;
}

}  // namespace

std::string_view verdictText(CheckVerdict verdict) { return check_texts[static_cast<std::size_t>(verdict)]; }
std::string_view verdictText(GateVerdict verdict) { return gate_texts[static_cast<std::size_t>(verdict)]; }

GateResult judgeGate(const ir::Pipeline& pipeline, const ir::Gate& gate, const GateEvidence& evidence) {
  const Judge judge(pipeline, gate, evidence);
  GateResult result;
  bool failed = false;
  bool undecided = false;
  for (const ir::GateCheck& check : gate.checks) {
    result.checks.push_back(judge.judge(check));
    failed |= result.checks.back().verdict == CheckVerdict::Fail;
    undecided |= result.checks.back().verdict == CheckVerdict::Inconclusive;
  }
  result.verdict = failed ? GateVerdict::Held : undecided ? GateVerdict::Inconclusive : GateVerdict::Pass;
  return result;
}

std::string gateValue(const GateResult& result) {
  Json checks = Json::array();
  for (const CheckResult& check : result.checks) {
    Json line{{"text", check.text}, {"value", figureJson(check.value)}, {"limit", figureJson(check.limit)},
              {"verdict", verdictText(check.verdict)}};
    if (!check.reason.empty()) line["reason"] = check.reason;
    checks.push_back(std::move(line));
  }
  return Json{{"verdict", verdictText(result.verdict)}, {"checks", std::move(checks)}}.dump();
}

std::optional<GateResult> readGateValue(std::string_view json) {
  const Json value = track::parseJson(json);
  GateResult result;
  const auto* gate = std::find(gate_texts.begin(), gate_texts.end(), textOf(value, "verdict"));
  if (gate == gate_texts.end()) return std::nullopt;
  result.verdict = static_cast<GateVerdict>(gate - gate_texts.begin());
  for (const Json& line : value.value("checks", Json::array())) {
    const auto* verdict = std::find(check_texts.begin(), check_texts.end(), textOf(line, "verdict"));
    if (verdict == check_texts.end()) return std::nullopt;
    const auto number = [&](const char* name) {
      const Json figure = line.value(name, Json());
      return figure.is_number() ? std::optional(figure.get<double>()) : std::nullopt;
    };
    result.checks.push_back({.text = textOf(line, "text"), .value = number("value"), .limit = number("limit"),
                             .verdict = static_cast<CheckVerdict>(verdict - check_texts.begin()),
                             .reason = textOf(line, "reason")});
  }
  return result;
}

}  // namespace cd4ml::exec
