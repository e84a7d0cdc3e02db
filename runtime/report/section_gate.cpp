// What the gate asked for, and what it got.
#include <algorithm>

#include <fmt/format.h>

#include "runtime/report/sections.h"
#include "runtime/report/table.h"
#include "runtime/report/text.h"

namespace cd4ml::report {

namespace {

std::string gateTable(const Gate& gate) {
  const bool champion = std::any_of(gate.checks.begin(), gate.checks.end(), [](const GateCheck& check) { return check.champion.has_value(); });
  std::vector<TableColumn> columns{{TableColumn::Kind::Text, "Requirement"}, {TableColumn::Kind::Text, "Verdict"}, {TableColumn::Kind::Number, "Value"},
                                   {TableColumn::Kind::Number, "Limit"}};
  if (champion) columns.push_back({TableColumn::Kind::Number, "Champion"});
  columns.push_back({TableColumn::Kind::Picture, "Against the limit"});
  columns.push_back({TableColumn::Kind::Text, "Remark"});
  const std::string of = gate.deploy.empty() ? "" : fmt::format(" for {}", gate.deploy);
  Table table(fmt::format("Gate {}{}: {} requirements", gate.name, of, gate.checks.size()), std::move(columns), Narrow::Cards);
  for (const GateCheck& check : gate.checks) {
    std::string remark = check.reason;
    if (check.confidence) remark += fmt::format("{}holds in {} of resampled data sets", remark.empty() ? "" : "; ", percent(*check.confidence));
    std::vector<std::string> cells{fmt::format("<code>{}</code>", escape(check.text)), badge(check.verdict), number(check.value), number(check.limit)};
    if (champion) cells.push_back(number(check.champion));
    cells.push_back(limitSpark(check));
    cells.push_back(remark.empty() ? "" : fmt::format("<span class=\"small\">{}</span>", escape(remark)));
    table.row(cells);
  }
  return table.finish();
}

}  // namespace

std::string gateSection(const Report& report) {
  std::string body;
  bool champion = false;
  for (const Gate& gate : report.gates) {
    body += gateTable(gate);
    for (const GateCheck& check : gate.checks) champion = champion || check.champion.has_value();
  }
  if (body.empty()) return {};
  body = paragraph("A model is released only if every requirement holds.", "note") + body;
  body += fmt::format("<ul class=\"key\"><li><i class=\"now\"></i>value</li><li><i class=\"at\"></i>limit</li>{}</ul>\n",
                      champion ? "<li><i class=\"champion\"></i>champion, on the same rows</li>" : "");
  return section("gate", "The gate", body);
}

}  // namespace cd4ml::report
