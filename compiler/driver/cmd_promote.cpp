// Champions and rollouts by hand: promote a version, go back to the one before; approve, reject, pause what is under way.
#include <fmt/format.h>

#include "compiler/driver/release_output.h"
#include "compiler/driver/run_shortcut.h"
#include "runtime/track/models.h"

namespace cd4ml::driver {

namespace {

Error usage(std::string message, std::string help) {
  Error error = makeError("CD4101", std::move(message));
  error.help.push_back(std::move(help));
  return error;
}

Result<std::string> findDeploy(const ir::Pipeline& pipeline, const std::string& name) {
  CD4ML_TRY(const ir::NodeId node, findNode(pipeline, name));
  if (std::holds_alternative<ir::Deploy>(pipeline[node].body)) return name;
  return makeError("CD6005", fmt::format("`{}` is a {}, not a deploy", name, ir::kindText(pipeline[node])));
}

/// What `approve`, `reject` and `pause` have in common: the open rollout of the one deploy that is named.
int onRollout(const Arguments& arguments, const Console& console, Result<release::Rollout> (*act)(track::Ledger&, const release::Rollout&, const release::ByHand&)) {
  return withLedger(arguments, console, [&](Opened& opened, track::Ledger& ledger) -> Result<int> {
    if (arguments.names.size() != 1) return usage("which deploy?", fmt::format("cd4mlc {} DEPLOY --reason \"…\"", arguments.command));
    CD4ML_TRY(const std::string deploy, findDeploy(opened.compilation.pipeline, arguments.names[0]));
    CD4ML_TRY(const std::optional<release::Rollout> rollout, release::currentRollout(ledger, opened.scope, deploy));
    if (!rollout) return makeError("CD6007", fmt::format("`{}` has no rollout", deploy));
    CD4ML_TRY(const release::Rollout now, act(ledger, *rollout, {.by = personName(), .why = arguments.reason}));
    printRollout(console, now);
    CD4ML_TRY_VOID(deliverMessages(opened.project, ledger, console));
    return Ok;
  });
}

Result<int> finish(const Opened& opened, track::Ledger& ledger, const Console& console, const std::string& deploy,
                   const release::Outcome& outcome) {
  markChampions(opened.project);
  printOutcome(console, deploy, outcome.champion ? outcome.champion->label() : "", outcome);
  CD4ML_TRY_VOID(deliverMessages(opened.project, ledger, console));
  return Ok;
}

}  // namespace

int cmdPromote(const Arguments& arguments, const Console& console) {
  return withLedger(arguments, console, [&](Opened& opened, track::Ledger& ledger) -> Result<int> {
    if (arguments.names.size() != 1 || arguments.to.empty()) {
      return usage("which version to which deploy?", "cd4mlc promote MODEL@V --to DEPLOY");
    }
    CD4ML_TRY(const std::string deploy, findDeploy(opened.compilation.pipeline, arguments.to));
    CD4ML_TRY(const auto model, track::findModel(ledger, opened.scope, arguments.names[0]));
    if (!model) {
      Error error = makeError("CD6004", fmt::format("there is no model version `{}`", arguments.names[0]));
      error.help.emplace_back("cd4mlc models lists them");
      return error;
    }
    markChampions(opened.project);
    CD4ML_TRY(const release::Outcome outcome, release::promote(ledger, *model, deploy, arguments.override_reason, personName()));
    return finish(opened, ledger, console, deploy, outcome);
  });
}

int cmdApprove(const Arguments& arguments, const Console& console) { return onRollout(arguments, console, release::approveRollout); }

int cmdReject(const Arguments& arguments, const Console& console) { return onRollout(arguments, console, release::rejectRollout); }

int cmdPause(const Arguments& arguments, const Console& console) { return onRollout(arguments, console, release::pauseRollout); }

int cmdRollback(const Arguments& arguments, const Console& console) {
  return withLedger(arguments, console, [&](Opened& opened, track::Ledger& ledger) -> Result<int> {
    if (arguments.names.size() != 1) return usage("which deploy?", "cd4mlc rollback DEPLOY");
    CD4ML_TRY(const std::string deploy, findDeploy(opened.compilation.pipeline, arguments.names[0]));
    markChampions(opened.project);
    CD4ML_TRY(const release::Outcome outcome, release::rollBack(ledger, opened.scope, deploy, {.by = personName(), .why = arguments.reason}));
    return finish(opened, ledger, console, deploy, outcome);
  });
}

}  // namespace cd4ml::driver
