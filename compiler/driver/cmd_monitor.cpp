// One pass of the pipeline's monitors over captured traffic, the project's rows, or a file.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/driver/interrupt.h"
#include "compiler/driver/text_table.h"
#include "compiler/driver/workshop.h"
#include "compiler/opt/normalise.h"
#include "runtime/exec/watch.h"
#include "runtime/track/json.h"

namespace cd4ml::driver {

namespace {

using track::Json;
using track::textOf;

Style styleOf(std::string_view verdict) {
  if (verdict == "alarm") return Style::Bad;
  if (verdict == "warn") return Style::Warning;
  return verdict == "ok" ? Style::Good : Style::Dim;
}

std::string numberOf(const Json& object, const char* member) {
  const Json value = object.value(member, Json());
  if (value.is_number()) return shortNumber(value.get<double>());
  return value.is_string() ? value.get<std::string>() : std::string();
}

/// "origin=SFO": the values that the rows of a segment have in common.
std::string segmentText(const Json& entry) {
  std::string text;
  const Json segment = entry.value("segment", Json::object());
  for (const auto& [name, value] : segment.items()) {
    text += fmt::format("{}{}={}", text.empty() ? " where " : ", ", name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

/// "mean 12.1 → 726": what moved.
std::string movement(const Json& entry) {
  if (entry.contains("then")) return fmt::format("mean {} → {}", numberOf(entry["then"], "mean"), numberOf(entry["now"], "mean"));
  double most = 0;
  std::string text;
  for (const Json& level : entry.value("levels", Json::array())) {
    const double change = level["now"].get<double>() - level["then"].get<double>();
    if (std::abs(change) <= most) continue;
    most = std::abs(change);
    text = fmt::format("{} {:.1f} % → {:.1f} %", textOf(level, "level"), 100 * level["then"].get<double>(), 100 * level["now"].get<double>());
  }
  return text;
}

/// Lines of one window, worst first; of what is ok only with --verbose.
class WindowView {
 public:
  WindowView(const Console& console, const Json& window) : console_(console), window_(window) {}

  [[nodiscard]] std::string text() {
    addDrift();
    addChecks();
    addQuality();
    std::stable_sort(lines_.begin(), lines_.end(), [](const Line& a, const Line& b) { return a.rank > b.rank; });
    TextTable table({Align::Left, Align::Left, Align::Left, Align::Left});
    std::size_t ok = 0;
    for (const Line& line : lines_) {
      if (line.verdict == "ok" && !console_.verbose()) {
        ++ok;
        continue;
      }
      table.add({console_.out(styleOf(line.verdict), line.verdict), line.what, line.name, line.detail});
    }
    const std::string from = textOf(window_, "from");
    std::string out = fmt::format("{}  {}  {} rows  {}\n", console_.out(styleOf(textOf(window_, "verdict")), textOf(window_, "verdict")),
                                  from.empty() ? "all rows" : from + " … " + textOf(window_, "to"), groupedNumber(window_.value("rows", std::uint64_t{0})),
                                  console_.out(Style::Dim, textOf(window_, "id")));
    if (const std::string reason = textOf(window_, "reason"); !reason.empty()) out += "  " + reason + "\n";
    out += table.text("  ");
    if (ok > 0) out += console_.out(Style::Dim, fmt::format("  {} more are ok", ok)) + "\n";
    return out;
  }

 private:
  struct Line {
    int rank = 0;
    std::string verdict;
    std::string what;
    std::string name;
    std::string detail;
  };

  void add(std::string verdict, std::string what, std::string name, std::string detail) {
    const int rank = verdict == "alarm" ? 3 : verdict == "warn" ? 2 : verdict == "insufficient" ? 1 : 0;
    lines_.push_back({rank, std::move(verdict), std::move(what), std::move(name), std::move(detail)});
  }

  void addDrift() {
    for (const Json& entry : window_.value("drift", Json::array())) {
      std::string detail = textOf(entry, "reason");
      if (detail.empty()) {
        detail = fmt::format("{} effect {} (limit {}), p {}  {}", textOf(entry, "statistic"), numberOf(entry, "effect"), numberOf(entry, "threshold"),
                             numberOf(entry, "p_adjusted"), movement(entry));
      }
      add(textOf(entry, "verdict"), "drift", textOf(entry, "name") + segmentText(entry), std::move(detail));
    }
  }

  void addChecks() {
    for (const Json& check : window_.value("checks", Json::array())) add(textOf(check, "verdict"), textOf(check, "kind"), textOf(check, "name"), textOf(check, "message"));
  }

  void addQuality() {
    const Json quality = window_.value("quality", Json::object());
    if (quality.empty()) return;
    if (quality.contains("due")) return add("insufficient", "quality", "labels", "not known before " + textOf(quality, "due"));
    if (!quality.contains("checks")) return add(textOf(quality, "verdict"), "quality", "labels", textOf(quality, "reason"));
    for (const Json& check : quality["checks"]) {
      const std::string verdict = textOf(check, "verdict");
      const std::string shown = verdict == "pass" ? "ok" : verdict == "fail" ? "alarm" : verdict == "warn" ? "warn" : "insufficient";
      add(shown, "quality", textOf(check, "text"), fmt::format("{} on {} labelled rows {}", numberOf(check, "value"), quality.value("rows", 0), textOf(check, "reason")));
    }
  }

  const Console& console_;
  const Json& window_;
  std::vector<Line> lines_;
};

std::string viewOf(const Console& console, const Json& pass) {
  const std::string model = textOf(pass, "model");
  std::string out = fmt::format("{} of {}{}: {}\n", console.out(Style::Strong, textOf(pass, "monitor")), textOf(pass, "subject"), model.empty() ? "" : " (" + model + ")",
                                console.out(styleOf(textOf(pass, "verdict")), textOf(pass, "verdict")));
  std::string events;
  for (const Json& event : pass.value("events", Json::array())) events += (events.empty() ? "" : ", ") + event.get<std::string>();
  if (!events.empty()) out += "events: " + events + "\n";
  for (const Json& window : pass.value("windows", Json::array())) out += WindowView(console, window).text();
  if (pass.value("windows", Json::array()).empty()) {
    out += fmt::format("no new window: {} rows, {} windows recorded before, {} not complete\n", pass.value("rows", 0), pass.value("skipped", 0), pass.value("open", 0));
  }
  return out;
}

/// The monitors to pass over: the named one, or all.
Result<std::vector<ir::NodeId>> monitorsOf(const Arguments& arguments, const ir::Pipeline& pipeline) {
  std::vector<ir::NodeId> out;
  for (const std::string& name : arguments.names) {
    CD4ML_TRY(const ir::NodeId node, findNode(pipeline, name));
    if (!std::holds_alternative<ir::Monitor>(pipeline[node].body)) {
      return makeError("CD4103", fmt::format("`{}` is a {}, not a monitor", name, ir::kindText(pipeline[node])));
    }
    out.push_back(node);
  }
  if (!out.empty()) return out;
  for (std::uint32_t i = 0; i < pipeline.nodes.size(); ++i) {
    if (std::holds_alternative<ir::Monitor>(pipeline.nodes[i].body)) out.push_back({i});
  }
  if (out.empty()) return makeError("CD4103", fmt::format("`{}` declares no monitor", pipeline.name));
  return out;
}

}  // namespace

int cmdMonitor(const Arguments& arguments, const Console& console) {
  listenForInterrupt();
  return withProject(arguments, console, [&](Opened& opened) -> Result<int> {
    CD4ML_TRY(Workshop workshop, openWorkshop(opened.project, arguments));
    CD4ML_TRY_VOID(pinSchemas(opened.project, arguments, workshop, {}, opened.compilation));
    const ir::Pipeline pipeline = opt::normalise(opened.compilation.pipeline);
    CD4ML_TRY(const std::vector<ir::NodeId> monitors, monitorsOf(arguments, pipeline));
    CD4ML_TRY(engine::Engine * engine, workshop.engine->get());
    int code = Ok;
    for (const ir::NodeId monitor : monitors) {
      exec::WatchRequest request{.pipeline = &pipeline, .monitor = monitor, .scope = opened.scope, .state = opened.project.state, .data = arguments.data,
                                 .now_us = track::nowMicroseconds(), .threads = workshop.config.jobs, .cancelled = &interruptFlag(), .rows = {}};
      request.rows = [&](ir::NodeId rows) -> Result<engine::Known> {
        CD4ML_TRY(Fresh fresh, bringUpToDate(opened, pipeline, {rows}, "monitor", workshop));
        return std::move(fresh.outcome.known);
      };
      CD4ML_TRY(const exec::Watched watched, exec::watch(*engine, *workshop.ledger, request));
      if (console.json()) console.result(watched.json + "\n");
      else console.result(viewOf(console, track::parseJson(watched.json)));
      if (watched.verdict == "alarm") code = Alarmed;
    }
    return code;
  });
}

}  // namespace cd4ml::driver
