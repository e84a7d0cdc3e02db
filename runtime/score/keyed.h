/// Models by key (`model … per`): which of several models scores a row, by the values of the row's key columns.
///
/// A key is a text made of the values of its columns: equal values, equal texts, whatever codes a column gives them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "runtime/score/column_view.h"
#include "runtime/score/model.h"
#include "runtime/score/predict.h"

namespace cd4ml::score {

/// The key of a row. Null is a value of its own.
[[nodiscard]] std::string keyOf(std::span<const ColumnView> columns, std::int64_t row);
/// Index of each row's model; -1: none has its key.
[[nodiscard]] std::vector<std::int32_t> modelOfRows(const Keyed& keyed, std::span<const ColumnView> columns, std::int64_t rows);
/// Whether a column of this kind can be part of a key.
[[nodiscard]] bool isKeyKind(ir::Kind kind);

/// Copies the predictions of some rows to their places; classes are matched by name.
void placeRows(const Predictions& from, const std::vector<std::string>& from_classes, std::span<const std::int64_t> rows,
               const std::vector<std::string>& to_classes, Predictions& to);

}  // namespace cd4ml::score
