// MLflow's scoring shapes: dataframe_split, dataframe_records, instances, inputs; and JSON lines, a record a line.
#include <fmt/format.h>

#include "runtime/serve/decode.h"

namespace cd4ml::serve {

namespace {

using Type = simdjson::dom::element_type;
using Element = simdjson::dom::element;

}  // namespace

Rejected Decoder::table(simdjson::dom::array rows, const std::vector<int>& columns, score::RowBatch& batch) {
  std::int64_t row = 0;
  for (const Element values : rows) {
    if (values.type() != Type::ARRAY) return reject(fmt::format("row {} is no list of values", row + 1));
    std::size_t at = 0;
    for (const Element value : arrayOf(values)) {
      if (at >= columns.size()) return reject(fmt::format("row {} has more than {} values", row + 1, columns.size()));
      const int column = columns[at++];
      if (column < 0) continue;
      if (Rejected bad = cell(static_cast<std::size_t>(column), row, value, batch)) return bad;
    }
    if (at != columns.size()) return reject(fmt::format("row {} has {} values, expected {}", row + 1, at, columns.size()));
    ++row;
  }
  return std::nullopt;
}

Rejected Decoder::split(Element value, score::RowBatch& batch, const Ask& ask) {
  if (value.type() != Type::OBJECT) return reject("`dataframe_split` is no object");
  const auto object = objectOf(value);
  if (Rejected twice = uniqueKeys(object, "`dataframe_split`")) return twice;
  simdjson::dom::array names;
  simdjson::dom::array data;
  for (const auto field : object) {
    if (field.key == "index") continue;
    if (field.key != "columns" && field.key != "data") return reject(fmt::format("`dataframe_split` has no key `{}`", shownName(field.key)));
    if (field.value.type() != Type::ARRAY) return reject(fmt::format("`{}` is no list", field.key));
    (field.key == "columns" ? names : data) = arrayOf(field.value);
  }
  Element unused;
  if (object["columns"].get(unused) != simdjson::SUCCESS || object["data"].get(unused) != simdjson::SUCCESS) return reject("`dataframe_split` needs `columns` and `data`");
  if (Rejected bad = beginRows(static_cast<std::int64_t>(data.size()), batch)) return bad;
  std::vector<int> columns;
  for (const Element name : names) {
    if (name.type() != Type::STRING) return reject("a name in `columns` is no text");
    const int column = schema_.find(name.get_string().value_unsafe());
    if (column < 0 && ask.unknown == UnknownColumns::Reject) return schema_.unknown(name.get_string().value_unsafe());
    if (column >= 0 && seen_[static_cast<std::size_t>(column)]++ != 0) return reject(fmt::format("input column `{}` stands twice", schema_.inputs()[static_cast<std::size_t>(column)].name));
    columns.push_back(column);
  }
  if (Rejected missing = allSeen()) return missing;
  return table(data, columns, batch);
}

Rejected Decoder::record(simdjson::dom::object object, std::int64_t row, score::RowBatch& batch, const Ask& ask) {
  std::fill(seen_.begin(), seen_.end(), std::uint8_t{0});
  for (const auto field : object) {
    const int column = schema_.find(field.key);
    if (column < 0) {
      if (ask.unknown == UnknownColumns::Ignore) continue;
      return schema_.unknown(field.key);
    }
    const auto c = static_cast<std::size_t>(column);
    if (seen_[c]++ != 0) return reject(fmt::format("input column `{}` stands twice in row {}", schema_.inputs()[c].name, row + 1));
    if (Rejected bad = cell(c, row, field.value, batch)) return bad;
  }
  for (std::size_t c = 0; c < seen_.size(); ++c) {
    if (seen_[c] == 0) return reject(fmt::format("input column `{}` is missing in row {}: expected {}", schema_.inputs()[c].name, row + 1, ir::typeText(schema_.inputs()[c].type)));
  }
  return std::nullopt;
}

Rejected Decoder::records(simdjson::dom::array rows, score::RowBatch& batch, const Ask& ask) {
  if (Rejected bad = beginRows(static_cast<std::int64_t>(rows.size()), batch)) return bad;
  std::int64_t row = 0;
  for (const Element value : rows) {
    if (value.type() != Type::OBJECT) return reject(fmt::format("row {} is no record", row + 1));
    if (Rejected bad = record(objectOf(value), row++, batch, ask)) return bad;
  }
  return std::nullopt;
}

Rejected Decoder::columnLists(simdjson::dom::object object, score::RowBatch& batch, const Ask& ask) {
  std::int64_t rows = -1;
  for (const auto field : object) {
    const int column = schema_.find(field.key);
    if (column < 0 && ask.unknown == UnknownColumns::Ignore) continue;
    if (column < 0) return schema_.unknown(field.key);
    if (field.value.type() != Type::ARRAY) return reject(fmt::format("column `{}` is no list of values", field.key));
    const auto values = arrayOf(field.value);
    const auto count = static_cast<std::int64_t>(values.size());
    if (rows < 0) {
      rows = count;
      if (Rejected bad = beginRows(rows, batch)) return bad;
    }
    if (count != rows) return reject(fmt::format("column `{}` has {} values, the one before it {}", field.key, count, rows));
    if (seen_[static_cast<std::size_t>(column)]++ != 0) return reject(fmt::format("input column `{}` stands twice", field.key));
    std::int64_t row = 0;
    for (Element value : values) {
      // [[1], [2]] is a column of a matrix that is one wide.
      if (value.type() == Type::ARRAY && arrayOf(value).size() == 1) value = *arrayOf(value).begin();
      if (Rejected bad = cell(static_cast<std::size_t>(column), row++, value, batch)) return bad;
    }
  }
  if (rows < 0) return reject("there are no rows to score");
  return allSeen();
}

Rejected Decoder::instances(Element value, score::RowBatch& batch, const Ask& ask) {
  if (value.type() == Type::OBJECT) return columnLists(objectOf(value), batch, ask);
  if (value.type() != Type::ARRAY) return reject("expected a list of rows, or an object of columns");
  const auto rows = arrayOf(value);
  if (rows.size() == 0) return reject("there are no rows to score");
  const Type first = (*rows.begin()).type();
  if (first == Type::OBJECT) return records(rows, batch, ask);
  if (Rejected bad = beginRows(static_cast<std::int64_t>(rows.size()), batch)) return bad;
  if (first == Type::ARRAY) return table(rows, inOrder(), batch);
  if (schema_.size() != 1) return reject(fmt::format("a row is a list of {} values or a record", schema_.size()));
  std::int64_t row = 0;
  for (const Element each : rows) {
    if (Rejected bad = cell(0, row++, each, batch)) return bad;
  }
  return std::nullopt;
}

Rejected Decoder::mlflow(Element body, score::RowBatch& batch, Ask& ask) {
  if (body.type() != Type::OBJECT) return reject("the body is no JSON object");
  const auto object = objectOf(body);
  if (Rejected twice = uniqueKeys(object, "the body")) return twice;
  std::string_view shape;
  Element rows;
  for (const auto field : object) {
    if (field.key == "params") {
      if (field.value.type() == Type::NULL_VALUE) continue;
      if (Rejected bad = takeParameters(field.value, ask)) return bad;
    } else if (field.key == "id" || field.key == "client_request_id") {
      if (field.value.type() != Type::STRING) return reject(fmt::format("`{}` is no text", field.key));
      ask.id = field.value.get_string().value_unsafe();
    } else if (field.key == "dataframe_split" || field.key == "dataframe_records" || field.key == "instances" || field.key == "inputs") {
      if (!shape.empty()) return reject(fmt::format("`{}` and `{}` exclude each other", shape, field.key));
      shape = field.key;
      rows = field.value;
    } else if (field.key != "signature_name") {
      return reject(fmt::format("the body has a key `{}`; expected one of `dataframe_split`, `dataframe_records`, `instances`, `inputs`, and `params`", shownName(field.key)));
    }
  }
  if (shape.empty()) return reject("the rows are missing: one of `dataframe_split`, `dataframe_records`, `instances`, `inputs`");
  if (shape == "dataframe_split") return split(rows, batch, ask);
  if (shape == "dataframe_records") {
    if (rows.type() != Type::ARRAY) return reject("`dataframe_records` is no list of records");
    return records(arrayOf(rows), batch, ask);
  }
  return instances(rows, batch, ask);
}

Rejected Decoder::jsonLines(std::string_view body, simdjson::dom::parser& parser, score::RowBatch& batch, Ask& ask) {
  std::vector<std::string_view> lines;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    std::string_view line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.find_first_not_of(" \t") != std::string_view::npos) lines.push_back(line);
  }
  if (Rejected bad = beginRows(static_cast<std::int64_t>(lines.size()), batch)) return bad;
  std::int64_t row = 0;
  for (const std::string_view line : lines) {
    Element value;
    if (parser.parse(line.data(), line.size()).get(value) != simdjson::SUCCESS) return reject(fmt::format("line {} is no JSON", row + 1));
    if (value.type() == Type::OBJECT) {
      if (Rejected bad = record(objectOf(value), row, batch, ask)) return bad;
    } else if (value.type() == Type::ARRAY) {
      std::size_t at = 0;
      const auto values = arrayOf(value);
      if (values.size() != schema_.size()) return reject(fmt::format("row {} has {} values, expected {}", row + 1, values.size(), schema_.size()));
      for (const Element each : values) {
        if (Rejected bad = cell(at++, row, each, batch)) return bad;
      }
    } else {
      return reject(fmt::format("line {} is no record and no list", row + 1));
    }
    // The parser reuses its memory for the next line.
    for (auto& column : batch.columns()) {
      if (column.texts.empty()) continue;
      std::string_view& text = column.texts[static_cast<std::size_t>(row)];
      text = batch.keep(std::string(text));
    }
    ++row;
  }
  return std::nullopt;
}

}  // namespace cd4ml::serve
