// Windows of a monitor as a report shows them.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/driver/report_source.h"
#include "runtime/exec/watch.h"
#include "runtime/track/windows.h"

namespace cd4ml::driver {

namespace {

using track::Json;
using track::textOf;

constexpr std::size_t most_windows = 60;

std::vector<double> numbersIn(const Json& object, const char* member) {
  std::vector<double> out;
  const Json list = object.value(member, Json::array());
  for (const Json& value : list) out.push_back(value.is_number() ? value.get<double>() : 0.0);
  return out;
}

std::string segmentText(const Json& segment) {
  std::string text;
  for (const auto& [name, value] : segment.items()) text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", name, value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

bool isPersonal(const ReportSource& source, const Json& entry) {
  if (source.personal.contains(textOf(entry, "name"))) return true;
  const Json segment = entry.value("segment", Json::object());
  return std::any_of(segment.items().begin(), segment.items().end(), [&](const auto& item) { return source.personal.contains(item.key()); });
}

report::Drift driftOf(const Json& entry) {
  report::Drift out{.name = textOf(entry, "name"), .role = textOf(entry, "role"), .segment = segmentText(entry.value("segment", Json::object())), .verdict = textOf(entry, "verdict"),
                    .statistic = textOf(entry, "statistic"), .reason = textOf(entry, "reason"), .effect = numberIn(entry, "effect"), .threshold = numberIn(entry, "threshold"),
                    .p = numberIn(entry, "p_adjusted")};
  if (entry.contains("then")) out.mean_then = numberIn(entry["then"], "mean");
  if (entry.contains("now")) out.mean_now = numberIn(entry["now"], "mean");
  const Json bins = entry.value("bins", Json());
  if (bins.is_object()) {
    out.low = numberIn(bins, "low").value_or(0);
    out.high = numberIn(bins, "high").value_or(0);
    out.bins_then = numbersIn(bins, "then");
    out.bins_now = numbersIn(bins, "now");
  }
  const Json levels = entry.value("levels", Json::array());
  for (const Json& level : levels) out.levels.push_back({.name = textOf(level, "level"), .then = numberIn(level, "then").value_or(0), .now = numberIn(level, "now").value_or(0)});
  if (const auto others = numberIn(entry, "others")) out.levels.push_back({.name = "new levels", .then = 0, .now = *others});
  return out;
}

/// What a check found, where it has no words of its own.
std::string finding(const Json& check) {
  if (const std::string message = textOf(check, "message"); !message.empty()) return message;
  const std::optional<double> value = numberIn(check, "value");
  if (!value) return {};
  if (textOf(check, "statistic") == "share") return fmt::format("{:.1f} % of the rows", *value * 100);
  return fmt::format("{} {:.6g}", textOf(check, "statistic"), *value);
}

void addQuality(const Json& quality, report::Window& out) {
  if (!quality.is_object() || quality.empty()) return;
  if (quality.contains("due")) out.quality.push_back({.kind = "quality", .name = "labels", .verdict = "insufficient", .detail = "not known before " + textOf(quality, "due")});
  else if (!quality.contains("checks")) out.quality.push_back({.kind = "quality", .name = "labels", .verdict = textOf(quality, "verdict"), .detail = textOf(quality, "reason")});
  const Json checks = quality.value("checks", Json::array());
  for (const Json& check : checks) {
    const std::string verdict = textOf(check, "verdict");
    const std::optional<double> value = numberIn(check, "value");
    std::string detail = value ? fmt::format("{:.4g} on {} rows whose outcome is known", *value, quality.value("rows", std::uint64_t{0})) : textOf(check, "reason");
    out.quality.push_back({.kind = "quality", .name = textOf(check, "text"), .verdict = verdict == "pass" ? "ok" : verdict == "fail" ? "alarm" : verdict == "warn" ? "warn" : "insufficient", .detail = std::move(detail)});
  }
  const Json evaluates = quality.value("evaluates", Json::array());
  for (const Json& evaluate : evaluates) {
    const Json metrics = evaluate.value("metrics", Json::object()).value("metrics", Json::array());
    for (const Json& metric : metrics) {
      const std::optional<double> value = numberIn(metric, "value");
      const std::string name = textOf(metric, "name");
      const bool known = std::any_of(out.metrics.begin(), out.metrics.end(), [&](const auto& each) { return each.first == name; });
      if (value && !known) out.metrics.emplace_back(name, *value);
    }
  }
}

/// "13 Jan" would hide the year: "2001-01-13".
std::string labelOf(const track::WindowRecord& record) {
  if (record.from.size() < 16) {
    const std::string at = track::timeText(record.at_us);
    return fmt::format("all rows, {} {}", at.substr(0, 10), at.substr(11, 5));
  }
  return record.from.ends_with("T00:00:00Z") ? record.from.substr(0, 10) : fmt::format("{} {}", record.from.substr(0, 10), record.from.substr(11, 5));
}

/// Metrics that the gate limits from one side by a number of its own.
std::vector<report::Limit> limitsOf(const ir::Pipeline& pipeline, const ir::Gate& gate) {
  std::vector<report::Limit> out;
  const ir::Gate absolute = exec::absoluteLimits(gate);
  for (const ir::GateCheck& check : absolute.checks) {
    if (check.left.terms.size() != 1 || check.right.terms.size() != 1) continue;
    const auto& [left_factor, left] = check.left.terms[0];
    const auto& [factor, right] = check.right.terms[0];
    if (left_factor != 1 || left.kind != ir::GateTerm::Kind::Metric || left.over != ir::GateTerm::Over::Whole || right.kind != ir::GateTerm::Kind::Constant) continue;
    const auto& evaluate = std::get<ir::Evaluate>(pipeline[absolute.evaluates[left.evaluate]].body);
    out.push_back({.metric = evaluate.metrics[left.metric].name, .value = factor * right.constant});
  }
  return out;
}

}  // namespace

Status addWindows(const ReportSource& source, ir::NodeId monitor, report::Report& out) {
  const auto& body = std::get<ir::Monitor>(source.pipeline[monitor].body);
  const ir::Node& subject = source.pipeline[body.subject];
  CD4ML_TRY(std::vector<track::WindowRecord> records, track::newestWindows(source.ledger, source.opened.scope, subject.name, source.pipeline[monitor].name, most_windows));
  std::reverse(records.begin(), records.end());
  for (const track::WindowRecord& record : records) {
    const Json window = track::parseJson(record.body);
    report::Window& to = out.windows.emplace_back();
    to = {.id = record.id, .label = labelOf(record), .verdict = record.verdict, .model = record.model, .reason = textOf(window, "reason"), .rows = static_cast<std::uint64_t>(std::max<std::int64_t>(record.rows, 0))};
    const Json drift = window.value("drift", Json::array());
    for (const Json& entry : drift) {
      if (!isPersonal(source, entry)) to.drift.push_back(driftOf(entry));
    }
    const Json checks = window.value("checks", Json::array());
    for (const Json& check : checks) {
      if (isPersonal(source, check)) continue;
      to.checks.push_back({.kind = textOf(check, "kind"), .name = textOf(check, "name"), .verdict = textOf(check, "verdict"), .detail = finding(check)});
    }
    addQuality(window.value("quality", Json::object()), to);
    out.at = track::timeText(record.at_us);
  }
  const auto* deploy = std::get_if<ir::Deploy>(&subject.body);
  if (deploy != nullptr && deploy->gate.valid()) out.limits = limitsOf(source.pipeline, std::get<ir::Gate>(source.pipeline[deploy->gate].body));
  return Done{};
}

}  // namespace cd4ml::driver
