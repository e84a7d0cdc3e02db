/// The options of `gbdt` as LightGBM's parameters (stdlib/models.def gives the mapping).
#pragma once

#include <string>

#include "runtime/learn/algorithms.h"

namespace cd4ml::learn {

struct GbdtParameters {
  std::string text;                ///< "key=value key=value …"
  score::Link link = score::Link::Identity;
  std::uint64_t trees = 0;
  std::uint64_t early_stop = 0;    ///< 0: never
  int threads = 1;
  bool focal = false;              ///< the loss is ours (gbdt_focal)
  double positive_weight = 1;
};

[[nodiscard]] GbdtParameters gbdtParameters(const TrainRequest& request, const Prepared& prepared, int threads);

}  // namespace cd4ml::learn
