#include "compiler/check/builtin_tables.h"

#include <algorithm>
#include <charconv>

#include "base/internal_check.h"

namespace cd4ml::check {
namespace {

using enum Status;

constexpr BuiltinRow builtin_rows[] = {
#define CD4ML_BUILTIN(name, group, summary, nulls, numbers, example, oracle) \
  {#name, BuiltinGroup::group, summary, nulls, numbers, example, oracle},
#define CD4ML_OVERLOAD(builtin, parameters, result, units, lowering)
#define CD4ML_BUILTIN_OPTION(builtin, name, type, fallback, range, summary)
#include "stdlib/builtins.def"
#undef CD4ML_BUILTIN
#undef CD4ML_OVERLOAD
#undef CD4ML_BUILTIN_OPTION
};

constexpr OverloadRow overload_rows[] = {
#define CD4ML_BUILTIN(name, group, summary, nulls, numbers, example, oracle)
#define CD4ML_OVERLOAD(builtin, parameters, result, units, lowering) \
  {#builtin, parameters, result, UnitRule::units, lowering},
#define CD4ML_BUILTIN_OPTION(builtin, name, type, fallback, range, summary)
#include "stdlib/builtins.def"
#undef CD4ML_BUILTIN
#undef CD4ML_OVERLOAD
#undef CD4ML_BUILTIN_OPTION
};

constexpr OptionRow builtin_options[] = {
#define CD4ML_BUILTIN(name, group, summary, nulls, numbers, example, oracle)
#define CD4ML_OVERLOAD(builtin, parameters, result, units, lowering)
#define CD4ML_BUILTIN_OPTION(builtin, name, type, fallback, range, summary) \
  {#builtin, #name, type, fallback, range, Ready, summary},
#include "stdlib/builtins.def"
#undef CD4ML_BUILTIN
#undef CD4ML_OVERLOAD
#undef CD4ML_BUILTIN_OPTION
};

constexpr MetricRow metric_rows[] = {
#define CD4ML_METRIC(name, tasks, direction, reads, status, summary, undefined, oracle) \
  {#name, tasks, Direction::direction, MetricReads::reads, status, summary, undefined, oracle},
#define CD4ML_METRIC_OPTION(metric, name, type, fallback, range, summary)
#include "stdlib/metrics.def"
#undef CD4ML_METRIC
#undef CD4ML_METRIC_OPTION
};

constexpr OptionRow metric_options[] = {
#define CD4ML_METRIC(name, tasks, direction, reads, status, summary, undefined, oracle)
#define CD4ML_METRIC_OPTION(metric, name, type, fallback, range, summary) \
  {#metric, #name, type, fallback, range, Ready, summary},
#include "stdlib/metrics.def"
#undef CD4ML_METRIC
#undef CD4ML_METRIC_OPTION
};

constexpr ModelRow model_rows[] = {
#define CD4ML_MODEL(name, tasks, takes, trainer, status, summary) \
  {#name, tasks, ModelTakes::takes, trainer, status, summary},
#define CD4ML_MODEL_OPTION(model, name, type, fallback, range, trainer, status, summary)
#include "stdlib/models.def"
#undef CD4ML_MODEL
#undef CD4ML_MODEL_OPTION
};

constexpr OptionRow model_options[] = {
#define CD4ML_MODEL(name, tasks, takes, trainer, status, summary)
#define CD4ML_MODEL_OPTION(model, name, type, fallback, range, trainer, status, summary) \
  {#model, #name, type, fallback, range, status, summary},
#include "stdlib/models.def"
#undef CD4ML_MODEL
#undef CD4ML_MODEL_OPTION
};

constexpr ReaderRow reader_rows[] = {
#define CD4ML_READER(name, status, summary) {#name, status, summary},
#define CD4ML_READER_OPTION(reader, name, type, fallback, range, status, summary)
#include "stdlib/readers.def"
#undef CD4ML_READER
#undef CD4ML_READER_OPTION
};

constexpr OptionRow reader_options[] = {
#define CD4ML_READER(name, status, summary)
#define CD4ML_READER_OPTION(reader, name, type, fallback, range, status, summary) \
  {#reader, #name, type, fallback, range, status, summary},
#include "stdlib/readers.def"
#undef CD4ML_READER
#undef CD4ML_READER_OPTION
};

template <class Row>
const Row* findRow(std::span<const Row> rows, std::string_view name) {
  const auto it = std::ranges::find(rows, name, &Row::name);
  return it == rows.end() ? nullptr : &*it;
}

/// The rows of one owner stand together.
template <class Row>
std::span<const Row> rowsOf(std::span<const Row> rows, std::string_view owner, std::string_view Row::* key) {
  const auto begin = std::ranges::find(rows, owner, key);
  const auto end = std::find_if(begin, rows.end(), [&](const Row& row) { return row.*key != owner; });
  return {begin, end};
}

template <class Number>
std::optional<Number> parseNumber(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The default of a text option: `"x"` in which `\"` stands for a quote.
std::string unquoted(std::string_view text) {
  CD4ML_CHECK(text.size() >= 2 && text.front() == '"' && text.back() == '"');
  std::string out;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    const bool escaped = text[i] == '\\';
    if (escaped) ++i;
    out.push_back(escaped && text[i] == 't' ? '\t' : text[i]);
  }
  return out;
}

}  // namespace

std::span<const BuiltinRow> builtinRows() { return builtin_rows; }
std::span<const MetricRow> metricRows() { return metric_rows; }
std::span<const ModelRow> modelRows() { return model_rows; }
std::span<const ReaderRow> readerRows() { return reader_rows; }

const BuiltinRow* findBuiltin(std::string_view name) { return findRow(builtinRows(), name); }
const MetricRow* findMetric(std::string_view name) { return findRow(metricRows(), name); }
const ModelRow* findModel(std::string_view name) { return findRow(modelRows(), name); }
const ReaderRow* findReader(std::string_view name) { return findRow(readerRows(), name); }

std::span<const OverloadRow> overloadsOf(std::string_view builtin) {
  return rowsOf(std::span<const OverloadRow>(overload_rows), builtin, &OverloadRow::builtin);
}
std::span<const OptionRow> builtinOptions(std::string_view builtin) {
  return rowsOf(std::span<const OptionRow>(builtin_options), builtin, &OptionRow::owner);
}
std::span<const OptionRow> metricOptions(std::string_view metric) {
  return rowsOf(std::span<const OptionRow>(metric_options), metric, &OptionRow::owner);
}
std::span<const OptionRow> modelOptions(std::string_view model) {
  return rowsOf(std::span<const OptionRow>(model_options), model, &OptionRow::owner);
}
std::span<const OptionRow> readerOptions(std::string_view reader) {
  return rowsOf(std::span<const OptionRow>(reader_options), reader, &OptionRow::owner);
}

ir::Type typeOf(const OptionRow& row) {
  if (row.type == "int") return {.kind = ir::Kind::Int};
  if (row.type == "float") return {.kind = ir::Kind::Float};
  if (row.type == "bool") return {.kind = ir::Kind::Bool};
  if (row.type == "duration") return {.kind = ir::Kind::Duration};
  CD4ML_CHECK(row.type == "text" || row.type == "texts" || row.type == "signs" || row.type == "choice");
  return {.kind = ir::Kind::Text};
}

ir::Literal defaultOf(const OptionRow& row) {
  const std::string_view text = row.default_text;
  if (text.empty() || text == "null") return {};
  if (row.type == "texts" || row.type == "signs") {
    CD4ML_CHECK(text == "[]");
    return {ir::Literal::List{}};
  }
  switch (typeOf(row).kind) {
    case ir::Kind::Int: return {parseNumber<std::int64_t>(text).value()};
    case ir::Kind::Float: return {parseNumber<double>(text).value()};
    case ir::Kind::Bool: return {text == "true"};
    case ir::Kind::Text: return {unquoted(text)};
    case ir::Kind::Duration:
    case ir::Kind::Error:
    case ir::Kind::Null:
    case ir::Kind::Category:
    case ir::Kind::Date:
    case ir::Kind::Timestamp:
    case ir::Kind::Vector: break;
  }
  CD4ML_UNREACHABLE("an option's default is a number, a bool, a text, a list or null");
}

std::vector<std::string> choicesOf(const OptionRow& row) {
  std::vector<std::string> out;
  if (row.type != "choice") return out;
  std::string_view rest = row.range;
  while (!rest.empty()) {
    const auto bar = rest.find('|');
    out.emplace_back(rest.substr(0, bar));
    rest = bar == std::string_view::npos ? std::string_view{} : rest.substr(bar + 1);
  }
  return out;
}

Bounds boundsOf(const OptionRow& row) {
  const auto dots = row.range.find("..");
  if (row.type == "choice" || dots == std::string_view::npos) return {};
  return {parseNumber<double>(row.range.substr(0, dots)), parseNumber<double>(row.range.substr(dots + 2))};
}

}  // namespace cd4ml::check
