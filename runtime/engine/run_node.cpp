#include <fmt/format.h>

#include "runtime/engine/run.h"

namespace cd4ml::engine {

namespace {

/// Dispatches on the kind of the node.
struct RunBody {
  Run& run;
  ir::NodeId id;
  const Slots& slots;

  using Done = Result<std::vector<SlotContent>>;
  Done operator()(const ir::Source&) const { return runSource(run, id, slots); }
  Done operator()(const ir::Table&) const { return runTable(run, id, slots); }
  Done operator()(const ir::Features&) const { return runFeatures(run, id, slots); }
  Done operator()(const ir::Split&) const { return runSplit(run, id, slots); }
  Done operator()(const ir::Model&) const { return runModel(run, id, slots); }
  Done operator()(const ir::Evaluate&) const { return runEvaluate(run, id, slots); }
  Done operator()(const ir::Gate&) const { return notHere(); }
  Done operator()(const ir::Deploy&) const { return notHere(); }
  Done operator()(const ir::Notify&) const { return notHere(); }
  Done operator()(const ir::Stage&) const { return runStage(run, id, slots); }
  Done operator()(const ir::Monitor&) const { return notHere(); }
  static Done notHere() { CD4ML_UNREACHABLE("gates, deploys and notifies are decided in the front"); }
};

}  // namespace

Result<std::vector<SlotContent>> runNode(Run& run, ir::NodeId node, const Slots& slots) {
  CD4ML_TRY_VOID(run.checkCancelled());
  if (slots.empty()) return std::vector<SlotContent>{};
  auto made = std::visit(RunBody{run, node, slots}, run.node(node).body);
  if (made.ok() || !made.error().span.empty()) return made;
  Error error = std::move(made).error();
  error.span = run.node(node).name_span;
  return error;
}

}  // namespace cd4ml::engine
