// Is the data itself sound, and does the model keep its promises on rows whose outcome is known?
#include <algorithm>

#include <fmt/format.h>

#include "runtime/report/sections.h"
#include "runtime/report/table.h"
#include "runtime/report/text.h"
#include "runtime/report/tone.h"

namespace cd4ml::report {

namespace {

std::string checksTable(std::string_view caption, std::vector<DataCheck> checks) {
  const auto rank = [](const DataCheck& check) { return check.verdict == "alarm" ? 0 : check.verdict == "warn" ? 1 : check.verdict == "insufficient" ? 2 : 3; };
  std::stable_sort(checks.begin(), checks.end(), [&](const DataCheck& a, const DataCheck& b) { return rank(a) < rank(b); });
  constexpr std::size_t most = 120;
  const std::size_t left_out = checks.size() > most ? checks.size() - most : 0;
  checks.resize(checks.size() - left_out);
  Table table(left_out > 0 ? fmt::format("{}; {} more that are ok are left out", caption, left_out) : std::string(caption),
              {{TableColumn::Kind::Text, "Check"}, {TableColumn::Kind::Text, "Verdict"}, {TableColumn::Kind::Text, "Kind"}, {TableColumn::Kind::Text, "Finding"}}, Narrow::Cards);
  for (const DataCheck& check : checks) table.row({escape(check.name), badge(check.verdict), escape(check.kind), escape(check.detail)});
  return table.finish();
}

}  // namespace

std::string dataSection(const Report& report) {
  const Window* window = shownWindow(report);
  if (window == nullptr) return {};
  std::string body;
  if (!window->quality.empty()) body += checksTable(fmt::format("{}: the gate's limits on rows whose outcome is known", window->label), window->quality);
  if (!window->checks.empty()) body += checksTable(fmt::format("{}: checks of the rows themselves", window->label), window->checks);
  return section("data", "Quality of model and data", body);
}

}  // namespace cd4ml::report
