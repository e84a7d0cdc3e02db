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

/// One number of the values of slices.
Figure overValues(const std::vector<double>& values, ir::GateTerm::Over over, const ir::Metric& declared) {
  if (values.empty()) return unknown(fmt::format("{} has no slice with {} rows or more", declared.name, declared.min_rows));
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  switch (over) {
    case ir::GateTerm::Over::Whole:
    case ir::GateTerm::Over::Each:
    case ir::GateTerm::Over::Worst: return {worstOf(values, directionOf(declared.metric)), {}};
    case ir::GateTerm::Over::Gap: return {*high - *low, {}};
    case ir::GateTerm::Over::Ratio:
      if (*high == 0) return unknown(fmt::format("{} is 0 in every slice", declared.name));
      return {*low / *high, {}};
  }
  CD4ML_UNREACHABLE("GateTerm::Over");
}

Figure overSlices(const Json& metric, const ir::GateTerm& term, const ir::Metric& declared) {
  std::vector<double> values;
  for (const Json& slice : metric.value("slices", Json::array())) {
    if (const Json value = slice.value("value", Json()); value.is_number()) values.push_back(value.get<double>());
  }
  return overValues(values, term.over, declared);
}

/// By nearest rank: the least time within which that share of the rows was done.
Figure percentileOf(const std::vector<double>& rising, double percentile) {
  if (rising.empty()) return unknown("no row could be timed");
  const auto rank = static_cast<std::size_t>(std::ceil(percentile / 100 * static_cast<double>(rising.size())));
  return {rising[std::clamp<std::size_t>(rank, 1, rising.size()) - 1], {}};
}

/// Where a check is looked at: which rows, which slice, which replicate.
struct Look {
  bool paired = false;                    ///< the rows that the champion was not fitted on
  std::string slice{};                    ///< of Each terms: the JSON key
  std::optional<std::size_t> replicate{};
};

class Judge {
 public:
  Judge(const ir::Pipeline& pipeline, const ir::Gate& gate, const GateEvidence& evidence)
      : pipeline_(pipeline), gate_(gate), evidence_(evidence) {
    for (const std::string& text : evidence.candidate) candidate_.push_back(track::parseJson(text));
    for (const std::string& text : evidence.champion_metrics) champion_.push_back(track::parseJson(text));
  }

  [[nodiscard]] CheckResult judge(const ir::GateCheck& check) const {
    CheckResult result{.text = check.text, .value = {}, .limit = {}, .verdict = CheckVerdict::Pass, .reason = {}};
    const Look look{.paired = check.usesChampion()};
    if (check.usesChampion() && evidence_.champion == GateEvidence::Champion::None) {
      if (!check.share) result.value = sideOf(check.left, look).value, result.limit = sideOf(check.right, look).value;
      result.verdict = CheckVerdict::FirstRelease;
      result.reason = "no champion yet";
      return result;
    }
    const std::optional<bool> held = check.share ? judgeSlices(check, look, result) : judgeWhole(check, look, result);
    const CheckVerdict not_held = check.warning ? CheckVerdict::Warn : CheckVerdict::Fail;
    if (!held) {
      result.verdict = check.warning ? CheckVerdict::Warn : CheckVerdict::Inconclusive;
      if (result.reason.empty()) result.reason = "not a number";
    } else if (check.confident) {
      judgeConfident(check, look, not_held, result);
    } else if (!*held) {
      result.verdict = not_held;
    }
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

  /// Whether the check holds; nullopt with the reason where it cannot be said.
  std::optional<bool> judgeWhole(const ir::GateCheck& check, const Look& look, CheckResult& result) const {
    const Figure left = sideOf(check.left, look);
    const Figure right = sideOf(check.right, look);
    result.value = left.value;
    result.limit = right.value;
    result.reason = left.reason.empty() ? right.reason : left.reason;
    if (!left.value || !right.value || std::isnan(*left.value) || std::isnan(*right.value)) return std::nullopt;
    return holds(*left.value, check.op, *right.value);
  }

  /// `for P% of C`: the share of slices in which the check holds. A slice in which it cannot be said does not hold.
  std::optional<bool> judgeSlices(const ir::GateCheck& check, const Look& look, CheckResult& result) const {
    const std::vector<std::string> slices = slicesOf(check, look);
    result.limit = *check.share;
    if (slices.empty()) {
      result.reason = "there is no slice with enough rows";
      return std::nullopt;
    }
    std::size_t held = 0;
    for (const std::string& slice : slices) {
      CheckResult one;
      Look here = look;
      here.slice = slice;
      held += judgeWhole(check, here, one).value_or(false) ? 1 : 0;
    }
    result.value = static_cast<double>(held) / static_cast<double>(slices.size());
    const bool enough = *result.value >= *check.share;
    if (!enough) result.reason = fmt::format("it holds in {} of {} slices", held, slices.size());
    return enough;
  }

  /// The share of replicates in which the check holds; one in which it cannot be said does not hold.
  void judgeConfident(const ir::GateCheck& check, const Look& look, CheckVerdict not_held, CheckResult& result) const {
    const std::vector<engine::PairedReplicates>& all = look.paired ? evidence_.paired : evidence_.alone;
    std::size_t count = 0;
    for (const engine::PairedReplicates& one : all) {
      for (const engine::MetricReplicates& metric : one.candidate) count = std::max(count, metric.whole.size());
    }
    if (count == 0) {
      result.verdict = check.warning ? CheckVerdict::Warn : CheckVerdict::Inconclusive;
      result.reason = "the rows could not be drawn again";
      return;
    }
    std::size_t met = 0;
    for (std::size_t r = 0; r < count; ++r) {
      CheckResult one;
      Look here = look;
      here.replicate = r;
      met += (check.share ? judgeSlices(check, here, one) : judgeWhole(check, here, one)).value_or(false) ? 1 : 0;
    }
    result.confidence = static_cast<double>(met) / static_cast<double>(count);
    if (static_cast<double>(met) >= *check.confident * static_cast<double>(count)) return;
    result.verdict = not_held;
    result.reason = fmt::format("it holds in {} of {} replicates, {:g}% are required", met, count, 100 * *check.confident);
  }

  [[nodiscard]] Figure sideOf(const ir::GateSide& side, const Look& look) const {
    double sum = 0;
    for (const auto& [factor, term] : side.terms) {
      const Figure figure = termOf(term, look);
      if (!figure.value) return figure;
      sum += factor * *figure.value;
    }
    return {sum, {}};
  }

  [[nodiscard]] Figure termOf(const ir::GateTerm& term, const Look& look) const {
    switch (term.kind) {
      case ir::GateTerm::Kind::Constant: return {term.constant, {}};
      case ir::GateTerm::Kind::Metric: return look.replicate ? replicateOf(term, look) : metricOf(term, look);
      case ir::GateTerm::Kind::Rows: return rowsOf(term, look);
      case ir::GateTerm::Kind::Size: return sizeOf(term);
      case ir::GateTerm::Kind::Latency: return latencyOf(term);
    }
    CD4ML_UNREACHABLE("GateTerm::Kind");
  }

  /// In kB.
  [[nodiscard]] Figure sizeOf(const ir::GateTerm& term) const {
    if (term.subject == ir::GateTerm::Subject::Candidate) {
      if (term.evaluate >= evidence_.size.size()) return unknown("the size is missing");
      return {static_cast<double>(evidence_.size[term.evaluate]) / 1000, {}};
    }
    std::string why;
    const Json* metrics = metricsOf(term, {}, why);
    if (metrics == nullptr) return unknown(why);
    const Json size = metrics->value("size", Json());
    return size.is_number() ? Figure{size.get<double>() / 1000, {}} : unknown("the size of the champion is missing");
  }

  /// In ms.
  [[nodiscard]] Figure latencyOf(const ir::GateTerm& term) const {
    const bool champion = term.subject == ir::GateTerm::Subject::Champion;
    if (champion && evidence_.champion == GateEvidence::Champion::Unusable) return unknown(evidence_.champion_reason);
    const auto& measured = champion ? evidence_.champion_latency : evidence_.latency;
    return term.evaluate < measured.size() ? percentileOf(measured[term.evaluate], term.percentile) : unknown("the latency was not measured");
  }

  [[nodiscard]] const ir::Metric& declaredOf(const ir::GateTerm& term) const {
    return std::get<ir::Evaluate>(pipeline_[gate_.evaluates[term.evaluate]].body).metrics[term.metric];
  }

  [[nodiscard]] const engine::MetricReplicates* replicatesOf(const ir::GateTerm& term, const Look& look) const {
    const std::vector<engine::PairedReplicates>& all = look.paired ? evidence_.paired : evidence_.alone;
    if (term.evaluate >= all.size()) return nullptr;
    const auto& side = term.subject == ir::GateTerm::Subject::Champion ? all[term.evaluate].champion : all[term.evaluate].candidate;
    return term.metric < side.size() ? &side[term.metric] : nullptr;
  }

  [[nodiscard]] Figure replicateOf(const ir::GateTerm& term, const Look& look) const {
    const engine::MetricReplicates* replicates = replicatesOf(term, look);
    if (replicates == nullptr || replicates->whole.size() <= *look.replicate) return unknown("the rows could not be drawn again");
    const auto figure = [](double value) { return std::isnan(value) ? unknown("not a number") : Figure{value, {}}; };
    switch (term.over) {
      case ir::GateTerm::Over::Whole: return figure(replicates->whole[*look.replicate]);
      case ir::GateTerm::Over::Each: {
        const auto slice = std::find(replicates->slices.begin(), replicates->slices.end(), look.slice);
        if (slice == replicates->slices.end()) return unknown("a slice is missing");
        return figure(replicates->by_slice[static_cast<std::size_t>(slice - replicates->slices.begin())][*look.replicate]);
      }
      case ir::GateTerm::Over::Worst:
      case ir::GateTerm::Over::Gap:
      case ir::GateTerm::Over::Ratio: break;
    }
    std::vector<double> values;
    for (const std::vector<double>& slice : replicates->by_slice) {
      if (!std::isnan(slice[*look.replicate])) values.push_back(slice[*look.replicate]);
    }
    return overValues(values, term.over, declaredOf(term));
  }

  /// Keys of the slices of the check's Each terms, each once, in the order of the candidate's metrics.
  [[nodiscard]] std::vector<std::string> slicesOf(const ir::GateCheck& check, const Look& look) const {
    std::vector<std::string> keys;
    for (const ir::GateSide* side : {&check.left, &check.right}) {
      for (const auto& [factor, term] : side->terms) {
        std::string why;
        const Json* metrics = term.over == ir::GateTerm::Over::Each ? metricsOf(term, look, why) : nullptr;
        if (metrics == nullptr) continue;
        const Json list = metrics->value("metrics", Json::array());
        if (term.metric >= list.size()) continue;
        for (const Json& slice : list[term.metric].value("slices", Json::array())) {
          std::string key = slice.value("by", Json()).dump();
          if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(std::move(key));
        }
      }
    }
    return keys;
  }

  /// The metrics a term reads, or null with the reason in `why`.
  [[nodiscard]] const Json* metricsOf(const ir::GateTerm& term, const Look& look, std::string& why) const {
    const bool champion = term.subject == ir::GateTerm::Subject::Champion;
    if (champion && evidence_.champion == GateEvidence::Champion::None) why = "no champion yet";
    if (champion && evidence_.champion == GateEvidence::Champion::Unusable) why = evidence_.champion_reason;
    const std::vector<Json>& metrics = champion ? champion_ : candidate_;
    if (why.empty() && term.evaluate >= metrics.size()) why = "the metrics are missing";
    if (!why.empty()) return nullptr;
    // Both sides on the same rows: without those that the champion was fitted on.
    if (!champion && look.paired && term.evaluate < champion_.size() && champion_[term.evaluate].contains("candidate")) {
      return &champion_[term.evaluate]["candidate"];
    }
    return &metrics[term.evaluate];
  }

  [[nodiscard]] Figure rowsOf(const ir::GateTerm& term, const Look& look) const {
    std::string why;
    const Json* metrics = metricsOf(term, look, why);
    if (metrics == nullptr) return unknown(why);
    const Json rows = metrics->value("rows", Json());
    return rows.is_number() ? Figure{rows.get<double>(), {}} : unknown("the number of rows is missing");
  }

  [[nodiscard]] Figure metricOf(const ir::GateTerm& term, const Look& look) const {
    std::string why;
    const Json* metrics = metricsOf(term, look, why);
    if (metrics == nullptr) return unknown(why);
    const ir::Metric& declared = declaredOf(term);
    const Json list = metrics->value("metrics", Json::array());
    if (term.metric >= list.size()) return unknown(fmt::format("{} is missing from the metrics", declared.name));
    const Json& metric = list[term.metric];
    if (term.over == ir::GateTerm::Over::Whole) return numberOf(metric, declared.name);
    if (term.over != ir::GateTerm::Over::Each) return overSlices(metric, term, declared);
    for (const Json& slice : metric.value("slices", Json::array())) {
      if (slice.value("by", Json()).dump() == look.slice) return numberOf(slice, declared.name);
    }
    return unknown(fmt::format("{} has no such slice", declared.name));
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

GateNeeds needsOf(const ir::Gate& gate) {
  GateNeeds needs;
  for (const ir::GateCheck& check : gate.checks) {
    (check.usesChampion() ? needs.replicates_paired : needs.replicates_alone) |= check.confident.has_value();
    for (const ir::GateSide* side : {&check.left, &check.right}) {
      for (const auto& [factor, term] : side->terms) {
        if (term.kind != ir::GateTerm::Kind::Latency) continue;
        needs.latency = true;
        needs.champion_latency |= term.subject == ir::GateTerm::Subject::Champion;
      }
    }
  }
  return needs;
}

GateResult judgeGate(const ir::Pipeline& pipeline, const ir::Gate& gate, const GateEvidence& evidence) {
  const Judge judge(pipeline, gate, evidence);
  GateResult result;
  result.machine = evidence.machine;
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
    if (!check.unit.empty()) line["unit"] = check.unit;
    if (check.confidence) line["confidence"] = *check.confidence;
    if (!check.reason.empty()) line["reason"] = check.reason;
    checks.push_back(std::move(line));
  }
  Json value{{"verdict", verdictText(result.verdict)}, {"checks", std::move(checks)}};
  if (!result.machine.empty()) value["machine"] = result.machine;
  return value.dump();
}

std::optional<GateResult> readGateValue(std::string_view json) {
  const Json value = track::parseJson(json);
  GateResult result;
  const auto* gate = std::find(gate_texts.begin(), gate_texts.end(), textOf(value, "verdict"));
  if (gate == gate_texts.end()) return std::nullopt;
  result.verdict = static_cast<GateVerdict>(gate - gate_texts.begin());
  result.machine = textOf(value, "machine");
  for (const Json& line : value.value("checks", Json::array())) {
    const auto* verdict = std::find(check_texts.begin(), check_texts.end(), textOf(line, "verdict"));
    if (verdict == check_texts.end()) return std::nullopt;
    const auto number = [&](const char* name) {
      const Json figure = line.value(name, Json());
      return figure.is_number() ? std::optional(figure.get<double>()) : std::nullopt;
    };
    result.checks.push_back({.text = textOf(line, "text"), .value = number("value"), .limit = number("limit"),
                             .verdict = static_cast<CheckVerdict>(verdict - check_texts.begin()),
                             .reason = textOf(line, "reason"), .confidence = number("confidence"), .unit = textOf(line, "unit")});
  }
  return result;
}

}  // namespace cd4ml::exec
