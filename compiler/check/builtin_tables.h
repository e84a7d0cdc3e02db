/// The tables of stdlib/*.def as data: builtins, metrics, models, readers and their options.
///
/// Rows are in the order of the files; look-ups by name give null when there is no such row.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/type.h"
#include "compiler/ir/value.h"

namespace cd4ml::check {

enum class Status : std::uint8_t { Ready, Later };

/// A named option of a builtin, metric, model or reader.
struct OptionRow {
  std::string_view owner;
  std::string_view name;
  std::string_view type;          ///< int float bool text texts duration choice signs
  std::string_view default_text;  ///< as in the language; "" must be given, "null" not set
  std::string_view range;         ///< `low..high`, either side may be missing, or the choices `a|b`
  Status status = Status::Ready;
  std::string_view summary;
};

enum class BuiltinGroup : std::uint8_t { Number, Rounding, Trigonometry, Test, Time, Category, Null, Cast, Place, Aggregate, Scaler, Encoder };
struct BuiltinRow {
  std::string_view name;
  BuiltinGroup group;
  std::string_view summary, nulls, numbers, example, oracle;
};
enum class UnitRule : std::uint8_t { None, Plain, Keep, Same, SamePlain, Squared };
struct OverloadRow {
  std::string_view builtin;
  std::string_view parameters;  ///< "x float, q =float"
  std::string_view result;      ///< "float", "int?", "float<km>", "any"
  UnitRule units;
  std::string_view lowering;
};

enum class Direction : std::uint8_t { Higher, Lower, Neither, Table };
enum class MetricReads : std::uint8_t { Probability, Label, Number, Rows };
struct MetricRow {
  std::string_view name;
  std::string_view tasks;  ///< letters b m r
  Direction direction;
  MetricReads reads;
  Status status;
  std::string_view summary, undefined, oracle;
};
enum class ModelTakes : std::uint8_t { All, Numbers };
struct ModelRow {
  std::string_view name;
  std::string_view tasks;  ///< letters b m r
  ModelTakes takes;
  std::string_view trainer;
  Status status;
  std::string_view summary;
};
struct ReaderRow {
  std::string_view name;
  Status status;
  std::string_view summary;
};

[[nodiscard]] std::span<const BuiltinRow> builtinRows();
[[nodiscard]] std::span<const MetricRow> metricRows();
[[nodiscard]] std::span<const ModelRow> modelRows();
[[nodiscard]] std::span<const ReaderRow> readerRows();

[[nodiscard]] const BuiltinRow* findBuiltin(std::string_view name);
[[nodiscard]] const MetricRow* findMetric(std::string_view name);
[[nodiscard]] const ModelRow* findModel(std::string_view name);
[[nodiscard]] const ReaderRow* findReader(std::string_view name);

/// The overloads of a builtin, in order.
[[nodiscard]] std::span<const OverloadRow> overloadsOf(std::string_view builtin);
/// The options of one owner, in order.
[[nodiscard]] std::span<const OptionRow> builtinOptions(std::string_view builtin);
[[nodiscard]] std::span<const OptionRow> metricOptions(std::string_view metric);
[[nodiscard]] std::span<const OptionRow> modelOptions(std::string_view model);
[[nodiscard]] std::span<const OptionRow> readerOptions(std::string_view reader);

/// The default of an option, typed by its row; null (monostate) for "null" and "".
[[nodiscard]] ir::Literal defaultOf(const OptionRow& row);
/// The type of an option's value; `texts` and choices are Text.
[[nodiscard]] ir::Type typeOf(const OptionRow& row);
/// The choices of a `choice`.
[[nodiscard]] std::vector<std::string> choicesOf(const OptionRow& row);
/// The bounds of a number, where there are any.
struct Bounds { std::optional<double> low, high; };
[[nodiscard]] Bounds boundsOf(const OptionRow& row);

}  // namespace cd4ml::check
