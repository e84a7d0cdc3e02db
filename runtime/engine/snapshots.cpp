#include "runtime/engine/snapshots.h"

#include <fmt/format.h>

#include <cstring>

#include "runtime/data/blob.h"
#include "runtime/data/key_index.h"

namespace cd4ml::engine {

namespace {

void append(std::string& out, const void* data, std::size_t size) { out.append(static_cast<const char*>(data), size); }

/// u8 kind, u64 size, blob.
void appendColumn(std::string& out, const data::Column& column) {
  const auto kind = static_cast<std::uint8_t>(column.type.kind);
  const data::EncodedColumn encoded = data::encodeColumn(column);
  std::uint64_t size = 0;
  for (const auto& piece : encoded.pieces) size += piece.size();
  append(out, &kind, sizeof kind);
  append(out, &size, sizeof size);
  for (const auto& piece : encoded.pieces) append(out, piece.data(), piece.size());
}

Error damaged() { return makeError("CD4010", "the snapshot of a joined table is damaged"); }

template <class T>
bool take(std::string_view& bytes, T& value) {
  if (bytes.size() < sizeof value) return false;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return true;
}

Result<data::Column> takeColumn(std::string_view& bytes) {
  std::uint8_t kind = 0;
  std::uint64_t size = 0;
  if (!take(bytes, kind) || !take(bytes, size) || size > bytes.size()) return damaged();
  if (kind > static_cast<std::uint8_t>(ir::Kind::Duration) || kind <= static_cast<std::uint8_t>(ir::Kind::Null))
    return damaged();
  auto memory = data::allocateBuffer(size);
  std::memcpy(memory.get(), bytes.data(), size);
  bytes.remove_prefix(size);
  ir::Type type;
  type.kind = static_cast<ir::Kind>(kind);
  type.nullable = true;
  return data::decodeColumn({memory.get(), size}, memory, type);
}

class Snapshots final : public score::LookupSnapshots {
 public:
  explicit Snapshots(std::map<std::uint32_t, Snapshot> snapshots) : snapshots_(std::move(snapshots)) {
    for (const auto& [index, snapshot] : snapshots_) views_[index] = data::viewsOf(snapshot.values);
  }

  [[nodiscard]] std::vector<std::int32_t> find(std::uint32_t lookup, std::span<const score::ColumnView> keys,
                                               std::int64_t rows) const override {
    const Snapshot& snapshot = snapshots_.at(lookup);
    const data::KeyMatches matches(keys, rows, data::viewsOf(snapshot.keys), snapshot.keys[0].rows);
    std::vector<std::int32_t> out(static_cast<std::size_t>(rows), -1);
    for (std::int64_t r = 0; r < rows; ++r) {
      if (const auto found = matches.rows(r); !found.empty()) out[static_cast<std::size_t>(r)] = found[0];
    }
    return out;
  }
  [[nodiscard]] const score::ColumnView& column(std::uint32_t lookup, std::uint32_t slot) const override {
    return views_.at(lookup)[slot];
  }

 private:
  std::map<std::uint32_t, Snapshot> snapshots_;
  std::map<std::uint32_t, std::vector<score::ColumnView>> views_;
};

}  // namespace

Result<Snapshot> takeSnapshot(Run& run, const ir::LookupTable& table) {
  Snapshot snapshot;
  CD4ML_TRY(snapshot.keys, fetchColumns(run, table.right, table.key_slots));
  CD4ML_TRY(snapshot.values, fetchColumns(run, table.right, table.value_slots));
  const std::int64_t rows = snapshot.keys[0].rows;
  const data::RowGroups groups = data::groupByKeys(snapshot.keys, rows);
  if (static_cast<std::int64_t>(groups.first_rows.size()) == rows) return snapshot;
  const data::KeyMatches matches(data::viewsOf(snapshot.keys), rows, data::viewsOf(snapshot.keys), rows);
  const ir::Node& right = run.node(table.right);
  for (std::int64_t r = 0; r < rows; ++r) {
    if (matches.rows(r).size() < 2) continue;
    std::vector<std::string> names;
    for (const std::uint32_t slot : table.key_slots) names.push_back(right.columns[slot].name);
    return makeError("CD5015",
                     fmt::format("`{}` has {} rows with {}; a model that looks rows up needs one", right.name,
                                 matches.rows(r).size(), data::keyText(snapshot.keys, names, r)),
                     right.name_span);
  }
  return snapshot;
}

std::string encodeSnapshot(const Snapshot& snapshot) {
  std::string out;
  const std::uint64_t counts[2] = {snapshot.keys.size(), snapshot.values.size()};
  append(out, counts, sizeof counts);
  for (const data::Column& column : snapshot.keys) appendColumn(out, column);
  for (const data::Column& column : snapshot.values) appendColumn(out, column);
  return out;
}

Result<Snapshot> decodeSnapshot(std::string_view bytes) {
  std::uint64_t keys = 0;
  std::uint64_t values = 0;
  if (!take(bytes, keys) || !take(bytes, values) || keys == 0 || keys > bytes.size() || values > bytes.size())
    return damaged();
  Snapshot snapshot;
  for (std::uint64_t k = 0; k < keys; ++k) {
    CD4ML_TRY(snapshot.keys.emplace_back(), takeColumn(bytes));
  }
  for (std::uint64_t v = 0; v < values; ++v) {
    CD4ML_TRY(snapshot.values.emplace_back(), takeColumn(bytes));
  }
  const std::int64_t rows = snapshot.keys[0].rows;
  for (const data::Column& column : snapshot.keys)
    if (column.rows != rows) return damaged();
  for (const data::Column& column : snapshot.values)
    if (column.rows != rows) return damaged();
  return snapshot;
}

Result<std::shared_ptr<const score::LookupSnapshots>> openSnapshots(
    const std::map<std::uint32_t, std::string>& encoded) {
  std::map<std::uint32_t, Snapshot> snapshots;
  for (const auto& [index, bytes] : encoded) {
    CD4ML_TRY(snapshots[index], decodeSnapshot(bytes));
  }
  return std::shared_ptr<const score::LookupSnapshots>(std::make_shared<Snapshots>(std::move(snapshots)));
}

}  // namespace cd4ml::engine
