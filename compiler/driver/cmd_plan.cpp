// What would run and why; runs nothing, opens no engine.
#include <fmt/format.h>

#include "compiler/driver/opened.h"
#include "compiler/driver/text_table.h"
#include "compiler/driver/workshop.h"
#include "compiler/opt/normalise.h"
#include "compiler/plan/plan.h"
#include "runtime/exec/source_files.h"
#include "runtime/track/json.h"

namespace cd4ml::driver {

namespace {

struct Line {
  std::string name;
  std::string kind;
  plan::Action action = plan::Action::Reuse;
  std::string reason;
  std::optional<double> seconds;
};

class Planner {
 public:
  Planner(const Opened& opened, const Workshop& workshop, const std::string& profile)
      : opened_(opened), workshop_(workshop), profile_(profile), pipeline_(opt::normalise(opened.compilation.pipeline)),
        keyer_(pipeline_) {}

  Result<std::vector<Line>> lines(const std::vector<ir::NodeId>& targets) {
    const exec::Goal goal = exec::goalOf(pipeline_, targets);
    std::vector<ir::SlotRef> wanted = plan::wantedSlots(keyer_, goal.nodes);
    std::erase_if(wanted, [&](ir::SlotRef slot) { return isFrontOnly(slot.node); });
    for (const ir::SlotRef slot : wanted) {
      const ir::Node& node = pipeline_[slot.node];
      if (known_.files.contains(slot.node) || ir::filesOf(node).empty()) continue;
      CD4ML_TRY(const auto files, exec::sourceFiles(node, opened_.project.folder, *workshop_.config.cache));
      for (const engine::SourceFile& file : files) known_.files[slot.node].push_back(file.content);
    }
    std::vector<Line> result;
    for (const plan::Stage& stage : plan::makePlan(keyer_, wanted, known_, cache())) {
      if (stage.action != plan::Action::Reuse) changing_.push_back(stage.node);
      result.push_back({.name = pipeline_[stage.node].name, .kind = std::string(ir::kindText(pipeline_[stage.node])),
                        .action = stage.action, .reason = stage.reason, .seconds = estimate(stage)});
    }
    for (const ir::NodeId gate : goal.gates) result.push_back(gateLine(gate));
    return result;
  }

 private:
  [[nodiscard]] bool isFrontOnly(ir::NodeId node) const {
    const ir::NodeBody& body = pipeline_[node].body;
    return std::holds_alternative<ir::Gate>(body) || std::holds_alternative<ir::Deploy>(body) || std::holds_alternative<ir::Notify>(body) ||
           std::holds_alternative<ir::Monitor>(body);
  }

  [[nodiscard]] std::optional<store::CachedResult> lastResult(ir::SlotRef slot) const {
    const std::vector<std::string> names = ir::slotNames(pipeline_[slot.node]);
    const auto last = workshop_.config.cache->lastKey(exec::slotLabel(pipeline_, profile_, slot.node, names[slot.slot]));
    return last ? workshop_.config.cache->find(*last) : std::nullopt;
  }

  plan::Cache cache() const {
    return {.find = [this](const Digest& key) -> std::optional<plan::Content> {
              const auto found = workshop_.config.cache->find(key);
              if (!found) return std::nullopt;
              return plan::Content{.id = found->content, .parts = found->parts, .rows = found->rows};
            },
            .last = [this](ir::SlotRef slot) -> std::optional<std::vector<plan::KeyPart>> {
              const auto found = lastResult(slot);
              if (!found) return std::nullopt;
              return plan::readParts(found->preimage);
            }};
  }

  /// Seconds that the slots took the last time; slots that were made together took them together.
  [[nodiscard]] std::optional<double> estimate(const plan::Stage& stage) const {
    std::optional<double> seconds;
    for (const auto* slots : {&stage.run, &stage.maybe}) {
      for (const ir::SlotRef slot : *slots) {
        if (const auto last = lastResult(slot)) seconds = std::max(seconds.value_or(0), last->seconds);
      }
    }
    return seconds;
  }

  Line gateLine(ir::NodeId gate) const {
    Line line{.name = pipeline_[gate].name, .kind = "gate", .action = plan::Action::Reuse,
              .reason = "nothing it reads has changed", .seconds = {}};
    for (const ir::NodeId input : ir::inputsOf(pipeline_[gate])) {
      if (std::find(changing_.begin(), changing_.end(), input) == changing_.end()) continue;
      line.action = plan::Action::Maybe;
      line.reason = fmt::format("below `{}`", pipeline_[input].name);
      return line;
    }
    for (std::uint32_t i = 0; i < pipeline_.nodes.size(); ++i) {
      const auto* deploy = std::get_if<ir::Deploy>(&pipeline_.nodes[i].body);
      if (deploy == nullptr || deploy->gate != gate) continue;
      plan::GateSetting setting{.deploy = {i}, .profile = profile_, .champion = {}};
      const auto champion = workshop_.config.champions.find(pipeline_.nodes[i].name);
      if (champion != workshop_.config.champions.end()) setting.champion = champion->second.id;
      const auto key = keyer_.gateKey(gate, setting, known_);
      if (key && workshop_.config.cache->find(key->id)) continue;
      line.action = plan::Action::Run;
      line.reason = fmt::format("not decided yet for `{}`", pipeline_.nodes[i].name);
    }
    return line;
  }

  const Opened& opened_;
  const Workshop& workshop_;
  const std::string& profile_;
  ir::Pipeline pipeline_;
  plan::Keyer keyer_;
  plan::Known known_;
  std::vector<ir::NodeId> changing_;
};

Style styleOf(plan::Action action) {
  switch (action) {
    case plan::Action::Run: return Style::Accent;
    case plan::Action::Reuse: return Style::Dim;
    case plan::Action::Maybe: return Style::Warning;
  }
  CD4ML_UNREACHABLE("Action");
}

std::string tableText(const std::vector<Line>& lines, const Console& console) {
  TextTable table({Align::Left, Align::Left, Align::Left, Align::Right, Align::Left});
  double seconds = 0;
  for (const Line& line : lines) {
    seconds += line.action == plan::Action::Reuse ? 0 : line.seconds.value_or(0);
    table.add({console.out(styleOf(line.action), plan::actionText(line.action)), console.out(Style::Strong, line.name),
               console.out(Style::Dim, line.kind), line.seconds ? "~" + secondsText(*line.seconds) : "", line.reason});
  }
  return table.text() + (seconds > 0 ? fmt::format("\nabout {} by the last runs\n", secondsText(seconds)) : "");
}

}  // namespace

int cmdPlan(const Arguments& arguments, const Console& console) {
  return withProject(arguments, console, [&](Opened& opened) -> Result<int> {
    CD4ML_TRY(Workshop workshop, openWorkshop(opened.project, arguments));
    CD4ML_TRY_VOID(lookUpChampions(opened.project, opened.scope, workshop));
    for (const ir::Node& node : opened.compilation.pipeline.nodes) {
      const auto* source = std::get_if<ir::Source>(&node.body);
      if (source == nullptr || !source->open_schema) continue;
      return makeError("CD4103", fmt::format("the schema of source `{}` is not pinned yet: cd4mlc run, once", node.name));
    }
    std::vector<ir::NodeId> targets;
    for (const std::string& name : arguments.names) {
      CD4ML_TRY(const ir::NodeId node, findNode(opened.compilation.pipeline, name));
      targets.push_back(node);
    }
    Planner planner(opened, workshop, arguments.profile);
    CD4ML_TRY(const std::vector<Line> lines, planner.lines(targets));
    if (!console.json()) {
      console.result(tableText(lines, console));
      return Ok;
    }
    track::Json stages = track::Json::array();
    for (const Line& line : lines) {
      stages.push_back({{"name", line.name}, {"kind", line.kind}, {"action", plan::actionText(line.action)}, {"reason", line.reason},
                        {"seconds_estimate", line.seconds ? track::Json(*line.seconds) : track::Json()}});
    }
    console.result(track::Json{{"v", 1}, {"stages", stages}}.dump() + "\n");
    return Ok;
  });
}

}  // namespace cd4ml::driver
