// Single values: JSON or text to the type of a column.
#include <cmath>

#include <fmt/format.h>

#include "runtime/score/parse_value.h"
#include "runtime/serve/decode.h"

namespace cd4ml::serve {

namespace {

using Type = simdjson::dom::element_type;

std::string_view jsonWord(Type type) {
  switch (type) {
    case Type::ARRAY: return "a list";
    case Type::OBJECT: return "an object";
    case Type::INT64: case Type::UINT64: case Type::DOUBLE: return "a number";
    case Type::STRING: return "a text";
    case Type::BOOL: return "a bool";
    case Type::NULL_VALUE: return "null";
  }
  return "something else";
}

std::string_view expected(ir::Kind kind) {
  switch (kind) {
    case ir::Kind::Int: return "an int";
    case ir::Kind::Float: return "a number";
    case ir::Kind::Bool: return "true or false";
    case ir::Kind::Text: case ir::Kind::Category: return "a text";
    case ir::Kind::Date: return "a date such as \"2024-06-01\"";
    case ir::Kind::Timestamp: return "a time such as \"2024-06-01T10:00:00Z\"";
    case ir::Kind::Duration: return "a duration such as \"15min\"";
    case ir::Kind::Error: case ir::Kind::Null: case ir::Kind::Vector: break;
  }
  return "another value";
}

Rejected wrongType(const ir::Column& column, std::int64_t row, std::string_view got) {
  return reject(fmt::format("column `{}`, row {}: expected {}, got {}", column.name, row + 1, expected(column.type.kind), got));
}

std::optional<std::int64_t> parseTime(ir::Kind kind, std::string_view text) {
  if (kind == ir::Kind::Date) return score::parseDate(text);
  return kind == ir::Kind::Timestamp ? score::parseTimestamp(text) : score::parseDuration(text);
}

/// A whole number in a float64, as pandas writes ints of a column that has nulls.
std::optional<std::int64_t> wholeNumber(double value) {
  if (!(std::fabs(value) < 9.2e18) || value != std::trunc(value)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

std::optional<double> namedFloat(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

}  // namespace

InputSchema::InputSchema(const std::vector<ir::Column>& inputs) : inputs_(&inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i) places_.emplace(inputs[i].name, static_cast<int>(i));
}

int InputSchema::find(std::string_view name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? -1 : found->second;
}

Rejected InputSchema::unknown(std::string_view name) const {
  std::string names;
  for (const ir::Column& input : *inputs_) names += fmt::format("{}`{}`", names.empty() ? "" : ", ", input.name);
  return reject(fmt::format("there is no input column `{}`; the model takes {}", shownName(name), names));
}

Rejected Decoder::cell(std::size_t column, std::int64_t row, Element value, score::RowBatch& batch) const {
  const ir::Column& input = schema_.inputs()[column];
  score::RowBatch::Column& out = batch.columns()[column];
  const Type type = value.type();
  if (type == Type::NULL_VALUE) {
    out.setNull(row);
    return std::nullopt;
  }
  switch (input.type.kind) {
    case ir::Kind::Float:
      if (type == Type::DOUBLE) out.setFloat(row, value.get_double().value_unsafe());
      else if (type == Type::INT64) out.setFloat(row, static_cast<double>(value.get_int64().value_unsafe()));
      else if (type == Type::UINT64) out.setFloat(row, static_cast<double>(value.get_uint64().value_unsafe()));
      else if (type == Type::STRING && namedFloat(value.get_string().value_unsafe())) out.setFloat(row, *namedFloat(value.get_string().value_unsafe()));
      else return wrongType(input, row, jsonWord(type));
      return std::nullopt;
    case ir::Kind::Bool:
      if (type != Type::BOOL) return wrongType(input, row, jsonWord(type));
      out.setBool(row, value.get_bool().value_unsafe());
      return std::nullopt;
    case ir::Kind::Text: case ir::Kind::Category:
      if (type != Type::STRING) return wrongType(input, row, jsonWord(type));
      out.setText(row, value.get_string().value_unsafe());
      return std::nullopt;
    case ir::Kind::Int: case ir::Kind::Date: case ir::Kind::Timestamp: case ir::Kind::Duration: {
      std::optional<std::int64_t> number;
      if (type == Type::INT64) number = value.get_int64().value_unsafe();
      else if (type == Type::DOUBLE) number = wholeNumber(value.get_double().value_unsafe());
      else if (type == Type::STRING && input.type.kind != ir::Kind::Int) number = parseTime(input.type.kind, value.get_string().value_unsafe());
      if (!number) return wrongType(input, row, type == Type::STRING ? "a text that is none" : type == Type::DOUBLE ? "a fraction" : type == Type::UINT64 ? "a number beyond 64 bits" : jsonWord(type));
      out.setWord(row, *number);
      return std::nullopt;
    }
    case ir::Kind::Error: case ir::Kind::Null: case ir::Kind::Vector: break;
  }
  return wrongType(input, row, jsonWord(type));
}

Rejected Decoder::textCell(std::size_t column, std::int64_t row, std::string_view text, score::RowBatch& batch) const {
  const ir::Column& input = schema_.inputs()[column];
  score::RowBatch::Column& out = batch.columns()[column];
  switch (input.type.kind) {
    case ir::Kind::Text: case ir::Kind::Category: out.setText(row, text); return std::nullopt;
    case ir::Kind::Float:
      if (const auto number = score::parseFloat(text)) return out.setFloat(row, *number), std::nullopt;
      break;
    case ir::Kind::Bool:
      if (const auto flag = score::parseBool(text)) return out.setBool(row, *flag), std::nullopt;
      break;
    case ir::Kind::Int:
      if (const auto number = score::parseInt(text)) return out.setWord(row, *number), std::nullopt;
      break;
    case ir::Kind::Date: case ir::Kind::Timestamp: case ir::Kind::Duration:
      if (const auto number = parseTime(input.type.kind, text)) return out.setWord(row, *number), std::nullopt;
      break;
    case ir::Kind::Error: case ir::Kind::Null: case ir::Kind::Vector: break;
  }
  return wrongType(input, row, "a text that is none");
}

Rejected Decoder::beginRows(std::int64_t rows, score::RowBatch& batch) {
  if (rows < 1) return reject("there are no rows to score");
  if (rows > limits_.rows) return Reject{413, fmt::format("at most {} rows can be scored in one request", limits_.rows)};
  batch.reset(rows);
  std::fill(seen_.begin(), seen_.end(), std::uint8_t{0});
  return std::nullopt;
}

Rejected Decoder::allSeen() const {
  for (std::size_t c = 0; c < seen_.size(); ++c) {
    if (seen_[c] == 0) return reject(fmt::format("input column `{}` is missing: expected {}", schema_.inputs()[c].name, ir::typeText(schema_.inputs()[c].type)));
  }
  return std::nullopt;
}

std::vector<int> Decoder::inOrder() const {
  std::vector<int> columns;
  for (std::size_t c = 0; c < schema_.size(); ++c) columns.push_back(static_cast<int>(c));
  return columns;
}

Rejected uniqueKeys(simdjson::dom::object object, std::string_view where) {
  std::vector<std::string_view> keys;
  for (const auto field : object) keys.push_back(field.key);
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  if (twice == keys.end()) return std::nullopt;
  return reject(fmt::format("the key `{}` stands twice in {}", shownName(*twice), where));
}

Rejected takeParameters(simdjson::dom::element parameters, Ask& ask) {
  if (parameters.type() != Type::OBJECT) return reject("the parameters are no object");
  const auto object = objectOf(parameters);
  if (Rejected twice = uniqueKeys(object, "the parameters")) return twice;
  for (const auto field : object) {
    const bool text = field.value.type() == Type::STRING;
    const std::string_view value = text ? field.value.get_string().value_unsafe() : std::string_view();
    if (field.key == "on_error") {
      if (value != "fail" && value != "null") return reject("the parameter `on_error` is \"fail\" or \"null\"");
      ask.on_error = value == "null" ? score::OnError::Null : score::OnError::Fail;
    } else if (field.key == "unknown_columns") {
      if (value != "reject" && value != "ignore") return reject("the parameter `unknown_columns` is \"reject\" or \"ignore\"");
      ask.unknown = value == "ignore" ? UnknownColumns::Ignore : UnknownColumns::Reject;
    } else if (field.key == "key") {
      if (!text) return reject("the parameter `key` is a text");
      ask.key = value;
    }
  }
  return std::nullopt;
}

}  // namespace cd4ml::serve
