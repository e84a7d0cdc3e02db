// The past of a monitor: which columns moved in which window, and how good the model was.
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "runtime/report/sections.h"
#include "runtime/report/table.h"
#include "runtime/report/text.h"
#include "runtime/report/tone.h"

namespace cd4ml::report {

namespace {

constexpr std::size_t most_windows = 20;
constexpr std::size_t most_columns = 14;

std::vector<const Window*> newest(const Report& report) {
  std::vector<const Window*> out;
  for (const Window& window : report.windows) out.push_back(&window);
  if (out.size() > most_windows) out.erase(out.begin(), out.end() - most_windows);
  return out;
}

double reachOf(const Drift& drift) {
  if (!drift.effect || !std::isfinite(*drift.effect)) return 0;
  return *drift.effect / (drift.threshold && *drift.threshold > 0 ? *drift.threshold : 1.0);
}

/// The column itself, else its group that went farthest.
const Drift* find(const Window& window, const std::string& name) {
  const Drift* found = nullptr;
  for (const Drift& drift : window.drift) {
    if (drift.name != name) continue;
    if (drift.segment.empty()) return &drift;
    if (found == nullptr || reachOf(drift) > reachOf(*found)) found = &drift;
  }
  return found;
}

/// Names by the farthest that they ever went.
std::vector<std::string> farthest(const std::vector<const Window*>& windows) {
  std::map<std::string, double> reach;
  for (const Window* window : windows) {
    for (const Drift& drift : window->drift) reach[drift.name] = std::max(reach[drift.name], reachOf(drift));
  }
  std::vector<std::pair<std::string, double>> sorted(reach.begin(), reach.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  if (sorted.size() > most_columns) sorted.resize(most_columns);
  std::vector<std::string> out;
  for (const auto& [name, _] : sorted) out.push_back(name);
  return out;
}

std::string cell(const Window& window, const std::string& name) {
  const Drift* drift = find(window, name);
  if (drift == nullptr || !drift->effect) return "<td class=\"h0 small\">–</td>";
  const double reach = reachOf(*drift);
  const int step = reach < 0.5 ? 0 : reach < 1 ? 1 : reach < 2 ? 2 : reach < 5 ? 3 : 4;
  const bool alarm = drift->verdict == "alarm";
  return fmt::format("<td class=\"h{}{}\">{}{}</td>", step, alarm ? " over" : "", number(std::round(*drift->effect * 100) / 100), alarm ? "<span class=\"skip\"> alarm</span>" : "");
}

std::string heatTable(const std::vector<const Window*>& windows) {
  const std::vector<std::string> names = farthest(windows);
  if (names.empty() || windows.size() < 2) return {};
  std::string out = paragraph("How far each column (or the worst of its groups, where only groups are watched) lay from its baseline, window by window. Darker is farther; bold and underlined is an alarm.", "note") + "<div class=\"frame\" role=\"region\" aria-label=\"Drift over time\" tabindex=\"0\"><table class=\"heat\">"
                    "<caption>Drift over time</caption><thead><tr><th scope=\"col\">Window</th>";
  for (const Window* window : windows) out += fmt::format("<th scope=\"col\" class=\"w\">{}</th>", escape(window->label));
  out += "</tr></thead><tbody>\n<tr><th scope=\"row\">Verdict</th>";
  for (const Window* window : windows) {
    const Tone tone = toneOf(window->verdict);
    out += fmt::format("<td class=\"{}\"><span aria-hidden=\"true\">{}</span><span class=\"skip\">{}</span></td>", toneClass(tone), mark(tone), escape(words(window->verdict)));
  }
  out += "</tr>\n";
  for (const std::string& name : names) {
    out += fmt::format("<tr><th scope=\"row\">{}</th>", escape(name));
    for (const Window* window : windows) out += cell(*window, name);
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string qualityCharts(const Report& report, const std::vector<const Window*>& windows, Ids& ids) {
  std::vector<std::string> names;
  for (const Window* window : windows) {
    for (const auto& [name, _] : window->metrics) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  std::string out;
  for (const std::string& name : names) {
    Series series{.name = name, .points = {}, .limit = {}};
    for (const Limit& limit : report.limits) {
      if (limit.metric == name) series.limit = limit.value;
    }
    std::size_t known = 0;
    for (const Window* window : windows) {
      const auto at = std::find_if(window->metrics.begin(), window->metrics.end(), [&](const auto& metric) { return metric.first == name; });
      series.points.emplace_back(window->label, at == window->metrics.end() ? std::nullopt : std::optional(at->second));
      known += at == window->metrics.end() ? 0 : 1;
    }
    if (known < 2) continue;
    out += fmt::format("<figure><figcaption><b>{}</b></figcaption>{}</figure>\n", escape(name), seriesChart(series, ids));
  }
  return out.empty() ? out : "<h3>How good the model was, on rows whose outcome is known</h3>\n<div class=\"grid\">\n" + out + "</div>\n";
}

}  // namespace

std::string windowsSection(const Report& report, Ids& ids) {
  const std::vector<const Window*> windows = newest(report);
  if (windows.empty()) return {};
  Table table(fmt::format("The newest {} windows", windows.size()),
              {{TableColumn::Kind::Text, "Window"}, {TableColumn::Kind::Text, "Verdict"}, {TableColumn::Kind::Number, "Rows"}, {TableColumn::Kind::Text, "Model"}, {TableColumn::Kind::Number, "Columns that moved"},
               {TableColumn::Kind::Text, "Quality and data"}},
              Narrow::Cards);
  for (const Window* window : windows) {
    std::size_t moved = 0;
    for (const Drift& drift : window->drift) moved += drift.segment.empty() && drift.verdict == "alarm" ? 1 : 0;
    std::string rest = window->reason;
    for (const auto* checks : {&window->quality, &window->checks}) {
      for (const DataCheck& check : *checks) {
        if (check.verdict == "alarm") rest += fmt::format("{}{}", rest.empty() ? "" : "; ", check.name);
      }
    }
    table.row({fmt::format("<span class=\"nowrap\">{}</span>", escape(window->label)), badge(window->verdict), grouped(window->rows), escape(window->model), std::to_string(moved),
               fmt::format("<span class=\"small\">{}</span>", escape(shortened(rest, 160)))});
  }
  std::string body = heatTable(windows) + qualityCharts(report, windows, ids);
  body += "<details><summary>All windows as a table</summary>\n" + table.finish() + "</details>\n";
  return section("windows", "Over time", body);
}

}  // namespace cd4ml::report
