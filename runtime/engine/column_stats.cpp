#include "runtime/engine/column_stats.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/data/value_text.h"

namespace cd4ml::engine {

namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kBins = 20;
constexpr std::size_t kTop = 10;

Json jsonFloat(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  return value;
}

double numberAt(const score::ColumnView& view, std::int64_t row) {
  return view.kind == ir::Kind::Float ? view.floats()[row] : static_cast<double>(view.ints()[row]);
}

void addNumbers(Json& out, const data::Column& column) {
  const score::ColumnView view = column.view();
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  double sum = 0;
  std::int64_t low_row = -1;
  std::int64_t high_row = -1;
  std::int64_t count = 0;
  for (std::int64_t r = 0; r < view.rows; ++r) {
    const double x = view.isValid(r) ? numberAt(view, r) : std::nan("");
    if (!std::isfinite(x)) continue;
    ++count;
    sum += x;
    if (x < low) {
      low = x;
      low_row = r;
    }
    if (x > high) {
      high = x;
      high_row = r;
    }
  }
  if (count == 0) return;
  const double mean = sum / static_cast<double>(count);
  double squares = 0;
  std::vector<std::int64_t> bins(kBins, 0);
  for (std::int64_t r = 0; r < view.rows; ++r) {
    const double x = view.isValid(r) ? numberAt(view, r) : std::nan("");
    if (!std::isfinite(x)) continue;
    squares += (x - mean) * (x - mean);
    const double place = high > low ? (x - low) / (high - low) * kBins : 0.0;
    ++bins[std::min(kBins - 1, static_cast<std::size_t>(place))];
  }
  out["min"] = jsonValue(column, low_row);
  out["max"] = jsonValue(column, high_row);
  if (view.kind == ir::Kind::Int || view.kind == ir::Kind::Float) {
    out["mean"] = mean;
    if (count > 1) out["std"] = std::sqrt(squares / static_cast<double>(count - 1));
  }
  out["histogram"] = bins;
}

void addLevels(Json& out, const data::Column& column) {
  const score::ColumnView view = column.view();
  const bool category = view.kind == ir::Kind::Category;
  std::vector<std::int64_t> counts(category ? view.dictionary->levels.size() : 2, 0);
  for (std::int64_t r = 0; r < view.rows; ++r) {
    if (view.isValid(r)) ++counts[category ? static_cast<std::size_t>(view.codes()[r]) : view.bools()[r]];
  }
  std::vector<std::size_t> order;
  for (std::size_t l = 0; l < counts.size(); ++l) {
    if (counts[l] > 0) order.push_back(l);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });
  out["distinct"] = order.size();
  out["top"] = Json::array();
  for (std::size_t i = 0; i < order.size() && i < kTop; ++i) {
    const Json value = category ? Json(std::string(view.dictionary->levels[order[i]])) : Json(order[i] == 1);
    out["top"].push_back({{"value", value}, {"rows", counts[order[i]]}});
  }
}

}  // namespace

Json jsonValue(const data::Column& column, std::int64_t row) {
  const score::ColumnView view = column.view();
  if (!view.isValid(row)) return nullptr;
  switch (view.kind) {
    case ir::Kind::Int:
      return view.ints()[row];
    case ir::Kind::Float:
      return jsonFloat(view.floats()[row]);
    case ir::Kind::Bool:
      return view.bools()[row] != 0;
    case ir::Kind::Category:
      return std::string(view.dictionary->levels[static_cast<std::size_t>(view.codes()[row])]);
    case ir::Kind::Text:
      return std::string(view.text(row));
    case ir::Kind::Vector: {
      Json out = Json::array();
      for (std::uint32_t k = 0; k < column.type.width; ++k)
        out.push_back(jsonFloat(view.floats()[k * column.stride + row]));
      return out;
    }
    case ir::Kind::Date:
    case ir::Kind::Timestamp:
    case ir::Kind::Duration:
      return data::valueText(column, row);
    case ir::Kind::Null:
    case ir::Kind::Error:
      return nullptr;
  }
  CD4ML_UNREACHABLE("kind");
}

Json columnStats(const data::Column& column) {
  Json out{{"nulls", data::countNulls(column)}};
  switch (column.type.kind) {
    case ir::Kind::Int:
    case ir::Kind::Float:
    case ir::Kind::Date:
    case ir::Kind::Timestamp:
    case ir::Kind::Duration:
      addNumbers(out, column);
      break;
    case ir::Kind::Bool:
    case ir::Kind::Category:
      addLevels(out, column);
      break;
    case ir::Kind::Text:
    case ir::Kind::Vector:
    case ir::Kind::Null:
    case ir::Kind::Error:
      break;
  }
  return out;
}

}  // namespace cd4ml::engine
