#include "runtime/track/windows.h"

#include <algorithm>
#include <set>

#include "runtime/track/json.h"

namespace cd4ml::track {

namespace {

std::string bodyOf(const WindowRecord& window) {
  return Json{{"v", 1},           {"pipeline", window.scope.pipeline}, {"profile", window.scope.profile}, {"subject", window.subject},
              {"monitor", window.monitor}, {"id", window.id},          {"from", window.from},             {"to", window.to},
              {"model", window.model},     {"origin", window.origin},  {"rows", window.rows},             {"labels", window.labels},
              {"verdict", window.verdict}, {"events", window.events},  {"quality", window.quality},       {"result", parseJson(window.body)}}
      .dump();
}

WindowRecord windowOf(const Entry& entry) {
  const Json body = parseJson(entry.body);
  WindowRecord out{.scope = {.pipeline = textOf(body, "pipeline"), .profile = textOf(body, "profile")},
                   .subject = textOf(body, "subject"), .monitor = textOf(body, "monitor"), .id = textOf(body, "id"),
                   .from = textOf(body, "from"), .to = textOf(body, "to"), .model = textOf(body, "model"), .origin = textOf(body, "origin")};
  out.rows = body.value("rows", std::int64_t{0});
  out.labels = body.value("labels", std::int64_t{0});
  out.verdict = textOf(body, "verdict");
  for (const Json& event : body.value("events", Json::array())) out.events.push_back(event.get<std::string>());
  out.quality = body.value("quality", false);
  out.at_us = entry.at_us;
  out.body = body.value("result", Json::object()).dump();
  return out;
}

/// The later entry adds the quality to what the earlier one says of the rows.
void merge(WindowRecord& newer, const WindowRecord& older) {
  for (const std::string& event : older.events) {
    if (std::find(newer.events.begin(), newer.events.end(), event) == newer.events.end()) newer.events.push_back(event);
  }
  Json body = parseJson(newer.body);
  const Json before = parseJson(older.body);
  for (const char* member : {"checks", "drift"}) {
    if (!body.contains(member) && before.contains(member)) body[member] = before[member];
  }
  newer.body = body.dump();
  if (older.verdict == "alarm" || newer.verdict.empty()) newer.verdict = older.verdict;
  newer.labels = std::max(newer.labels, older.labels);
}

}  // namespace

Status recordWindows(Ledger& ledger, const std::vector<WindowRecord>& windows) {
  if (windows.empty()) return Done{};
  return ledger.transact([&](Ledger::Transaction& t) -> Status {
    std::set<std::pair<std::string, bool>> known;
    for (const WindowRecord& window : windows) {
      const std::string subject = subjectOf(window.scope, window.subject);
      if (&window == &windows.front()) {
        CD4ML_TRY(const std::vector<Entry> entries, t.read("window", subject));
        for (const Entry& entry : entries) {
          const WindowRecord there = windowOf(entry);
          known.emplace(there.id, there.quality);
        }
      }
      if (!known.emplace(window.id, window.quality).second) continue;
      CD4ML_TRY_VOID(t.append("window", subject, bodyOf(window)));
    }
    return Done{};
  });
}

Result<std::vector<WindowRecord>> newestWindows(Ledger& ledger, const Scope& scope, const std::string& subject,
                                                const std::string& monitor, std::size_t limit) {
  CD4ML_TRY(const std::vector<Entry> entries, ledger.read("window", subjectOf(scope, subject)));
  std::vector<WindowRecord> out;
  std::map<std::string, std::size_t> places;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    WindowRecord window = windowOf(*entry);
    if (!monitor.empty() && window.monitor != monitor) continue;
    const auto [place, is_new] = places.emplace(window.id, out.size());
    if (!is_new) merge(out[place->second], window);
    else out.push_back(std::move(window));
  }
  if (out.size() > limit) out.resize(limit);
  return out;
}

}  // namespace cd4ml::track
