/// The baseline of a model from the rows that it was trained on.
#pragma once

#include <string>

#include "runtime/engine/run.h"
#include "runtime/monitor/baseline.h"
#include "runtime/score/bundle.h"

namespace cd4ml::engine {

/// `declared`: the model as the pipeline names it; `served`: the one in the bundle. Features as the bundle computes them
/// for any row (not the out-of-fold values of training), raw inputs, and what monitors of its deploys name besides, on the
/// training rows; predictions on rows that the model has not seen where there are some.
[[nodiscard]] Result<monitor::Baseline> modelBaseline(Run& run, ir::NodeId declared, ir::NodeId served, const score::Bundle& bundle);

/// Columns of `from` that monitors of the model's deploys watch or slice by, each once.
struct WatchedNames {
  std::vector<std::uint32_t> columns;  ///< slots
  struct By {
    std::vector<std::uint32_t> keys;   ///< slots
    std::vector<std::string> of;       ///< as written: "features", "prediction", names
  };
  std::vector<By> by;
};
[[nodiscard]] WatchedNames watchedNames(const ir::Pipeline& pipeline, ir::NodeId declared, ir::NodeId from);

/// Values of slicing columns that make segments: the most frequent ones of at least so many rows.
constexpr std::int64_t segment_rows = 200;
constexpr std::size_t most_segments = 32;

}  // namespace cd4ml::engine
