/// What is known about inputs while keys are made: plain data that the runner fills in as results arrive.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/digest.h"
#include "compiler/ir/pipeline.h"

namespace cd4ml::plan {

/// What a slot holds, as far as keys care.
struct Content {
  Digest id;                    ///< of the slot as a whole
  std::vector<Digest> parts{};  ///< features: content of each part, in the order train, validate, test (those that exist)
  std::uint64_t rows = 0;
};

struct Known {
  std::map<ir::SlotRef, Content> slots;
  std::map<ir::NodeId, std::vector<Digest>> files;  ///< of each source: content ids of its files, in reading order
};

}  // namespace cd4ml::plan
