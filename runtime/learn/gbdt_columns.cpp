#include "runtime/learn/gbdt_columns.h"

#include <algorithm>

#include "runtime/score/category_codes.h"

namespace cd4ml::learn {

namespace {

/// Codes of the column's own dictionary become codes of the model's levels; what is not among them becomes null.
StreamColumn categoryColumn(const data::Column& column, const score::FeatureInput& input, GbdtColumns& out) {
  const score::ColumnView view = column.view();
  const std::vector<std::int32_t> map = score::mapLevels(*view.dictionary, input.levels);
  bool same = true;
  for (std::size_t i = 0; i < map.size(); ++i) same = same && map[i] == static_cast<std::int32_t>(i);
  if (same) return {.format = "i", .values = view.codes(), .validity = view.validity};
  auto codes = data::allocateBuffer(static_cast<std::size_t>(column.rows) * sizeof(std::int32_t));
  auto validity = data::allocateValidity(column.rows);
  auto* to = reinterpret_cast<std::int32_t*>(codes.get());
  for (std::int64_t r = 0; r < column.rows; ++r) {
    to[r] = view.isValid(r) ? map[static_cast<std::size_t>(view.codes()[r])] : -1;
    if (to[r] < 0) validity.get()[r >> 3] &= static_cast<std::uint8_t>(~(1U << (r & 7)));
  }
  out.owned.push_back(codes);
  out.owned.push_back(validity);
  return {.format = "i", .values = codes.get(), .validity = validity.get()};
}

void addVector(const data::Column& column, GbdtColumns& out) {
  const auto* values = reinterpret_cast<const double*>(column.values.get());
  for (std::uint32_t k = 0; k < column.type.width; ++k) {
    out.columns.push_back({.format = "g", .values = values + static_cast<std::int64_t>(k) * column.stride, .validity = column.validity.get()});
  }
}

}  // namespace

GbdtColumns gbdtColumns(const TrainingPart& part, const Prepared& prepared) {
  GbdtColumns out;
  for (std::size_t f = 0; f < part.features.size(); ++f) {
    const data::Column& column = part.features[f];
    switch (column.type.kind) {
      case ir::Kind::Int: case ir::Kind::Date: case ir::Kind::Timestamp: case ir::Kind::Duration:
        out.columns.push_back({.format = "l", .values = column.values.get(), .validity = column.validity.get()});
        break;
      case ir::Kind::Float: out.columns.push_back({.format = "g", .values = column.values.get(), .validity = column.validity.get()}); break;
      case ir::Kind::Bool: out.columns.push_back({.format = "C", .values = column.values.get(), .validity = column.validity.get()}); break;
      case ir::Kind::Category: out.columns.push_back(categoryColumn(column, prepared.inputs[f], out)); break;
      case ir::Kind::Vector: addVector(column, out); break;
      case ir::Kind::Error: case ir::Kind::Null: case ir::Kind::Text: CD4ML_UNREACHABLE("a feature of a kind that no model takes");
    }
  }
  return out;
}

}  // namespace cd4ml::learn
