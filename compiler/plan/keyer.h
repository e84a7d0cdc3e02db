/// Keys of slots (docs/design/nf1.md): the hash of the normal form of just what a slot needs and of the content of just
/// the input slots that this reads. Names, places, order of declarations and paths take no part.
///
/// A `Keyer` refers to the pipeline it was made for, which must be in normal form (`opt::normalise`) and outlive it.
/// Pure; all members may be called from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/ir/pipeline.h"
#include "compiler/opt/op_hash.h"
#include "compiler/plan/key.h"
#include "compiler/plan/known.h"

namespace cd4ml::plan {

/// Where a gate is decided: the same gate has one verdict for each deploy and profile.
struct GateSetting {
  ir::NodeId deploy;       ///< invalid: no deploy uses the gate
  std::string profile;     ///< "default" without a name
  Digest champion;         ///< model id of the champion; zero: none yet
};

class Keyer {
 public:
  explicit Keyer(const ir::Pipeline& normalised);

  [[nodiscard]] const ir::Pipeline& pipeline() const { return pipeline_; }
  /// Hash of the definition of a slot, all the way down to the sources; no content.
  [[nodiscard]] Digest opHash(ir::SlotRef slot) const { return definitions_[slot.node.index][slot.slot]; }
  /// The slots whose content the key of `slot` reads, each once, sorted. Of slots of gates: metrics, predictions, model.
  [[nodiscard]] std::vector<ir::SlotRef> inputsOf(ir::SlotRef slot) const;
  /// The key, or nullopt while the content of an input (or the files of a source) is not known. Not for gates.
  [[nodiscard]] std::optional<Key> key(ir::SlotRef slot, const Known& known) const;
  /// The key of a gate's verdict.
  [[nodiscard]] std::optional<Key> gateKey(ir::NodeId gate, const GateSetting& setting, const Known& known) const;

 private:
  const ir::Pipeline& pipeline_;
  opt::OpHashes hashes_;
  std::vector<std::vector<Digest>> definitions_;  ///< by node and slot, of all constructs
};

/// Whether a verdict may be kept: not if it rests on a measurement (latency), which is made at each decision.
[[nodiscard]] bool verdictIsCacheable(const ir::Gate& gate);

/// The hash of all definitions, of the files of all sources and of `settings` (profile, champions): equal root keys,
/// equal runs. nullopt while the files of a source are not known.
[[nodiscard]] std::optional<Digest> rootKey(const Keyer& keyer, const Known& known, const std::vector<std::string>& settings);

/// The slots that must be brought up to date for `targets` (empty: every node of the entry file): all columns and results of the targets
/// that nobody reads, what they need of other nodes, and the checks of every source among these. Sorted.
/// `Evaluate` is brought up to date by its metrics; its predictions only where something reads them.
[[nodiscard]] std::vector<ir::SlotRef> wantedSlots(const Keyer& keyer, const std::vector<ir::NodeId>& targets);

}  // namespace cd4ml::plan
