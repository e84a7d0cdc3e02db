/// Trials of searches in the ledger: each is written when its metric is known, so an interrupted search shows how far it
/// came. A trial belongs to the run that asked for it; one that was in the cache says so.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/track/runs.h"

namespace cd4ml::track {

struct Trial {
  std::string run{};
  Scope scope{};
  std::string model{};
  std::int64_t number = 0;     ///< from 1, in the order of the search
  std::string options{};       ///< JSON object
  std::string metric{};
  std::optional<double> value{};
  double seconds = 0;
  bool cached = false;
};

Status recordTrial(Ledger& ledger, const Trial& trial);
/// Of one run, by model and number.
[[nodiscard]] Result<std::vector<Trial>> trialsOf(Ledger& ledger, const std::string& run);

}  // namespace cd4ml::track
