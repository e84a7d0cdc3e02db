// CSV (RFC 4180): a header that names the columns, in any order, or without one the columns in the order of the inputs.
#include <fmt/format.h>

#include "runtime/serve/decode.h"

namespace cd4ml::serve {

namespace {

struct Field {
  std::string_view text;
  bool quoted = false;
};

/// The fields of the next line, taken off the front; texts with doubled quotes are kept by the batch.
Rejected takeLine(std::string_view& body, std::size_t line, score::RowBatch& batch, std::vector<Field>& fields) {
  fields.clear();
  for (;;) {
    Field field;
    if (!body.empty() && body.front() == '"') {
      field.quoted = true;
      std::string made;
      bool escaped = false;
      std::size_t at = 1;
      for (;; ++at) {
        if (at >= body.size()) return reject(fmt::format("line {}: a quoted field does not end", line));
        if (body[at] != '"') {
          made += body[at];
          continue;
        }
        if (at + 1 >= body.size() || body[at + 1] != '"') break;
        made += '"';
        escaped = true;
        ++at;
      }
      field.text = escaped ? batch.keep(std::move(made)) : body.substr(1, at - 1);
      body.remove_prefix(at + 1);
      if (!body.empty() && body.front() != ',' && body.front() != '\n' && body.front() != '\r') return reject(fmt::format("line {}: text follows a quoted field", line));
    } else {
      const std::size_t end = std::min(body.find_first_of(",\n\r"), body.size());
      field.text = body.substr(0, end);
      if (field.text.find('"') != std::string_view::npos) return reject(fmt::format("line {}: a quote inside a field that does not begin with one", line));
      body.remove_prefix(end);
    }
    fields.push_back(field);
    if (body.empty()) return std::nullopt;
    const char next = body.front();
    body.remove_prefix(1);
    if (next == ',') continue;
    if (next == '\r' && !body.empty() && body.front() == '\n') body.remove_prefix(1);
    return std::nullopt;
  }
}

}  // namespace

Rejected Decoder::csv(std::string_view body, score::RowBatch& batch, Ask& ask) {
  if (body.starts_with("\xef\xbb\xbf")) body.remove_prefix(3);
  if (!simdjson::validate_utf8(body.data(), body.size())) return reject("the body is no UTF-8");
  // Quoted line breaks make this an upper bound; memory is taken for rows that are there.
  std::vector<std::vector<Field>> rows;
  std::size_t line = 0;
  batch.reset(1);
  while (!body.empty()) {
    std::vector<Field> fields;
    if (Rejected bad = takeLine(body, ++line, batch, fields)) return bad;
    if (fields.size() == 1 && fields[0].text.empty() && !fields[0].quoted) continue;
    rows.push_back(std::move(fields));
    if (static_cast<std::int64_t>(rows.size()) > limits_.rows + 1) return Reject{413, fmt::format("at most {} rows can be scored in one request", limits_.rows)};
  }
  if (rows.empty()) return reject("there are no rows to score");
  std::vector<int> columns;
  bool header = true;
  for (const Field& field : rows[0]) {
    columns.push_back(schema_.find(field.text));
    header = header && (columns.back() >= 0 || ask.unknown == UnknownColumns::Ignore);
  }
  // One known name makes a header: then every other name must be one, too.
  const bool names = std::any_of(columns.begin(), columns.end(), [](int column) { return column >= 0; });
  if (names && !header) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i] < 0) return schema_.unknown(rows[0][i].text);
    }
  }
  if (!names) columns = inOrder();
  const std::size_t first = names ? 1 : 0;
  // `reset` would let go of unescaped texts, so the batch grows before they are used again.
  std::vector<std::string> kept;
  for (std::size_t r = first; r < rows.size(); ++r) {
    for (const Field& field : rows[r]) {
      if (field.quoted) kept.emplace_back(field.text);
    }
  }
  if (Rejected bad = beginRows(static_cast<std::int64_t>(rows.size() - first), batch)) return bad;
  for (const int column : columns) {
    if (column >= 0 && seen_[static_cast<std::size_t>(column)]++ != 0) return reject(fmt::format("input column `{}` stands twice", schema_.inputs()[static_cast<std::size_t>(column)].name));
  }
  if (Rejected missing = allSeen()) return missing;
  std::size_t next_kept = 0;
  for (std::size_t r = first; r < rows.size(); ++r) {
    const auto row = static_cast<std::int64_t>(r - first);
    if (rows[r].size() != columns.size()) return reject(fmt::format("row {} has {} fields, expected {}", row + 1, rows[r].size(), columns.size()));
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const Field& field = rows[r][i];
      const std::string_view text = field.quoted ? batch.keep(std::move(kept[next_kept++])) : field.text;
      if (columns[i] < 0) continue;
      if (text.empty() && !field.quoted) {
        batch.columns()[static_cast<std::size_t>(columns[i])].setNull(row);
      } else if (Rejected bad = textCell(static_cast<std::size_t>(columns[i]), row, text, batch)) {
        return bad;
      }
    }
  }
  return std::nullopt;
}

}  // namespace cd4ml::serve
