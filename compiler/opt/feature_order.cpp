#include "compiler/opt/feature_order.h"

#include <algorithm>

namespace cd4ml::opt {

std::vector<std::uint32_t> featureOrder(const ir::Pipeline& normalised, const OpHashes& hashes, ir::NodeId features) {
  const auto count = static_cast<std::uint32_t>(std::get<ir::Features>(normalised[features].body).features.size());
  std::vector<std::uint32_t> order(count);
  for (std::uint32_t i = 0; i < count; ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return hashes.of({features, a}) < hashes.of({features, b});
  });
  return order;
}

std::vector<std::uint32_t> featureOrder(const ir::Pipeline& normalised, ir::NodeId features) {
  return featureOrder(normalised, OpHashes(normalised), features);
}

}  // namespace cd4ml::opt
