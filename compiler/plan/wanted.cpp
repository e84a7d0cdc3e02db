#include <algorithm>
#include <set>

#include "compiler/opt/op_hash.h"
#include "compiler/plan/keyer.h"

namespace cd4ml::plan {

namespace {

class Wanted {
 public:
  explicit Wanted(const Keyer& keyer) : keyer_(keyer), pipeline_(keyer.pipeline()) {}

  void addAll(ir::NodeId node) {
    const ir::NodeBody& body = pipeline_[node].body;
    // Gates are decided by the runner; what they are judged on must be there.
    if (std::holds_alternative<ir::Gate>(body)) return addInputs({node, 0});
    if (const auto* deploy = std::get_if<ir::Deploy>(&body)) {
      add({deploy->model, 0});
      if (deploy->gate.valid()) addInputs({deploy->gate, 0});
      return;
    }
    // Predictions, and those out of fold, are brought up to date where something reads them.
    const bool first_only = std::holds_alternative<ir::Evaluate>(body) || std::holds_alternative<ir::Model>(body);
    const std::uint32_t count = first_only ? 1 : opt::slotCount(pipeline_[node]);
    for (std::uint32_t s = 0; s < count; ++s) add({node, s});
  }

  void add(ir::SlotRef slot) {
    if (!slots_.insert(slot).second) return;
    const auto* source = std::get_if<ir::Source>(&pipeline_[slot.node].body);
    if (source != nullptr && !source->checks.empty()) add({slot.node, static_cast<std::uint32_t>(pipeline_[slot.node].columns.size())});
    addInputs(slot);
  }

  [[nodiscard]] std::vector<ir::SlotRef> take() const { return {slots_.begin(), slots_.end()}; }

 private:
  void addInputs(ir::SlotRef slot) {
    for (const ir::SlotRef input : keyer_.inputsOf(slot)) add(input);
  }

  const Keyer& keyer_;
  const ir::Pipeline& pipeline_;
  std::set<ir::SlotRef> slots_;
};

}  // namespace

std::vector<ir::SlotRef> wantedSlots(const Keyer& keyer, const std::vector<ir::NodeId>& targets) {
  const ir::Pipeline& pipeline = keyer.pipeline();
  Wanted wanted(keyer);
  for (const ir::NodeId target : targets) wanted.addAll(target);
  if (!targets.empty()) return wanted.take();
  const std::vector<bool> of_entry = ir::nodesOfEntry(pipeline);
  std::set<ir::NodeId> read;
  for (std::uint32_t n = 0; n < pipeline.nodes.size(); ++n) {
    if (!of_entry[n] || std::holds_alternative<ir::Monitor>(pipeline.nodes[n].body)) continue;  // a monitor watches, it makes nothing
    for (const ir::NodeId input : ir::inputsOf(pipeline.nodes[n])) read.insert(input);
  }
  for (std::uint32_t n = 0; n < pipeline.nodes.size(); ++n) {
    if (!of_entry[n]) continue;
    const auto* source = std::get_if<ir::Source>(&pipeline.nodes[n].body);
    // A declared field is a promise about the data, read or not; of a pinned schema only what is read matters.
    const bool declared = source != nullptr && !source->pinned;
    const bool result = std::holds_alternative<ir::Model>(pipeline.nodes[n].body) || std::holds_alternative<ir::Evaluate>(pipeline.nodes[n].body);
    if (declared || result || !read.contains({n})) wanted.addAll({n});
  }
  return wanted.take();
}

}  // namespace cd4ml::plan
