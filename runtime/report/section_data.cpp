// Is the data itself sound, and does the model keep its promises on rows whose outcome is known?
#include <algorithm>

#include <fmt/format.h>

#include "runtime/report/sections.h"
#include "runtime/report/table.h"
#include "runtime/report/text.h"
#include "runtime/report/tone.h"

namespace cd4ml::report {

namespace {

constexpr std::size_t most = 120;

std::string checksTable(std::string_view caption, const std::vector<const DataCheck*>& checks) {
  const std::size_t left_out = checks.size() > most ? checks.size() - most : 0;
  Table table(left_out > 0 ? fmt::format("{}; {} more are left out", caption, left_out) : std::string(caption),
              {{TableColumn::Kind::Text, "Check"}, {TableColumn::Kind::Text, "Verdict"}, {TableColumn::Kind::Text, "Kind"}, {TableColumn::Kind::Text, "Finding"}}, Narrow::Cards);
  for (std::size_t c = 0; c < checks.size() - left_out; ++c) table.row({escape(checks[c]->name), badge(checks[c]->verdict), escape(checks[c]->kind), prose(checks[c]->detail)});
  return table.finish();
}

/// What is not ok first; what is can be unfolded.
std::string checksPart(std::string_view caption, const std::vector<DataCheck>& checks) {
  const auto rank = [](const DataCheck* check) { return check->verdict == "alarm" ? 0 : check->verdict == "warn" ? 1 : 2; };
  std::vector<const DataCheck*> loud, quiet;
  for (const DataCheck& check : checks) (check.verdict == "ok" ? quiet : loud).push_back(&check);
  std::stable_sort(loud.begin(), loud.end(), [&](const auto* a, const auto* b) { return rank(a) < rank(b); });
  std::string out;
  if (!loud.empty()) out += checksTable(caption, loud);
  if (!quiet.empty()) {
    out += fmt::format("<details{}><summary>{} {} ok</summary>\n{}</details>\n", loud.empty() ? " open=\"open\"" : "", quiet.size(), quiet.size() == 1 ? "check is" : "checks are", checksTable(caption, quiet));
  }
  return out;
}

}  // namespace

std::string dataSection(const Report& report) {
  const Window* window = shownWindow(report);
  if (window == nullptr) return {};
  std::string body;
  if (!window->quality.empty()) body += "<h3>Is the model still good?</h3>\n" + checksPart(fmt::format("{}: the gate's limits on rows whose outcome is known", window->label), window->quality);
  if (!window->checks.empty()) body += "<h3>Is the data sound?</h3>\n" + checksPart(fmt::format("{}: checks of the rows themselves", window->label), window->checks);
  return section("data", "Quality of model and data", body);
}

}  // namespace cd4ml::report
