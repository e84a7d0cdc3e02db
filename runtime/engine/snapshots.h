/// Snapshots of joined tables: the key and value columns of the right side of a look-up join, as they travel in a
/// bundle.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "compiler/ir/scoring.h"
#include "runtime/engine/run.h"
#include "runtime/score/lookup.h"

namespace cd4ml::engine {

struct Snapshot {
  std::vector<data::Column> keys;
  std::vector<data::Column> values;
};

/// The snapshot of one joined table. A key that occurs twice is an error: scoring could not tell which row is meant.
[[nodiscard]] Result<Snapshot> takeSnapshot(Run& run, const ir::LookupTable& table);

[[nodiscard]] std::string encodeSnapshot(const Snapshot& snapshot);
[[nodiscard]] Result<Snapshot> decodeSnapshot(std::string_view bytes);

/// The snapshots of a bundle, ready to be looked into.
[[nodiscard]] Result<std::shared_ptr<const score::LookupSnapshots>> openSnapshots(
    const std::map<std::uint32_t, std::string>& encoded);

}  // namespace cd4ml::engine
