// Columns, features and predictions of the newest window against the baseline, those that moved most first.
#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "runtime/report/sections.h"
#include "runtime/report/table.h"
#include "runtime/report/text.h"
#include "runtime/report/tone.h"

namespace cd4ml::report {

namespace {

constexpr std::size_t most_rows = 200;      ///< a table of more is not read, and the file stays below 1 MB
constexpr std::size_t most_segments = 60;
constexpr std::size_t most_pictures = 6;

int rankOf(std::string_view verdict) {
  switch (toneOf(verdict)) {
    case Tone::Bad: return 0;
    case Tone::Warning: return 1;
    case Tone::Good: return 2;
    case Tone::Neutral: return 3;
  }
  return 3;
}

double reach(const Drift& drift) {
  if (!drift.effect || !std::isfinite(*drift.effect)) return -1;
  return *drift.effect / (drift.threshold && *drift.threshold > 0 ? *drift.threshold : 1.0);
}

std::vector<const Drift*> ordered(const Window& window) {
  std::vector<const Drift*> out;
  for (const Drift& drift : window.drift) out.push_back(&drift);
  std::stable_sort(out.begin(), out.end(), [](const Drift* a, const Drift* b) {
    const int left = rankOf(a->verdict), right = rankOf(b->verdict);
    return left != right ? left < right : reach(*a) > reach(*b);
  });
  return out;
}

/// "12.1 → 726", or the level whose share moved most.
std::string movement(const Drift& drift) {
  if (drift.mean_then && drift.mean_now) return fmt::format("<span class=\"small\">mean</span> <span class=\"nowrap\">{} → {}</span>", number(drift.mean_then), number(drift.mean_now));
  const auto most = std::max_element(drift.levels.begin(), drift.levels.end(), [](const auto& a, const auto& b) { return std::fabs(a.now - a.then) < std::fabs(b.now - b.then); });
  if (most == drift.levels.end()) return {};
  return fmt::format("<span class=\"small\">{}</span> <span class=\"nowrap\">{} → {}</span>", escape(shortened(most->name, 24)), percent(most->then), percent(most->now));
}

std::string nameOf(const Drift& drift) {
  const std::string where = drift.segment.empty() ? "" : fmt::format(" where {}", shortened(drift.segment, 40));
  return fmt::format("{} <span class=\"small\">{}{}</span>", escape(drift.name), escape(drift.role == drift.name ? "" : drift.role), escape(where));
}

void addRow(Table& table, const Drift& drift) {
  table.row({nameOf(drift), badge(drift.verdict), number(drift.effect), number(drift.threshold), escape(chance(drift.p)), distributionSpark(drift),
             drift.reason.empty() ? movement(drift) : fmt::format("<span class=\"small\">{}</span>", escape(drift.reason))});
}

Table emptyTable(std::string_view caption) {
  return Table(caption, {{TableColumn::Kind::Text, "Column"}, {TableColumn::Kind::Text, "Verdict"}, {TableColumn::Kind::Number, "Effect"}, {TableColumn::Kind::Number, "Limit"},
                         {TableColumn::Kind::Number, "Chance"}, {TableColumn::Kind::Picture, "Then and now"}, {TableColumn::Kind::Text, "What moved"}},
               Narrow::Cards, Order::Sortable);
}

std::string segmentsPart(const std::vector<const Drift*>& all) {
  std::size_t alarms = 0, others = 0;
  Table table = emptyTable("Groups of rows that moved, most first");
  for (const Drift* drift : all) {
    if (drift->segment.empty()) continue;
    if (rankOf(drift->verdict) > 1) ++others;
    else if (++alarms <= most_segments) addRow(table, *drift);
  }
  if (alarms + others == 0) return {};
  std::string text = fmt::format("{} comparisons within groups of rows moved, {} did not.", grouped(alarms), grouped(others));
  if (alarms > most_segments) text += fmt::format(" The first {} are shown; `cd4mlc monitor --json` prints all.", most_segments);
  std::string body = "<h3>Within groups</h3>\n" + paragraph(text, "note");
  return table.empty() ? body : body + "<details><summary>Show the groups that moved</summary>\n" + table.finish() + "</details>\n";
}

enum class Of : std::uint8_t { Columns, Groups };

std::string figures(const std::vector<const Drift*>& all, Of of, Ids& ids) {
  std::string out;
  std::set<std::string> seen;  // of a column, the group that went farthest
  for (const Drift* drift : all) {
    if (seen.size() == most_pictures || rankOf(drift->verdict) > 1) break;
    if (drift->segment.empty() != (of == Of::Columns) || seen.contains(drift->name)) continue;
    const std::string chart = distributionChart(*drift, ids);
    if (chart.empty()) continue;
    const std::string where = drift->segment.empty() ? "" : " where " + drift->segment;
    out += fmt::format("<figure><figcaption><b>{}</b>{} · {}</figcaption>{}</figure>\n", escape(drift->name), escape(where), movement(*drift), chart);
    seen.insert(drift->name);
  }
  return out;
}

/// Of columns that moved; where only groups did, of those.
std::string pictures(const std::vector<const Drift*>& all, Ids& ids) {
  std::string out = figures(all, Of::Columns, ids);
  if (out.empty()) out = figures(all, Of::Groups, ids);
  if (out.empty()) return out;
  return "<h3>Then and now</h3>\n" +
         paragraph("Grey is the baseline, the line is this window; short marks below the axis are the means. What lies outside the picture counts in its first or last bar.", "note") +
         "<div class=\"grid\">\n" + out + "</div>\n";
}

}  // namespace

const Window* shownWindow(const Report& report) {
  for (auto window = report.windows.rbegin(); window != report.windows.rend(); ++window) {
    if (window->verdict != "insufficient") return &*window;
  }
  return report.windows.empty() ? nullptr : &report.windows.back();
}

std::string driftSection(const Report& report, Ids& ids) {
  const Window* window = shownWindow(report);
  if (window == nullptr || window->drift.empty()) return {};
  const std::vector<const Drift*> all = ordered(*window);
  std::size_t rows = 0;
  Table table = emptyTable(fmt::format("{}, {} rows: every column against the baseline, those that moved most first", window->label, grouped(window->rows)));
  for (const Drift* drift : all) {
    if (drift->segment.empty() && ++rows <= most_rows) addRow(table, *drift);
  }
  std::string body = paragraph("An alarm needs both: an effect beyond its limit, and next to no chance (usually below 5\u00a0%) that rows of the baseline would look like this.", "note");
  if (!table.empty()) body += table.finish();
  if (rows > most_rows) body += paragraph(fmt::format("{} more columns moved less; `cd4mlc monitor --json` prints all.", grouped(rows - most_rows)), "note");
  body += "<ul class=\"key\"><li><i class=\"then\"></i>then: the baseline</li><li><i class=\"now\"></i>now: this window</li></ul>\n";
  body += pictures(all, ids) + segmentsPart(all);
  return section("columns", "What changed in the data", body);
}

}  // namespace cd4ml::report
