#include "runtime/engine/artifacts.h"

#include "runtime/data/blob.h"

namespace cd4ml::engine {

namespace {

/// The same values under the type that the reader wants: content ids know neither nullability nor units.
data::Column asType(data::Column column, const ir::Type& type) {
  const std::uint32_t width = column.type.width;
  column.type = type;
  column.type.width = width;
  return column;
}

}  // namespace

void Artifacts::keepColumn(const Digest& id, const data::Column& column) {
  const std::scoped_lock lock(mutex_);
  columns_.emplace(id, column);
}

std::optional<data::Column> Artifacts::column(const Digest& id, const ir::Type& type) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto at = columns_.find(id); at != columns_.end()) return asType(at->second, type);
  }
  if (cas_ == nullptr || !cas_->has(id)) return std::nullopt;
  auto blob = cas_->get(id);
  if (!blob.ok()) return std::nullopt;
  auto column = data::decodeColumn(std::move(blob).value(), type);
  if (!column.ok()) return std::nullopt;
  keepColumn(id, *column);
  return std::move(column).value();
}

Status Artifacts::storeColumn(const Digest& id, const data::Column& column) {
  if (cas_ == nullptr) return Done{};
  return cas_->put(id, data::encodeColumn(column).pieces);
}

void Artifacts::keepBytes(const Digest& id, std::string bytes) {
  const std::scoped_lock lock(mutex_);
  bytes_.emplace(id, std::move(bytes));
}

std::optional<std::string> Artifacts::bytes(const Digest& id) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto at = bytes_.find(id); at != bytes_.end()) return at->second;
  }
  if (cas_ == nullptr || !cas_->has(id)) return std::nullopt;
  auto blob = cas_->get(id);
  if (!blob.ok()) return std::nullopt;
  const auto bytes = (*blob)->bytes();
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

Status Artifacts::storeBytes(const Digest& id, const std::string& bytes) {
  if (cas_ == nullptr) return Done{};
  return cas_->put(id, {{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}});
}

void Artifacts::keepFitted(const FittedKey& key, score::FittedState state) {
  const std::scoped_lock lock(mutex_);
  fitted_.insert_or_assign(key, std::move(state));
}

std::optional<score::FittedState> Artifacts::fitted(const FittedKey& key) {
  const std::scoped_lock lock(mutex_);
  const auto at = fitted_.find(key);
  if (at == fitted_.end()) return std::nullopt;
  return at->second;
}

std::unique_lock<std::mutex> Artifacts::lockNode(std::uint32_t node) {
  std::mutex* lock = nullptr;
  {
    const std::scoped_lock guard(mutex_);
    lock = &node_locks_[node];
  }
  return std::unique_lock(*lock);
}

}  // namespace cd4ml::engine
