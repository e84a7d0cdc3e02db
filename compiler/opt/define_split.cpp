#include "compiler/opt/counting_leaves.h"
#include "compiler/opt/nf1.h"
#include "compiler/opt/versions.h"

namespace cd4ml::opt {

Digest defineSplit(const ir::Pipeline& pipeline, ir::SlotRef slot, Leaves& outer) {
  const auto& split = std::get<ir::Split>(pipeline[slot.node].body);
  using Method = ir::Split::Method;
  const bool by_time = split.method == Method::Time;
  const bool by_row = split.method == Method::Random || split.method == Method::Stratified;
  CountingLeaves leaves(outer, split.from);
  Hasher hasher = begin(Tag::Split);
  hasher.u8(static_cast<std::uint8_t>(split.method)).string(versionOf(Versioned::Split, ir::methodText(split.method)));
  hasher.u64(by_time ? 0 : static_cast<std::uint64_t>(split.seed));
  hasher.u64(static_cast<std::uint64_t>(split.gap_us)).u64(split.shares.size());
  for (const ir::Split::Share& share : split.shares) {
    hasher.u8(static_cast<std::uint8_t>(share.part));
    encode(hasher, share.fraction);
    hasher.u64(static_cast<std::uint64_t>(share.duration_us)).u8(share.rest ? 1 : 0);
  }
  const bool has_time = split.time_column != UINT32_MAX;
  hasher.u8(has_time ? 1 : 0);
  if (has_time) hasher.digest(leaves.slot({split.from, split.time_column}));
  // Cuts in time do not look at row ids.
  hasher.u64(by_row ? split.id_columns.size() : 0);
  if (by_row) {
    for (const std::uint32_t column : split.id_columns) hasher.digest(leaves.slot({split.from, column}));
  }
  if (split.by_column != UINT32_MAX) hasher.digest(leaves.slot({split.from, split.by_column}));
  if (split.folds > 0) {
    hasher.string("folds").u64(static_cast<std::uint64_t>(split.folds)).u64(static_cast<std::uint64_t>(split.fold + 1));
  }
  if (split.after_us != 0) {
    hasher.string("after").u64(static_cast<std::uint64_t>(split.after_us));
    for (const ir::SlotRef& end : split.ends) hasher.digest(leaves.slot(end));
  }
  return hasher.digest(leaves.rowsIfUnread()).finish();
}

}  // namespace cd4ml::opt
