/// What a run would do, stage by stage, without running anything.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/plan/keyer.h"

namespace cd4ml::plan {

enum class Action : std::uint8_t {
  Run,    ///< at least one wanted slot is not in the cache
  Reuse,  ///< all wanted slots are
  Maybe,  ///< below a stage that will run: early cutoff decides
};
[[nodiscard]] std::string_view actionText(Action action);

struct Stage {
  ir::NodeId node;
  Action action = Action::Reuse;
  std::string reason;                ///< "the content of `flights.delay` changed", "new", "below `labelled`"
  std::vector<ir::SlotRef> run{};    ///< wanted slots that are not in the cache
  std::vector<ir::SlotRef> reuse{};
  std::vector<ir::SlotRef> maybe{};
};

/// How the planner asks the cache.
struct Cache {
  /// The result under a key.
  std::function<std::optional<Content>(const Digest& key)> find;
  /// What the key of that slot was made of the last time; may be null.
  std::function<std::optional<std::vector<KeyPart>>(ir::SlotRef slot)> last;
};

/// One stage for each node that has a wanted slot, in the order of the pipeline. `known` holds the files of the sources;
/// contents found in the cache are added to it. Gates have no stage here: they are decided by the runner.
[[nodiscard]] std::vector<Stage> makePlan(const Keyer& keyer, const std::vector<ir::SlotRef>& wanted, Known& known,
                                          const Cache& cache);

}  // namespace cd4ml::plan
