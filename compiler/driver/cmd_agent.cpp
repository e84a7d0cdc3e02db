// `agent`: the closed loop as a process. It looks, decides and waits; what trains and judges are runs of this program.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "compiler/driver/interrupt.h"
#include "compiler/driver/release_output.h"
#include "compiler/driver/run_shortcut.h"
#include "runtime/loop/agent.h"
#include "runtime/process/run_program.h"
#include "runtime/track/json.h"

extern char** environ;

namespace cd4ml::driver {

namespace {

using track::Json;
using track::textOf;

/// Kept until the process ends; the kernel frees it then.
Status lockOut(const Project& project) {
  const std::string path = project.state + "/agent.lock";
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0) return Done{};
  Error error = makeError("CD6008", fmt::format("another agent works on `{}`", project.state));
  error.help.emplace_back("one agent serves all monitors of a state");
  return error;
}

/// Where this program stands; after an upgrade under a living agent, the new one.
std::string ownPath() {
  constexpr std::string_view replaced = " (deleted)";
  std::string path = std::filesystem::read_symlink("/proc/self/exe").string();
  if (path.ends_with(replaced)) path.resize(path.size() - replaced.size());
  return path;
}

class DriverWorld : public loop::World {
 public:
  DriverWorld(const Arguments& arguments, const Console& console, const Opened& opened, track::Ledger& ledger)
      : arguments_(arguments), console_(console), opened_(opened), ledger_(ledger) {}

  std::int64_t now() const override { return track::nowMicroseconds(); }

  Status look(const std::string& monitor) override {
    const process::Outcome outcome = runSelf({"monitor", monitor}, {});
    if (outcome.kind == process::Outcome::Kind::Exited && (outcome.code == Ok || outcome.code == Alarmed)) return Done{};
    if (cancelled()) return Done{};
    console_.problem(fmt::format("{}: the pass of {} failed: {}\n", console_.err(Style::Warning, "warning[CD6009]"), monitor,
                                 last_error_.empty() ? process::outcomeText(outcome, {}) : last_error_));
    return Done{};
  }

  Result<loop::Released> deploy(const std::string& name) override {
    Json decision;
    loop::Released out;
    std::vector<std::string> failed;
    const process::Outcome outcome = runSelf({"deploy", name}, [&](const Json& event) {
      const std::string kind = textOf(event, "event");
      if (kind == "deploy") decision = event;
      if (kind == "run") out.run = textOf(event, "id");
      if (kind == "gate") noteGate(event, name, out);
    });
    out.model = textOf(decision, "model");
    out.rollout = textOf(decision, "rollout");
    const std::string action = textOf(decision, "action");
    using Kind = loop::Released::Kind;
    if (action == "promoted" || action == "overridden") out.kind = Kind::Promoted;
    else if (action == "already champion") out.kind = Kind::Unchanged;
    else if (action == "rolling out") out.kind = Kind::RollingOut;
    else if (action == "held") out.kind = Kind::Held;
    else if (action == "stale") out.why = "the champion changed while its gate was decided";
    else if (isOfData(last_error_)) out.kind = Kind::Refused, out.why = last_error_;
    else out.why = last_error_.empty() ? process::outcomeText(outcome, {}) : last_error_;
    return out;
  }

  Status deliver() override {
    // Compiled out of the ledger alone: messages carry all that delivery needs.
    return deliverMessages(opened_.project, ledger_, console_);
  }

  [[nodiscard]] bool stopped() const override { return std::filesystem::exists(opened_.project.state + "/agent.stop"); }
  [[nodiscard]] bool cancelled() const override { return interruptFlag().load(); }

  void tell(const loop::Loop& loop) override {
    if (console_.json()) {
      console_.result(Json{{"v", 1}, {"event", "loop"}, {"at", track::timeText(loop.at_us)}, {"monitor", loop.monitor}, {"deploy", loop.deploy},
                           {"state", loop::stateText(loop.state)}, {"epoch", loop.epoch}, {"trigger", loop.trigger.id}, {"model", loop.model},
                           {"rollout", loop.rollout}, {"run", loop.run}, {"why", loop.why}}.dump() + "\n");
      return;
    }
    console_.result(fmt::format("{}  {}: {}  {}\n", track::timeText(loop.at_us), loop.deploy, console_.out(Style::Strong, loop::stateText(loop.state)), loop.why));
  }

 private:
  /// "error[CD5012]: …": what rows hold and columns are is the same the next time.
  static bool isOfData(std::string_view error) {
    constexpr std::array<std::string_view, 14> codes{"CD5003", "CD5004", "CD5005", "CD5006", "CD5007", "CD5008", "CD5009", "CD5010",
                                                     "CD5011", "CD5012", "CD5015", "CD5016", "CD5017", "CD5023"};
    return std::any_of(codes.begin(), codes.end(), [&](std::string_view code) { return error.starts_with("error[" + std::string(code)); });
  }

  /// The checks that did not hold, for people.
  static void noteGate(const Json& event, const std::string& deploy, loop::Released& out) {
    if (textOf(event, "deploy") != deploy || textOf(event, "verdict") == "pass") return;
    for (const Json& check : event.value("checks", Json::array())) {
      const std::string verdict = textOf(check, "verdict");
      if (verdict != "fail" && verdict != "inconclusive") continue;
      const Json value = check.value("value", Json());
      out.why += fmt::format("{}{}: {}", out.why.empty() ? "" : "; ", textOf(check, "text"),
                             value.is_number() ? fmt::format("is {:.4g}", value.get<double>()) : textOf(check, "reason"));
    }
  }

  process::Outcome runSelf(std::vector<std::string> words, const std::function<void(const Json&)>& event) {
    process::Program program;
    program.argv = {ownPath()};
    program.argv.insert(program.argv.end(), words.begin(), words.end());
    const std::vector<std::string> common{opened_.project.entry, "--json", "--quiet", "--state", opened_.project.state};
    program.argv.insert(program.argv.end(), common.begin(), common.end());
    if (arguments_.profile != "default") program.argv.insert(program.argv.end(), {"--profile", arguments_.profile});
    for (const auto& [name, value] : arguments_.params) program.argv.insert(program.argv.end(), {"--param", name + "=" + value});
    // The ledger says that the agent decided.
    std::vector<std::string> environment{"CD4ML_USER=agent"};
    for (char** each = environ; *each != nullptr; ++each) {
      if (!std::string_view(*each).starts_with("CD4ML_USER=")) environment.emplace_back(*each);
    }
    program.environment = std::move(environment);
    last_error_.clear();
    program.line = [&](std::string_view line) {
      if (line.starts_with('{')) {
        if (event) event(track::parseJson(line));
      } else if (line.starts_with("error") && last_error_.empty()) {
        last_error_ = line;
      }
    };
    program.cancelled = &interruptFlag();
    return process::run(program);
  }

  const Arguments& arguments_;
  const Console& console_;
  const Opened& opened_;
  track::Ledger& ledger_;
  std::string last_error_;
};

std::vector<loop::Watch> watchesOf(const ir::Pipeline& pipeline) {
  std::vector<loop::Watch> out;
  for (const ir::Node& node : pipeline.nodes) {
    const auto* monitor = std::get_if<ir::Monitor>(&node.body);
    if (monitor == nullptr) continue;
    loop::Watch& watch = out.emplace_back();
    watch.monitor = node.name;
    watch.subject = pipeline[monitor->subject].name;
    watch.body = *monitor;
    for (const ir::Monitor::Rule& rule : monitor->rules) {
      std::vector<release::Channel>& channels = watch.channels.emplace_back();
      for (const ir::Action& action : rule.actions) {
        if (action.notify.valid()) channels.push_back(channelOf(pipeline[action.notify]));
      }
      if (watch.held.empty()) watch.held = channels;
    }
    const auto* deploy = std::get_if<ir::Deploy>(&pipeline[monitor->subject].body);
    watch.of_deploy = deploy != nullptr;
    if (deploy == nullptr || !deploy->gate.valid()) continue;
    const auto& notify = std::get<ir::Gate>(pipeline[deploy->gate].body).notify;
    if (!notify.empty()) watch.held.clear();
    for (const ir::NodeId channel : notify) watch.held.push_back(channelOf(pipeline[channel]));
  }
  return out;
}

void waitFor(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (!interruptFlag().load() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

}  // namespace

int cmdAgent(const Arguments& arguments, const Console& console) {
  listenForInterrupt();
  return withProject(arguments, console, [&](Opened& opened) -> Result<int> {
    std::vector<loop::Watch> watches = watchesOf(opened.compilation.pipeline);
    if (watches.empty()) return makeError("CD4103", fmt::format("`{}` declares no monitor", opened.compilation.pipeline.name));
    std::error_code failed;
    std::filesystem::create_directories(opened.project.state, failed);
    CD4ML_TRY_VOID(lockOut(opened.project));
    CD4ML_TRY(const std::shared_ptr<track::Ledger> ledger, track::Ledger::open(opened.project.ledger()));
    DriverWorld world(arguments, console, opened, *ledger);
    loop::Agent agent(ledger, opened.scope, std::move(watches), world);
    do {
      CD4ML_TRY_VOID(agent.round());
      markChampions(opened.project);
      if (!arguments.once) waitFor(std::chrono::milliseconds(arguments.interval_ms));
    } while (!arguments.once && !interruptFlag().load());
    return Ok;
  });
}

}  // namespace cd4ml::driver
