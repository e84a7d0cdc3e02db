/// Bundles: writing the one of a trained model, and judging a released one on the current rows.
#pragma once

#include "runtime/engine/run.h"
#include "runtime/score/bundle.h"

namespace cd4ml::engine {

[[nodiscard]] Result<Digest> writeModelBundle(Run& run, ir::NodeId model, const std::string& evidence_json,
                                              const std::string& path);
[[nodiscard]] Result<score::Bundle> makeModelBundle(Run& run, ir::NodeId model, const std::string& evidence_json);
[[nodiscard]] Result<std::string> evaluateWithBundle(Run& run, ir::NodeId evaluate, const std::string& path);

/// Rows of an evaluate node that the bundle's model was not fitted or stopped on.
[[nodiscard]] Result<features::RowSet> unseenByBundle(Run& run, const ir::Evaluate& node, const score::Bundle& bundle);

/// The raw columns that a bundle scores, on rows of an evaluate node. Error CD5004: it needs a column that is not there.
struct RawRows {
  std::vector<data::Column> columns;
  std::string where;   ///< the node whose rows they are
};
[[nodiscard]] Result<RawRows> rawRows(Run& run, const ir::Evaluate& node, const score::Bundle& bundle, const features::RowSet& rows,
                                      const std::string& path);

/// Rows of the scoring base S behind rows of `node`: empty means the same rows.
[[nodiscard]] Result<std::vector<std::int32_t>> baseRows(Run& run, ir::NodeId node, ir::NodeId base);

/// The raw inputs of a scoring program on rows of `features`' `from` node.
[[nodiscard]] Result<std::vector<data::Column>> rawInputs(Run& run, ir::NodeId from, ir::NodeId base,
                                                          const Slots& base_slots, const features::RowSet& rows);

}  // namespace cd4ml::engine
