/// Digests of the values of a graph: each is the hash of an operation and of the digests of its arguments, so equal
/// digests mean equal results for equal inputs, however the graph is shared, ordered or named.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/digest.h"
#include "compiler/ir/value.h"

namespace cd4ml::opt {

/// Two-argument kernels that give the same bits and the same row errors in either order.
[[nodiscard]] bool isCommutative(const ir::Graph& graph, const ir::Value& call);

class ValueDigests {
 public:
  /// `input` gives the digest that stands for a column, by input slot; `lookup` that of a joined column, by look-up and
  /// slot (may be null where none occurs).
  using Input = std::function<Digest(std::uint32_t slot)>;
  using Lookup = std::function<Digest(std::uint32_t lookup, std::uint32_t slot)>;
  ValueDigests(const ir::Graph& graph, Input input, Lookup lookup = {});

  [[nodiscard]] Digest of(ir::ValueId value);

 private:
  [[nodiscard]] Digest compute(const ir::Value& value);
  const ir::Graph& graph_;
  Input input_;
  Lookup lookup_;
  std::vector<std::optional<Digest>> known_;
};

/// The values that `roots` need, themselves included, in the order of the graph.
[[nodiscard]] std::vector<ir::ValueId> valuesNeeded(const ir::Graph& graph, const std::vector<ir::ValueId>& roots);

}  // namespace cd4ml::opt
