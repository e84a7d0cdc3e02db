#include "compiler/driver/run_report.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "compiler/driver/text_table.h"
#include "runtime/track/json.h"

namespace cd4ml::driver {

namespace {

using track::Json;
using track::textOf;

struct Mark {
  std::string_view sign;
  Style style;
};

Mark markOf(std::string_view status) {
  if (status == "ran") return {"✓", Style::Good};
  if (status == "cached") return {"=", Style::Dim};
  if (status == "failed") return {"✗", Style::Bad};
  return {"-", Style::Warning};
}

std::string shape(const ReportStage& stage) {
  if (stage.status != "ran" && stage.status != "cached") return "";
  if (stage.rows == 0) return "";
  return stage.columns > 0 ? fmt::format("{} × {}", groupedNumber(stage.rows), stage.columns) : groupedNumber(stage.rows);
}

std::string detail(const ReportStage& stage) {
  if (stage.status == "ran" && stage.columns_ran < stage.columns) {
    return fmt::format("{} ran, {} cached; {}", stage.columns_ran, stage.columns - stage.columns_ran, stage.reason);
  }
  return stage.reason;
}

std::string stagesText(const RunReport& report, const Console& console) {
  TextTable table({Align::Left, Align::Left, Align::Left, Align::Left, Align::Right, Align::Right, Align::Left});
  for (const ReportStage& stage : report.stages) {
    const Mark mark = markOf(stage.status);
    table.add({console.out(mark.style, mark.sign), console.out(Style::Strong, stage.name), console.out(Style::Dim, stage.kind),
               console.out(mark.style, stage.status), shape(stage), stage.status == "ran" ? secondsText(stage.seconds) : "",
               console.out(Style::Dim, detail(stage))});
  }
  return table.text("  ");
}

/// Slices of one metric of one evaluate.
struct Slices {
  std::string name;
  std::vector<std::pair<double, std::string>> values;
};

std::string sliceName(const Json& by) {
  std::string text;
  for (const auto& [column, value] : by.items()) {
    text += (text.empty() ? "" : ", ") + (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

std::string sliceKeys(const Json& by) {
  std::string text;
  for (const auto& [column, value] : by.items()) text += (text.empty() ? "" : ", ") + column;
  return text;
}

std::string figure(const Json& metric) {
  const Json value = metric.value("value", Json());
  if (value.is_number()) return shortNumber(value.get<double>());
  return value.is_string() ? value.get<std::string>() : "–";
}

std::string confusionText(const Json& table, const Console& console) {
  const Json classes = table.value("classes", Json::array());
  const Json counts = table.value("counts", table.value("rows", Json::array()));
  if (!classes.is_array() || !counts.is_array() || counts.empty() || !counts[0].is_array()) return "";
  TextTable grid(std::vector<Align>(counts[0].size() + 1, Align::Right));
  std::vector<std::string> head{console.out(Style::Dim, "true \\ predicted")};
  const auto nameOf = [](const Json& c) { return c.is_string() ? c.get<std::string>() : c.dump(); };
  for (const Json& name : classes) head.push_back(console.out(Style::Dim, nameOf(name)));
  grid.add(std::move(head));
  for (std::size_t r = 0; r < counts.size() && r < classes.size(); ++r) {
    std::vector<std::string> row{console.out(Style::Dim, nameOf(classes[r]))};
    for (std::size_t c = 0; c < counts[r].size(); ++c) {
      const std::string cell = counts[r][c].is_number() ? groupedNumber(counts[r][c].get<std::uint64_t>()) : "";
      row.push_back(r == c ? console.out(Style::Good, cell) : cell);
    }
    grid.add(std::move(row));
  }
  return grid.text("      ");
}

class MetricsView {
 public:
  explicit MetricsView(const Console& console) : console_(console) {}

  void add(const Json& event) {
    const std::string evaluate = textOf(event, "evaluate");
    if (evaluate != evaluate_) finish();
    evaluate_ = evaluate;
    if (title_.empty()) {
      title_ = fmt::format("\n  {} {}\n", console_.out(Style::Strong, evaluate),
                           console_.out(Style::Dim, fmt::format("of {} on {}{}", textOf(event, "model"), textOf(event, "part"),
                                                                event.value("in_sample", false) ? ", in sample" : "")));
    }
    const std::string name = textOf(event, "name");
    if (event.contains("slice")) return addSlice(name, event);
    if (event.contains("table")) {
      tables_ += fmt::format("    {}\n{}", name, confusionText(event["table"], console_));
      return;
    }
    table_.add({name, console_.out(Style::Strong, figure(event)), console_.out(Style::Dim, textOf(event, "reason"))});
  }

  std::string finish() {
    for (const auto& [title, slices] : slices_) addSlices(title, slices);
    if (!title_.empty()) text_ += title_ + table_.text("    ") + tables_;
    table_ = TextTable({Align::Left, Align::Left, Align::Left});
    slices_.clear();
    title_.clear();
    tables_.clear();
    return text_;
  }

 private:
  void addSlice(const std::string& name, const Json& event) {
    const Json value = event.value("value", Json());
    if (!value.is_number()) return;
    const Json by = event["slice"];
    slices_[fmt::format("{} by {}", name, sliceKeys(by))].values.emplace_back(value.get<double>(), sliceName(by));
  }

  void addSlices(const std::string& title, const Slices& slices) {
    const auto [low, high] = std::minmax_element(slices.values.begin(), slices.values.end());
    table_.add({title,
                fmt::format("{} … {}", console_.out(Style::Strong, shortNumber(low->first)),
                            console_.out(Style::Strong, shortNumber(high->first))),
                console_.out(Style::Dim, fmt::format("{} … {}, {} slices", low->second, high->second, slices.values.size()))});
  }

  const Console& console_;
  std::string evaluate_;
  std::string title_;
  std::string text_;
  std::string tables_;
  TextTable table_{{Align::Left, Align::Left, Align::Left}};
  std::map<std::string, Slices> slices_;
};

Mark markOfCheck(std::string_view verdict) {
  if (verdict == "pass") return {"✓", Style::Good};
  if (verdict == "fail") return {"✗", Style::Bad};
  if (verdict == "first_release") return {"○", Style::Dim};
  return {"!", Style::Warning};
}

std::string gateText(const Json& event, const Console& console) {
  const std::string verdict = textOf(event, "verdict");
  const std::string deploy = textOf(event, "deploy");
  const Style style = verdict == "pass" ? Style::Good : Style::Bad;
  std::string text = fmt::format("\n  gate {}{}: {}\n", console.out(Style::Strong, textOf(event, "name")),
                                 deploy.empty() ? "" : " for " + deploy, console.out(style, verdict));
  TextTable table({Align::Left, Align::Left, Align::Left, Align::Left});
  for (const Json& check : event.value("checks", Json::array())) {
    const std::string outcome = textOf(check, "verdict");
    const Mark mark = markOfCheck(outcome);
    std::string note = textOf(check, "reason");
    if (outcome == "first_release") note = "first release: no champion yet";
    const Json value = check.value("value", Json());
    const std::string unit = textOf(check, "unit");
    table.add({console.out(mark.style, mark.sign), textOf(check, "text"),
               value.is_number() ? console.out(Style::Strong, shortNumber(value.get<double>()) + (unit.empty() ? "" : " " + unit)) : "",
               console.out(outcome == "fail" ? Style::Bad : Style::Dim, note.empty() && outcome != "pass" ? outcome : note)});
  }
  return text + table.text("    ");
}

}  // namespace

std::size_t RunReport::count(std::string_view status_text) const {
  return static_cast<std::size_t>(std::count_if(stages.begin(), stages.end(), [&](const ReportStage& s) { return s.status == status_text; }));
}

std::string runEvent(const RunReport& report) {
  Json counts = Json::object();
  for (const char* status : {"ran", "cached", "failed", "skipped", "cancelled"}) counts[status] = report.count(status);
  return Json{{"v", 1}, {"event", "run"}, {"id", report.run}, {"status", report.status}, {"seconds", report.seconds},
              {"counts", counts}, {"exit", report.exit}}
      .dump();
}

std::string modelEvent(const ReportModel& model) {
  return Json{{"v", 1}, {"event", "model"}, {"name", model.label}, {"id", model.id}, {"bundle", model.bundle}}.dump();
}

std::string renderMetrics(const RunReport& report, const Console& console) {
  MetricsView metrics(console);
  for (const std::string& event : report.metrics) metrics.add(track::parseJson(event));
  return metrics.finish();
}

std::string renderGates(const RunReport& report, const Console& console) {
  std::string text;
  for (const std::string& event : report.gates) text += gateText(track::parseJson(event), console);
  return text;
}

std::string renderReport(const RunReport& report, const Console& console) {
  std::string text = fmt::format("{} {}\n\n", console.out(Style::Strong, report.pipeline), console.out(Style::Dim, report.run));
  text += stagesText(report, console) + renderMetrics(report, console) + renderGates(report, console);
  if (!report.models.empty()) text += "\n";
  TextTable models({Align::Left, Align::Left});
  for (const ReportModel& model : report.models) models.add({console.out(Style::Strong, model.label), model.bundle});
  text += models.text("  ");
  std::string counts;
  for (const char* status : {"ran", "cached", "failed", "skipped", "cancelled"}) {
    if (const std::size_t n = report.count(status); n > 0) counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", n, status);
  }
  const Style style = report.status == "ok" ? Style::Good : report.status == "failed" ? Style::Bad : Style::Warning;
  return text + fmt::format("\n{} in {}: {}\n", console.out(style, report.status), secondsText(report.seconds), counts);
}

}  // namespace cd4ml::driver
