// What happened, in order; the pipeline; where it all came from.
#include <algorithm>

#include <fmt/format.h>

#include "runtime/report/sections.h"
#include "runtime/report/table.h"
#include "runtime/report/text.h"
#include "runtime/report/tone.h"

namespace cd4ml::report {

namespace {

constexpr std::size_t most_events = 60;

}  // namespace

std::string eventsSection(const Report& report) {
  if (report.events.empty()) return {};
  std::string body;
  const std::size_t from = report.events.size() > most_events ? report.events.size() - most_events : 0;
  if (from > 0) body += paragraph(fmt::format("{} earlier events are left out.", from), "note");
  body += "<ol class=\"story\">\n";
  for (std::size_t e = from; e < report.events.size(); ++e) {
    const Event& event = report.events[e];
    body += fmt::format("<li class=\"{}\"><time datetime=\"{}\">{}</time> · {}<br/>{}{}</li>\n", toneClass(event.tone), escape(event.at), escape(utc(event.at)), escape(event.what), escape(event.text),
                        event.by.empty() ? "" : fmt::format(" <span class=\"by\">({})</span>", escape(event.by)));
  }
  return section("story", "What happened, in order", body + "</ol>\n");
}

std::string pipelineSection(const Report& report, Ids& ids) {
  if (report.stages.empty()) return {};
  Table table("The stages in the order in which they run",
              {{TableColumn::Kind::Text, "Stage"}, {TableColumn::Kind::Text, "Kind"}, {TableColumn::Kind::Text, "Status"}, {TableColumn::Kind::Number, "Rows"}, {TableColumn::Kind::Number, "Time"},
               {TableColumn::Kind::Text, "Why"}},
              Narrow::Cards);
  for (const Stage& stage : report.stages) {
    if (stage.status.empty()) continue;
    table.row({escape(stage.name), escape(stage.kind), badge(stage.status), stage.rows > 0 ? grouped(stage.rows) : "", stage.status == "cached" ? "" : escape(seconds(stage.seconds)),
               fmt::format("<span class=\"small\">{}</span>", escape(shortened(stage.reason, 200)))});
  }
  std::string body = pipelineChart(report.stages, ids);
  if (!table.empty()) body += "<details><summary>The stages as a table</summary>\n" + table.finish() + "</details>\n";
  return section("pipeline", "The pipeline", body);
}

std::string provenanceSection(const Report& report) {
  if (report.provenance.empty()) return {};
  std::string body = "<dl>\n";
  for (const Fact& fact : report.provenance) body += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escape(fact.name), escape(fact.value));
  body += "</dl>\n";
  if (!report.reproduce.empty()) body += "<h3>To see the same again</h3>\n" + fmt::format("<pre><code>{}</code></pre>\n", escape(report.reproduce));
  return section("provenance", "Where this comes from", body);
}

}  // namespace cd4ml::report
