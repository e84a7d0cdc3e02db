#include "runtime/features/statistics.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

#include "base/internal_check.h"

namespace cd4ml::features {
namespace {

/// Finite values there are, in row order, and the count of those skipped.
struct Numbers {
  std::vector<double> values;
  std::uint64_t skipped = 0;
};

bool isInteger(ir::Kind kind) {
  return kind == ir::Kind::Int || kind == ir::Kind::Date || kind == ir::Kind::Timestamp || kind == ir::Kind::Duration;
}

Numbers numbersOf(const score::ColumnView& column, const RowSet& train) {
  Numbers out;
  out.values.reserve(static_cast<std::size_t>(train.size()));
  for (std::int64_t i = 0; i < train.size(); ++i) {
    const std::int64_t row = trainRow(train, i);
    double value = 0;
    if (column.kind == ir::Kind::Float) value = column.floats()[row];
    else if (column.kind == ir::Kind::Bool) value = column.bools()[row];
    else value = static_cast<double>(column.ints()[row]);
    if (column.isValid(row) && std::isfinite(value)) out.values.push_back(value);
    else ++out.skipped;
  }
  return out;
}

/// Blocks of 4,096 in eight lanes, folded pairwise.
template <class Term>
double foldedSum(std::span<const double> values, const Term& term) {
  std::vector<double> blocks;
  for (std::size_t at = 0; at < values.size(); at += 4096) {
    const std::span<const double> block = values.subspan(at, std::min<std::size_t>(4096, values.size() - at));
    std::array<double, 8> lanes{};
    std::size_t i = 0;
    for (; i + 8 <= block.size(); i += 8) {
      for (std::size_t l = 0; l < 8; ++l) lanes[l] += term(block[i + l]);
    }
    for (std::size_t l = 0; i + l < block.size(); ++l) lanes[l] += term(block[i + l]);
    blocks.push_back(((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7])));
  }
  while (blocks.size() > 1) {
    const std::size_t half = (blocks.size() + 1) / 2;
    for (std::size_t i = 0; i < half; ++i) blocks[i] = 2 * i + 1 < blocks.size() ? blocks[2 * i] + blocks[2 * i + 1] : blocks[2 * i];
    blocks.resize(half);
  }
  return blocks.empty() ? 0.0 : blocks[0];
}

double meanOf(std::span<const double> values) {
  return foldedSum(values, [](double v) { return v; }) / static_cast<double>(values.size());
}

double varianceOf(std::span<const double> values) {
  const double mean = meanOf(values);
  return foldedSum(values, [mean](double v) { return (v - mean) * (v - mean); }) / static_cast<double>(values.size() - 1);
}

/// Linear between neighbours (type 7).
double quantileOf(std::vector<double>& values, double share) {
  const double place = share * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(std::floor(place));
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(low);
  std::nth_element(values.begin(), at, values.end());
  const double below = *at;
  const double rest = place - std::floor(place);
  if (rest == 0.0 || low + 1 >= values.size()) return below;
  return below + (*std::min_element(at + 1, values.end()) - below) * rest;
}

Result<score::FittedValue> fitFloat(const ir::Value& fit, const score::ColumnView& column, const RowSet& train) {
  Numbers numbers = numbersOf(column, train);
  std::vector<double>& v = numbers.values;
  score::FittedValue out;
  out.skipped = numbers.skipped;
  const bool needs_two = fit.name == "std" || fit.name == "var";
  if (v.size() < (needs_two ? 2U : 1U)) {
    out.null = true;
    return out;
  }
  if (fit.name == "mean") out.number = meanOf(v);
  else if (fit.name == "std") out.number = std::sqrt(varianceOf(v));
  else if (fit.name == "var") out.number = varianceOf(v);
  else if (fit.name == "sum") out.number = foldedSum(v, [](double x) { return x; });
  else if (fit.name == "min") out.number = *std::min_element(v.begin(), v.end());
  else if (fit.name == "max") out.number = *std::max_element(v.begin(), v.end());
  else if (fit.name == "median") out.number = quantileOf(v, 0.5);
  else if (fit.name == "quantile") {
    const auto* share = fit.options.empty() ? nullptr : std::get_if<double>(&fit.options[0].value);
    CD4ML_CHECK(share != nullptr);
    out.number = quantileOf(v, *share);
  } else {
    return makeError("CD5021", fmt::format("the statistic `{}` cannot be fitted yet", fit.name), fit.span);
  }
  return out;
}

Result<score::FittedValue> fitInteger(const ir::Value& fit, const score::ColumnView& column, const RowSet& train) {
  score::FittedValue out;
  std::map<std::int64_t, std::int64_t> counts;
  bool any = false;
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < train.size(); ++i) {
    const std::int64_t row = trainRow(train, i);
    if (!column.isValid(row)) {
      ++out.skipped;
      continue;
    }
    const std::int64_t v = column.ints()[row];
    if (fit.name == "mode") ++counts[v];
    else if (fit.name == "sum" && __builtin_add_overflow(sum, v, &sum)) return makeError("CD5016", "integer overflow in a sum", fit.span);
    else if (fit.name == "min") out.integer = any ? std::min(out.integer, v) : v;
    else if (fit.name == "max") out.integer = any ? std::max(out.integer, v) : v;
    any = true;
  }
  if (fit.name == "sum") out.integer = sum;
  std::int64_t most = 0;
  for (const auto& [value, count] : counts) {
    if (count > most) most = count, out.integer = value;
  }
  out.null = !any;
  return out;
}

/// The most frequent text; the smallest of several.
score::FittedValue fitModeOfTexts(const score::ColumnView& column, const RowSet& train) {
  score::FittedValue out;
  std::map<std::string_view, std::int64_t> counts;
  for (std::int64_t i = 0; i < train.size(); ++i) {
    const std::int64_t row = trainRow(train, i);
    if (column.isValid(row)) ++counts[column.dictionary->levels[static_cast<std::size_t>(column.codes()[row])]];
    else ++out.skipped;
  }
  std::int64_t most = 0;
  for (const auto& [text, count] : counts) {
    if (count > most) most = count, out.text = std::string(text);
  }
  out.null = most == 0;
  return out;
}

score::FittedValue countOf(const score::ColumnView* column, const RowSet& train) {
  score::FittedValue out;
  for (std::int64_t i = 0; i < train.size(); ++i) {
    if (column == nullptr || column->isValid(trainRow(train, i))) ++out.integer;
    else ++out.skipped;
  }
  return out;
}

score::FittedValue countDistinct(const score::ColumnView& column, const RowSet& train) {
  score::FittedValue out;
  std::unordered_set<std::string_view> texts;
  std::unordered_set<std::int64_t> bits;
  for (std::int64_t i = 0; i < train.size(); ++i) {
    const std::int64_t row = trainRow(train, i);
    if (!column.isValid(row)) {
      ++out.skipped;
    } else if (column.kind == ir::Kind::Text) {
      texts.insert(column.text(row));
    } else if (column.kind == ir::Kind::Category) {
      texts.insert(column.dictionary->levels[static_cast<std::size_t>(column.codes()[row])]);
    } else if (column.kind == ir::Kind::Float) {
      const double v = column.floats()[row];
      if (std::isfinite(v)) bits.insert(std::bit_cast<std::int64_t>(v == 0 ? 0.0 : v));
      else ++out.skipped;
    } else {
      bits.insert(column.kind == ir::Kind::Bool ? column.bools()[row] : column.ints()[row]);
    }
  }
  out.integer = static_cast<std::int64_t>(texts.size() + bits.size());
  return out;
}

}  // namespace

Result<score::FittedValue> fitStatistic(const ir::Value& fit, const score::ColumnView* column, const RowSet& train) {
  if (fit.name == "count") return countOf(column, train);
  CD4ML_CHECK(column != nullptr);
  if (fit.name == "n_unique") return countDistinct(*column, train);
  if (column->kind == ir::Kind::Category && fit.name == "mode") return fitModeOfTexts(*column, train);
  if (fit.type.kind == ir::Kind::Float && column->kind != ir::Kind::Category && column->kind != ir::Kind::Text) {
    return fitFloat(fit, *column, train);
  }
  if (isInteger(column->kind) && (fit.name == "min" || fit.name == "max" || fit.name == "sum" || fit.name == "mode")) {
    return fitInteger(fit, *column, train);
  }
  return makeError("CD5021", fmt::format("the statistic `{}` cannot be fitted yet", fit.name), fit.span);
}

}  // namespace cd4ml::features
