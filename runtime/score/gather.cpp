#include "runtime/score/gather.h"

#include <cstdlib>
#include <cstring>

#include "base/internal_check.h"

namespace cd4ml::score {

namespace {

std::size_t bytesOf(ir::Kind kind) {
  switch (kind) {
    case ir::Kind::Bool: return 1;
    case ir::Kind::Category: return sizeof(std::int32_t);
    case ir::Kind::Int: case ir::Kind::Float: case ir::Kind::Date: case ir::Kind::Timestamp: case ir::Kind::Duration: return 8;
    case ir::Kind::Text: case ir::Kind::Error: case ir::Kind::Null: case ir::Kind::Vector: break;
  }
  CD4ML_UNREACHABLE("a raw column of a kind that none has");
}

std::shared_ptr<void> allocate(std::size_t bytes) {
  const std::size_t size = (bytes / 64 + 2) * 64;
  std::shared_ptr<void> memory(std::aligned_alloc(64, size), std::free);
  CD4ML_CHECK(memory != nullptr);
  std::memset(memory.get(), 0, size);
  return memory;
}

void gatherText(const ColumnView& column, std::span<const std::int64_t> rows, Gathered& out) {
  std::size_t bytes = 0;
  for (const std::int64_t row : rows) bytes += column.text(row).size();
  auto offsets = allocate((rows.size() + 1) * sizeof(std::int64_t));
  auto values = allocate(bytes);
  auto* at = static_cast<std::int64_t*>(offsets.get());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string_view text = column.text(rows[i]);
    std::memcpy(static_cast<char*>(values.get()) + at[i], text.data(), text.size());
    at[i + 1] = at[i] + static_cast<std::int64_t>(text.size());
  }
  out.view.values = values.get();
  out.view.offsets = at;
  out.owned.push_back(std::move(values));
  out.owned.push_back(std::move(offsets));
}

}  // namespace

ColumnView sliceView(const ColumnView& column, std::int64_t begin, std::int64_t count) {
  CD4ML_CHECK(begin % 64 == 0);
  ColumnView view = column;
  view.rows = count;
  if (view.validity != nullptr) view.validity += begin / 8;
  if (view.kind == ir::Kind::Text) view.offsets += begin;
  else view.values = static_cast<const char*>(view.values) + static_cast<std::size_t>(begin) * bytesOf(view.kind);
  return view;
}

Gathered gatherRows(const ColumnView& column, std::span<const std::int64_t> rows) {
  Gathered out{.view = column, .owned = {}};
  out.view.rows = static_cast<std::int64_t>(rows.size());
  if (column.kind == ir::Kind::Text) {
    gatherText(column, rows, out);
  } else {
    const std::size_t width = bytesOf(column.kind);
    auto values = allocate(rows.size() * width);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::memcpy(static_cast<char*>(values.get()) + i * width, static_cast<const char*>(column.values) + static_cast<std::size_t>(rows[i]) * width, width);
    }
    out.view.values = values.get();
    out.owned.push_back(std::move(values));
  }
  if (column.validity == nullptr) return out;
  auto bits = allocate(rows.size() / 8 + 1);
  auto* to = static_cast<std::uint8_t*>(bits.get());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (column.isValid(rows[i])) to[i / 8] |= static_cast<std::uint8_t>(1U << (i % 8));
  }
  out.view.validity = to;
  out.owned.push_back(std::move(bits));
  return out;
}

}  // namespace cd4ml::score
