#include <cmath>
#include <cstring>

#include "runtime/evaluate/evaluate.h"

namespace cd4ml::evaluate {

namespace {

data::Column makeColumn(ir::Kind kind, std::int64_t rows, std::size_t bytes_a_row) {
  data::Column column;
  column.type.kind = kind;
  column.rows = rows;
  column.values = data::allocateBuffer(static_cast<std::size_t>(rows) * bytes_a_row);
  return column;
}

template <class T>
T* valuesOf(data::Column& column) {
  return reinterpret_cast<T*>(const_cast<std::uint8_t*>(column.values.get()));  // just made, nobody else has it yet
}

data::Column floats(const std::vector<double>& values) {
  data::Column column = makeColumn(ir::Kind::Float, static_cast<std::int64_t>(values.size()), sizeof(double));
  if (!values.empty()) std::memcpy(valuesOf<double>(column), values.data(), values.size() * sizeof(double));
  return data::finishColumn(std::move(column));
}

/// A predicted duration or time: whole microseconds or days, half to even.
data::Column whole(const std::vector<double>& values, ir::Kind kind) {
  data::Column column = makeColumn(kind, static_cast<std::int64_t>(values.size()), sizeof(std::int64_t));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double v = std::nearbyint(values[i]);
    const bool fits = v >= -0x1p63 && v < 0x1p63;
    valuesOf<std::int64_t>(column)[i] = fits ? static_cast<std::int64_t>(v) : 0;
  }
  return data::finishColumn(std::move(column));
}

data::Column numbers(const std::vector<double>& values, ir::Kind kind) {
  switch (kind) {
    case ir::Kind::Date: case ir::Kind::Timestamp: case ir::Kind::Duration: return whole(values, kind);
    case ir::Kind::Int: case ir::Kind::Float: case ir::Kind::Bool: case ir::Kind::Category: case ir::Kind::Text: case ir::Kind::Vector:
    case ir::Kind::Error: case ir::Kind::Null: break;
  }
  // The prediction of a whole number is a number between them.
  return floats(values);
}

}  // namespace

std::vector<data::Column> predictionColumns(const score::Predictions& predictions, ir::Task task, ir::Kind target_kind,
                                            const std::vector<std::string>& classes) {
  switch (task) {
    case ir::Task::Regression: return {numbers(predictions.number, target_kind)};
    case ir::Task::Binary: {
      data::Column label = makeColumn(ir::Kind::Bool, predictions.rows, 1);
      for (std::size_t i = 0; i < predictions.label.size(); ++i) valuesOf<std::uint8_t>(label)[i] = static_cast<std::uint8_t>(predictions.label[i]);
      return {data::finishColumn(std::move(label)), floats(predictions.probability)};
    }
    case ir::Task::Multiclass: {
      data::Column label = makeColumn(ir::Kind::Category, predictions.rows, sizeof(std::int32_t));
      if (!predictions.label.empty()) std::memcpy(valuesOf<std::int32_t>(label), predictions.label.data(), predictions.label.size() * sizeof(std::int32_t));
      label.levels = std::make_shared<const std::vector<std::string>>(classes);
      // Closed: the model's classes in their order, whether or not each is predicted.
      label.type.levels = label.levels;
      return {data::finishColumn(std::move(label)), floats(predictions.probability)};
    }
  }
  CD4ML_UNREACHABLE("a task of another kind");
}

}  // namespace cd4ml::evaluate
