/// The baseline of a model: what its rows, features and predictions looked like, small enough to travel in its bundle.
///
/// A window is then compared in one pass over its own rows. Binary, versioned, read strictly: what a file says is checked
/// before it is believed. It is no part of the model id.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "runtime/monitor/levels.h"
#include "runtime/monitor/numbers.h"

namespace cd4ml::monitor {

/// What a series is a series of.
enum class Role : std::uint8_t { Feature, Input, Column, Prediction, Probability };
/// "feature", "input", "column", "prediction", "probability".
[[nodiscard]] std::string_view roleText(Role role);

/// One column of the baseline, whole or of one segment.
struct Series {
  std::string name;
  Role role = Role::Feature;
  std::string segment;  ///< JSON of the values that the rows have in common: {"origin":"SFO"}; empty: all rows
  ir::Kind kind = ir::Kind::Error;
  double rows = 0;      ///< that it was made from
  double nulls = 0;
  double not_finite = 0;
  /// Neither: only its nulls are watched (texts, times, vectors, columns without values).
  std::variant<std::monostate, NumberBaseline, LevelBaseline> values;
};

struct Baseline {
  std::uint64_t rows = 0;     ///< training rows
  std::uint64_t sampled = 0;  ///< of them, those that the series were made from
  std::string predicted;      ///< the part whose predictions are kept: test, validate, train
  std::vector<Series> series;

  [[nodiscard]] const Series* find(std::string_view name, Role role, std::string_view segment = {}) const;
};

/// A column to describe.
struct SeriesInput {
  std::string name;
  Role role = Role::Feature;
  std::string segment;
  score::ColumnView column;
};
/// Describes the columns. Segments get a coarser grid.
[[nodiscard]] std::vector<Series> describeSeries(std::span<const SeriesInput> inputs, int threads);

[[nodiscard]] std::string encodeBaseline(const Baseline& baseline);
/// Error CD5601: damaged; CD5602: of a later version.
[[nodiscard]] Result<Baseline> decodeBaseline(std::string_view bytes, const std::string& where);

/// Rows of which a baseline is made; more are sampled.
constexpr std::int64_t baseline_rows = 65'536;
/// Places of the sampled ones of `rows` rows, rising: by a hash of the place, so the same rows give the same baseline.
[[nodiscard]] std::vector<std::int32_t> sampledRows(std::int64_t rows);

}  // namespace cd4ml::monitor
