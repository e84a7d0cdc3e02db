#include "runtime/score/input_encoder.h"

#include <algorithm>
#include <limits>

#include "base/internal_check.h"
#include "runtime/score/category_codes.h"

namespace cd4ml::score {

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

std::vector<double> codeTable(const ColumnView& column, const FeatureInput& feature) {
  std::vector<double> table;
  for (const std::int32_t code : mapLevels(*column.dictionary, feature.levels)) table.push_back(code < 0 ? missing : code);
  return table;
}

void hideNulls(const ColumnView& column, std::int64_t begin, std::int64_t count, double* out) {
  if (column.validity == nullptr) return;
  for (std::int64_t i = 0; i < count; ++i) {
    if (!column.isValid(begin + i)) out[i] = missing;
  }
}

}  // namespace

InputEncoder::InputEncoder(const std::vector<FeatureInput>& features, std::span<const ColumnView> columns)
    : columns_(columns.begin(), columns.end()), codes_(columns.size()) {
  std::size_t at = 0;
  for (const FeatureInput& feature : features) {
    CD4ML_CHECK(at + feature.width <= columns.size());
    if (feature.kind == ir::Kind::Category) codes_[at] = codeTable(columns[at], feature);
    at += feature.width;
  }
  CD4ML_CHECK(at == columns.size());
}

void InputEncoder::encode(std::size_t input, std::int64_t begin, std::int64_t count, double* out) const {
  const ColumnView& column = columns_[input];
  switch (column.kind) {
    case ir::Kind::Int: case ir::Kind::Date: case ir::Kind::Timestamp: case ir::Kind::Duration:
      for (std::int64_t i = 0; i < count; ++i) out[i] = static_cast<double>(column.ints()[begin + i]);
      break;
    case ir::Kind::Float: std::copy_n(column.floats() + begin, count, out); break;
    case ir::Kind::Bool:
      for (std::int64_t i = 0; i < count; ++i) out[i] = column.bools()[begin + i];
      break;
    case ir::Kind::Category:
      // What lies under a null is unspecified, so it may be no code at all.
      for (std::int64_t i = 0; i < count; ++i) {
        const auto code = static_cast<std::uint32_t>(column.codes()[begin + i]);
        out[i] = code < codes_[input].size() ? codes_[input][code] : missing;
      }
      break;
    case ir::Kind::Error: case ir::Kind::Null: case ir::Kind::Text: case ir::Kind::Vector:
      CD4ML_UNREACHABLE("a model input of a kind that no model takes");
  }
  hideNulls(column, begin, count, out);
}

}  // namespace cd4ml::score
