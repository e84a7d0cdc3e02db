#include "runtime/score/keyed.h"

#include <algorithm>
#include <limits>

#include "base/internal_check.h"

namespace cd4ml::score {

namespace {

void append(std::string& key, std::uint64_t number) {
  for (int i = 0; i < 8; ++i) key.push_back(static_cast<char>((number >> (8 * i)) & 0xffU));
}

void append(std::string& key, std::string_view text) {
  append(key, std::uint64_t{text.size()});
  key.append(text);
}

}  // namespace

bool isKeyKind(ir::Kind kind) {
  switch (kind) {
    case ir::Kind::Int: case ir::Kind::Bool: case ir::Kind::Category: case ir::Kind::Text: case ir::Kind::Date: return true;
    case ir::Kind::Float: case ir::Kind::Timestamp: case ir::Kind::Duration: case ir::Kind::Vector: case ir::Kind::Error:
    case ir::Kind::Null: return false;
  }
  return false;
}

std::string keyOf(std::span<const ColumnView> columns, std::int64_t row) {
  std::string key;
  for (const ColumnView& column : columns) {
    if (!column.isValid(row)) {
      key.push_back('\0');
      continue;
    }
    key.push_back('\1');
    switch (column.kind) {
      case ir::Kind::Int: case ir::Kind::Date: append(key, static_cast<std::uint64_t>(column.ints()[row])); break;
      case ir::Kind::Bool: key.push_back(column.bools()[row] != 0 ? '\1' : '\0'); break;
      case ir::Kind::Category: append(key, column.dictionary->levels[static_cast<std::size_t>(column.codes()[row])]); break;
      case ir::Kind::Text: append(key, column.text(row)); break;
      case ir::Kind::Float: case ir::Kind::Timestamp: case ir::Kind::Duration: case ir::Kind::Vector: case ir::Kind::Error:
      case ir::Kind::Null: CD4ML_UNREACHABLE("a key column of a kind that the checker does not let through");
    }
  }
  return key;
}

std::vector<std::int32_t> modelOfRows(const Keyed& keyed, std::span<const ColumnView> columns, std::int64_t rows) {
  std::vector<std::int32_t> models(static_cast<std::size_t>(rows), -1);
  std::string last;
  std::int32_t found = -1;
  for (std::int64_t r = 0; r < rows; ++r) {
    std::string key = keyOf(columns, r);
    if (r == 0 || key != last) {
      const auto at = std::lower_bound(keyed.keys.begin(), keyed.keys.end(), key);
      found = at != keyed.keys.end() && *at == key ? static_cast<std::int32_t>(at - keyed.keys.begin()) : -1;
      last = std::move(key);
    }
    models[static_cast<std::size_t>(r)] = found;
  }
  return models;
}

void placeRows(const Predictions& from, const std::vector<std::string>& from_classes, std::span<const std::int64_t> rows,
               const std::vector<std::string>& to_classes, Predictions& to) {
  const auto copy = [&](const auto& values, auto& out) {
    for (std::size_t i = 0; i < rows.size() && !values.empty(); ++i) out[static_cast<std::size_t>(rows[i])] = values[i];
  };
  copy(from.number, to.number);
  copy(from.probability, to.probability);
  if (to_classes.empty()) {
    copy(from.raw, to.raw);
    return copy(from.label, to.label);
  }
  const auto n = static_cast<std::size_t>(to.rows);
  for (std::size_t c = 0; c < to_classes.size(); ++c) {
    const auto at = std::find(from_classes.begin(), from_classes.end(), to_classes[c]);
    const auto own = static_cast<std::size_t>(at - from_classes.begin());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::size_t place = c * n + static_cast<std::size_t>(rows[i]);
      const bool known = at != from_classes.end();
      to.raw[place] = known ? from.raw[own * rows.size() + i] : -std::numeric_limits<double>::infinity();
      to.by_class[place] = known ? from.by_class[own * rows.size() + i] : 0.0;
      if (known && from.label[i] == static_cast<std::int32_t>(own)) to.label[static_cast<std::size_t>(rows[i])] = static_cast<std::int32_t>(c);
    }
  }
}

}  // namespace cd4ml::score
