#include <algorithm>

#include "compiler/opt/op_hash.h"
#include "compiler/opt/passes.h"

namespace cd4ml::opt {

void orderRowIds(ir::Pipeline& pipeline) {
  const OpHashes hashes(pipeline);
  for (ir::Node& node : pipeline.nodes) {
    auto* split = std::get_if<ir::Split>(&node.body);
    if (split == nullptr) continue;
    std::stable_sort(split->id_columns.begin(), split->id_columns.end(), [&](std::uint32_t a, std::uint32_t b) {
      return hashes.of({split->from, a}) < hashes.of({split->from, b});
    });
  }
}

}  // namespace cd4ml::opt
