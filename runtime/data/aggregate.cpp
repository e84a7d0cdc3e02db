#include "runtime/data/aggregate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <optional>
#include <unordered_map>

namespace cd4ml::data {

namespace {

/// Collects one result a group.
class Output {
 public:
  Output(const ir::Type& type, std::int64_t groups) : groups_(groups) {
    column_.type = type;
    column_.rows = groups;
    values_ = allocateBuffer(static_cast<std::size_t>(groups) * valueBytes(type.kind));
    std::memset(values_.get(), 0, static_cast<std::size_t>(groups) * valueBytes(type.kind));
  }
  void setFloat(std::int64_t g, double value) { reinterpret_cast<double*>(values_.get())[g] = value; }
  void setInt(std::int64_t g, std::int64_t value) { reinterpret_cast<std::int64_t*>(values_.get())[g] = value; }
  void setCode(std::int64_t g, std::int32_t value) { reinterpret_cast<std::int32_t*>(values_.get())[g] = value; }
  void setNull(std::int64_t g) {
    if (validity_ == nullptr) validity_ = allocateValidity(groups_);
    validity_.get()[g >> 3] &= static_cast<std::uint8_t>(~(1U << (g & 7)));
  }
  [[nodiscard]] Column finish(std::shared_ptr<const std::vector<std::string>> levels = nullptr) {
    column_.values = std::move(values_);
    column_.validity = std::move(validity_);
    column_.levels = std::move(levels);
    return finishColumn(std::move(column_));
  }

 private:
  std::int64_t groups_;
  Column column_;
  std::shared_ptr<std::uint8_t> values_;
  std::shared_ptr<std::uint8_t> validity_;
};

/// Calls `fold(g, rows)` with the rows of each group whose value is there.
template <class Fold>
void forEachGroup(const Groups& groups, const score::ColumnView& view, const Fold& fold) {
  std::vector<std::int32_t> there;
  for (std::int64_t g = 0; g < groups.count(); ++g) {
    there.clear();
    for (std::int64_t i = groups.begins[static_cast<std::size_t>(g)];
         i < groups.begins[static_cast<std::size_t>(g) + 1]; ++i) {
      const std::int32_t row = groups.order[static_cast<std::size_t>(i)];
      if (view.isValid(row)) there.push_back(row);
    }
    fold(g, std::span<const std::int32_t>(there));
  }
}

using Rows = std::span<const std::int32_t>;

double sumOf(const double* values, Rows rows) {
  double sum = 0;
  for (const std::int32_t r : rows) sum += values[r];
  return sum;
}

double varianceOf(const double* values, Rows rows) {
  const double mean = sumOf(values, rows) / static_cast<double>(rows.size());
  double squares = 0;
  for (const std::int32_t r : rows) squares += (values[r] - mean) * (values[r] - mean);
  return squares / static_cast<double>(rows.size() - 1);
}

/// Linear between neighbours: type 7 of Hyndman and Fan (1996).
double quantileOf(const double* values, Rows rows, double share) {
  std::vector<double> sorted;
  for (const std::int32_t r : rows) {
    if (std::isnan(values[r])) return values[r];
    sorted.push_back(values[r]);
  }
  std::sort(sorted.begin(), sorted.end());
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(place));
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double weight = place - std::floor(place);
  return weight == 0 ? sorted[below] : sorted[below] + (sorted[above] - sorted[below]) * weight;
}

double extremeOf(const double* values, Rows rows, bool greatest) {
  double best = values[rows[0]];
  for (const std::int32_t r : rows) {
    if (std::isnan(values[r])) return values[r];
    if (greatest ? values[r] > best : values[r] < best) best = values[r];
  }
  return best;
}

/// The value of a float aggregate over rows that are there; nullopt: null.
std::optional<double> foldFloats(const AggregateRequest& request, const double* values, Rows rows) {
  const bool spread = request.name == "std" || request.name == "var";
  if (rows.empty() || (spread && rows.size() < 2)) return std::nullopt;
  if (request.name == "sum") return sumOf(values, rows);
  if (request.name == "mean") return sumOf(values, rows) / static_cast<double>(rows.size());
  if (request.name == "var") return varianceOf(values, rows);
  if (request.name == "std") return std::sqrt(varianceOf(values, rows));
  if (request.name == "median") return quantileOf(values, rows, 0.5);
  if (request.name == "quantile") return quantileOf(values, rows, request.share);
  return extremeOf(values, rows, request.name == "max");
}

bool isFloatFold(std::string_view name) {
  for (const std::string_view known : {"sum", "mean", "var", "std", "median", "quantile", "min", "max"}) {
    if (name == known) return true;
  }
  return false;
}

Error notYet(const AggregateRequest& request) {
  return makeError("CD5021",
                   fmt::format("`{}` of a {} is not supported yet", request.name,
                               request.argument == nullptr ? "row" : ir::kindText(request.argument->type.kind)),
                   request.span);
}

Result<Column> foldInts(const AggregateRequest& request, const Groups& groups) {
  const score::ColumnView view = request.argument->view();
  Output out(request.result, groups.count());
  bool overflow = false;
  forEachGroup(groups, view, [&](std::int64_t g, Rows rows) {
    if (rows.empty()) return out.setNull(g);
    std::int64_t value = view.ints()[rows[0]];
    for (const std::int32_t r : rows.subspan(1)) {
      const std::int64_t next = view.ints()[r];
      if (request.name == "sum") {
        overflow = __builtin_add_overflow(value, next, &value) || overflow;
      } else {
        value = request.name == "min" ? std::min(value, next) : std::max(value, next);
      }
    }
    out.setInt(g, value);
  });
  if (overflow) return makeError("CD5016", "the sum does not fit into an int", request.span);
  return out.finish();
}

/// Equal values have equal numbers; for category and number-like columns these have the order of the values.
std::vector<std::int64_t> identityNumbers(const Column& column) {
  const score::ColumnView view = column.view();
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(view.rows), 0);
  std::unordered_map<std::string_view, std::int64_t> texts;
  for (std::int64_t r = 0; r < view.rows; ++r) {
    if (!view.isValid(r)) continue;
    std::int64_t& number = numbers[static_cast<std::size_t>(r)];
    if (view.kind == ir::Kind::Bool) {
      number = view.bools()[r];
    } else if (view.kind == ir::Kind::Category) {
      number = view.codes()[r];
    } else if (view.kind == ir::Kind::Text) {
      number = texts.emplace(view.text(r), static_cast<std::int64_t>(texts.size())).first->second;
    } else if (view.kind == ir::Kind::Float) {
      const double value = std::isnan(view.floats()[r]) ? std::nan("") : view.floats()[r] + 0.0;
      std::memcpy(&number, &value, sizeof number);
    } else {
      number = view.ints()[r];
    }
  }
  return numbers;
}

Column countValues(const AggregateRequest& request, const Groups& groups, bool distinct) {
  Output out(request.result, groups.count());
  if (request.argument == nullptr) {
    for (std::int64_t g = 0; g < groups.count(); ++g) {
      out.setInt(g, groups.begins[static_cast<std::size_t>(g) + 1] - groups.begins[static_cast<std::size_t>(g)]);
    }
    return out.finish();
  }
  const std::vector<std::int64_t> numbers = distinct ? identityNumbers(*request.argument) : std::vector<std::int64_t>{};
  std::vector<std::int64_t> values;
  forEachGroup(groups, request.argument->view(), [&](std::int64_t g, Rows rows) {
    if (!distinct) return out.setInt(g, static_cast<std::int64_t>(rows.size()));
    values.clear();
    for (const std::int32_t r : rows) values.push_back(numbers[static_cast<std::size_t>(r)]);
    std::sort(values.begin(), values.end());
    out.setInt(g, std::unique(values.begin(), values.end()) - values.begin());
  });
  return out.finish();
}

Result<Column> foldMode(const AggregateRequest& request, const Groups& groups) {
  const ir::Kind kind = request.argument->type.kind;
  if (kind != ir::Kind::Category && kind != ir::Kind::Int) return notYet(request);
  const std::vector<std::int64_t> numbers = identityNumbers(*request.argument);
  Output out(request.result, groups.count());
  std::vector<std::int64_t> values;
  forEachGroup(groups, request.argument->view(), [&](std::int64_t g, Rows rows) {
    if (rows.empty()) return out.setNull(g);
    values.clear();
    for (const std::int32_t r : rows) values.push_back(numbers[static_cast<std::size_t>(r)]);
    std::sort(values.begin(), values.end());
    std::int64_t best = values[0];
    std::ptrdiff_t most = 0;
    for (auto at = values.begin(); at != values.end();) {
      const auto end = std::upper_bound(at, values.end(), *at);
      if (end - at > most) {
        most = end - at;
        best = *at;
      }
      at = end;
    }
    if (kind == ir::Kind::Category) return out.setCode(g, static_cast<std::int32_t>(best));
    out.setInt(g, best);
  });
  return out.finish(request.argument->levels);
}

}  // namespace

Groups groupRows(std::span<const std::int32_t> group_of_row, std::int64_t groups) {
  Groups out;
  out.begins.assign(static_cast<std::size_t>(groups) + 1, 0);
  for (const std::int32_t g : group_of_row) ++out.begins[static_cast<std::size_t>(g) + 1];
  std::partial_sum(out.begins.begin(), out.begins.end(), out.begins.begin());
  std::vector<std::int64_t> next(out.begins.begin(), out.begins.end() - 1);
  out.order.resize(group_of_row.size());
  for (std::size_t r = 0; r < group_of_row.size(); ++r) {
    out.order[static_cast<std::size_t>(next[static_cast<std::size_t>(group_of_row[r])]++)] =
        static_cast<std::int32_t>(r);
  }
  return out;
}

Groups oneGroup(std::int64_t rows) {
  Groups out;
  out.begins = {0, rows};
  out.order.resize(static_cast<std::size_t>(rows));
  std::iota(out.order.begin(), out.order.end(), 0);
  return out;
}

Result<Column> aggregate(const AggregateRequest& request, const Groups& groups) {
  if (request.name == "count") return countValues(request, groups, false);
  CD4ML_CHECK(request.argument != nullptr);
  if (request.name == "n_unique") return countValues(request, groups, true);
  if (request.name == "mode") return foldMode(request, groups);
  const score::ColumnView view = request.argument->view();
  if (!isFloatFold(request.name)) return notYet(request);
  if (view.kind == ir::Kind::Float && request.result.kind == ir::Kind::Float) {
    Output out(request.result, groups.count());
    forEachGroup(groups, view, [&](std::int64_t g, Rows rows) {
      const auto value = foldFloats(request, view.floats(), rows);
      if (!value) return out.setNull(g);
      out.setFloat(g, *value);
    });
    return out.finish();
  }
  const bool whole = view.kind == ir::Kind::Int || view.kind == ir::Kind::Date || view.kind == ir::Kind::Timestamp ||
                     view.kind == ir::Kind::Duration;
  if (whole && (request.name == "sum" || request.name == "min" || request.name == "max"))
    return foldInts(request, groups);
  return notYet(request);
}

}  // namespace cd4ml::data
