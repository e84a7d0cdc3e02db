#include "runtime/loop/triggers.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/digest.h"
#include "runtime/track/json.h"

namespace cd4ml::loop {

namespace {

constexpr std::int64_t longest_cooling_us = 7LL * 86'400'000'000;

bool has(const std::vector<std::string>& list, std::string_view word) { return std::find(list.begin(), list.end(), word) != list.end(); }

bool isOfWindows(std::string_view event) { return event == "drift" || event == "quality" || event == "data" || event == "alarm"; }

std::string idOf(const track::Scope& scope, const std::string& monitor, const Rule& rule, const Trigger& trigger, std::int64_t times) {
  Hasher hasher("cd4ml trigger");
  hasher.string(track::subjectOf(scope, monitor)).string(rule.event).u64(static_cast<std::uint64_t>(rule.limit));
  hasher.string(trigger.champion).u64(static_cast<std::uint64_t>(times)).u64(trigger.windows.size());
  for (const std::string& window : trigger.windows) hasher.string(window);
  return "t-" + hasher.finish().hex().substr(0, 20);
}

/// The alarms of a window in a few words, worst first as the window has them.
std::string alarmsOf(const track::WindowRecord& window, std::string_view event) {
  const track::Json body = track::parseJson(window.body);
  std::string out;
  const auto add = [&](const std::string& what) { out += (out.empty() ? "" : "; ") + what; };
  if (event == "drift") {
    for (const track::Json& entry : body.value("drift", track::Json::array())) {
      if (track::textOf(entry, "verdict") != "alarm") continue;
      add(fmt::format("{} moved ({} {:.3g}, limit {:.3g})", track::textOf(entry, "name"), track::textOf(entry, "statistic"),
                      entry.value("effect", 0.0), entry.value("threshold", 0.0)));
    }
  } else if (event == "quality") {
    for (const track::Json& check : body.value("quality", track::Json::object()).value("checks", track::Json::array())) {
      if (track::textOf(check, "verdict") == "fail") add(fmt::format("{}: is {:.4g}", track::textOf(check, "text"), check.value("value", 0.0)));
    }
  } else {
    for (const track::Json& check : body.value("checks", track::Json::array())) {
      if (track::textOf(check, "verdict") == "alarm") add(fmt::format("{} {}", track::textOf(check, "name"), track::textOf(check, "message")));
    }
  }
  return out;
}

std::string windowText(const track::WindowRecord& window) {
  if (window.from.empty()) return fmt::format("{} rows", window.rows);
  return fmt::format("{} rows from {} to {}", window.rows, window.from, window.to);
}

void dueOfWindows(const track::Scope& scope, const std::string& monitor, const Rule& rule, std::size_t place, const Evidence& evidence,
                  std::vector<Due>& out) {
  for (auto window = evidence.windows.rbegin(); window != evidence.windows.rend(); ++window) {
    if (!has(window->events, rule.event)) continue;
    Trigger trigger{.event = rule.event, .champion = window->model, .windows = {window->id}};
    const std::string alarms = alarmsOf(*window, rule.event);
    trigger.text = fmt::format("{} in {}{}", rule.event, windowText(*window), alarms.empty() ? "" : ": " + alarms);
    trigger.id = idOf(scope, monitor, rule, trigger, 1);
    out.push_back({place, std::move(trigger)});
  }
}

/// How often the limit was reached since the champion reigns, and what is counted.
std::pair<std::int64_t, std::string> timesReached(const Rule& rule, const Evidence& evidence) {
  const track::Champion& champion = *evidence.champion;
  if (rule.event == "age" || rule.event == "every") {
    const std::int64_t age = evidence.now_us - champion.at_us;
    return {age / rule.limit, fmt::format("{} is {:.1f} h old", champion.label(), static_cast<double>(age) / 3.6e9)};
  }
  std::int64_t count = 0;
  for (const track::WindowRecord& window : evidence.windows) {
    if (window.model == champion.label()) count += rule.event == "labels" ? window.labels : window.rows;
  }
  return {count / rule.limit, fmt::format("{} {} since {} reigns", count, rule.event == "labels" ? "labels" : "rows", champion.label())};
}

}  // namespace

std::vector<Due> dueRules(const track::Scope& scope, const std::string& monitor, const std::vector<Rule>& rules, const Evidence& evidence) {
  std::vector<Due> out;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = rules[i];
    if (isOfWindows(rule.event)) {
      dueOfWindows(scope, monitor, rule, i, evidence, out);
      continue;
    }
    if (!evidence.champion || rule.limit <= 0) continue;
    auto [times, text] = timesReached(rule, evidence);
    if (times < 1) continue;
    Trigger trigger{.event = rule.event, .champion = evidence.champion->label(), .text = std::move(text)};
    trigger.id = idOf(scope, monitor, rule, trigger, times);
    out.push_back({i, std::move(trigger)});
  }
  return out;
}

Admission mayRetrain(const ir::Monitor& monitor, const Loop& loop, const std::vector<std::int64_t>& begun_us, const std::string& bad_data,
                     std::int64_t now_us) {
  if (!loop.isIdle()) return {.why = fmt::format("the loop is {} already", stateText(loop.state))};
  if (!bad_data.empty()) return {.why = "data that fails its checks trains nothing: " + bad_data};
  if (now_us < loop.until_us) return {.why = fmt::format("it cools until {}", track::timeText(loop.until_us))};
  if (monitor.budget > 0) {
    const auto recent = std::count_if(begun_us.begin(), begun_us.end(), [&](std::int64_t at) { return now_us - at < monitor.budget_us; });
    if (recent >= monitor.budget) return {.why = fmt::format("{} of {} retrainings of the budget are used", recent, monitor.budget)};
  }
  return {.admitted = true};
}

std::string badData(const Evidence& evidence) {
  for (const track::WindowRecord& window : evidence.windows) {
    if (window.verdict == "insufficient") continue;
    if (!has(window.events, "data")) return {};
    const std::string alarms = alarmsOf(window, "data");
    return alarms.empty() ? "window " + window.id : alarms;
  }
  return {};
}

std::int64_t coolingTime(const ir::Monitor& monitor, std::int64_t holds) {
  std::int64_t out = monitor.cooldown_us;
  for (std::int64_t i = 0; i < holds && out < longest_cooling_us; ++i) out *= 2;
  return std::max(monitor.cooldown_us, std::min(out, longest_cooling_us));
}

}  // namespace cd4ml::loop
