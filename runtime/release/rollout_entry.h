/// Rollouts as ledger entries, and back.
#pragma once

#include "runtime/release/rollout.h"

namespace cd4ml::release {

[[nodiscard]] std::string encodeRollout(const Rollout& rollout);
/// Nothing where the entry is not one.
[[nodiscard]] std::optional<Rollout> decodeRollout(const track::Entry& entry);

}  // namespace cd4ml::release
