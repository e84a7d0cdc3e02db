#include "runtime/engine/run.h"

namespace cd4ml::engine {

namespace {

constexpr std::uint64_t kSmall = std::uint64_t{1} << 20;
/// Bytes a second that writing, syncing and reading back a blob achieves on a plain disk.
constexpr double kStoreRate = 200e6;

/// Small results are always stored; large ones only where computing them again is dearer than writing them.
bool worthStoring(std::uint64_t bytes, const Cost& cost) {
  if (bytes <= kSmall) return true;
  if (cost.source_is_there) return false;
  return cost.seconds > static_cast<double>(bytes) / kStoreRate;
}

}  // namespace

Status Run::checkCancelled() const {
  if (task.cancelled != nullptr && task.cancelled->load(std::memory_order_relaxed))
    return makeError("CD5503", "cancelled");
  return Done{};
}

Result<SlotContent> keepColumn(Run& run, const data::Column& column, const Cost& cost) {
  SlotContent content;
  content.content = data::contentId(column, run.threads());
  content.rows = static_cast<std::uint64_t>(column.rows);
  content.bytes = data::columnBytes(column);
  run.artifacts.keepColumn(content.content, column);
  if (worthStoring(content.bytes, cost) && run.config.cas != nullptr) {
    CD4ML_TRY_VOID(run.artifacts.storeColumn(content.content, column));
    content.stored = true;
  }
  return content;
}

Digest partsId(const std::vector<Digest>& parts) {
  Hasher hasher("cd4ml NF1 parts");
  hasher.u64(parts.size());
  for (const Digest& part : parts) hasher.digest(part);
  return hasher.finish();
}

Result<SlotContent> keepParts(Run& run, const std::vector<data::Column>& parts, const Cost& cost) {
  SlotContent whole;
  whole.stored = true;
  Cost share = cost;
  share.seconds /= parts.empty() ? 1.0 : static_cast<double>(parts.size());
  for (const data::Column& part : parts) {
    CD4ML_TRY(const SlotContent content, keepColumn(run, part, share));
    whole.parts.push_back(content.content);
    whole.rows += content.rows;
    whole.bytes += content.bytes;
    whole.stored = whole.stored && content.stored;
  }
  whole.content = partsId(whole.parts);
  return whole;
}

SlotContent keepJson(const std::string& value, const std::string& hashed) {
  SlotContent content;
  content.content = Hasher("cd4ml NF1 json").text(hashed).finish();
  content.bytes = value.size();
  content.stored = true;
  content.value = value;
  return content;
}

}  // namespace cd4ml::engine
