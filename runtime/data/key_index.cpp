#include "runtime/data/key_index.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <unordered_map>

#include "runtime/data/aggregate.h"
#include "runtime/data/row_id.h"
#include "runtime/data/value_text.h"

namespace cd4ml::data {

namespace {

/// One key column as numbers that are equal where the values are.
struct Codes {
  std::vector<std::int64_t> numbers;
  std::vector<std::uint8_t> there;  ///< 0: null
};

using TextCodes = std::unordered_map<std::string, std::int64_t>;

/// Number of a text; -1 if it is not in `texts` and may not be added.
enum class Unknown : std::uint8_t { Add, Reject };
std::int64_t textCode(TextCodes& texts, std::string_view text, Unknown unknown) {
  std::string key(text);
  const auto at = texts.find(key);
  if (at != texts.end()) return at->second;
  if (unknown == Unknown::Reject) return -1;
  const auto code = static_cast<std::int64_t>(texts.size());
  texts.emplace(std::move(key), code);
  return code;
}

std::int64_t floatCode(double value) {
  const double plain = std::isnan(value) ? std::nan("") : value + 0.0;
  std::int64_t bits = 0;
  std::memcpy(&bits, &plain, sizeof bits);
  return bits;
}

Codes encodeKey(const score::ColumnView& view, TextCodes& texts, Unknown unknown) {
  Codes codes;
  codes.numbers.resize(static_cast<std::size_t>(view.rows));
  codes.there.assign(static_cast<std::size_t>(view.rows), 1);
  std::vector<std::int64_t> levels;
  if (view.kind == ir::Kind::Category) {
    for (const std::string_view level : view.dictionary->levels) levels.push_back(textCode(texts, level, unknown));
  }
  for (std::int64_t r = 0; r < view.rows; ++r) {
    const auto at = static_cast<std::size_t>(r);
    if (!view.isValid(r)) {
      codes.there[at] = 0;
    } else if (view.kind == ir::Kind::Category) {
      codes.numbers[at] = levels[static_cast<std::size_t>(view.codes()[r])];
    } else if (view.kind == ir::Kind::Text) {
      codes.numbers[at] = textCode(texts, view.text(r), unknown);
    } else if (view.kind == ir::Kind::Bool) {
      codes.numbers[at] = view.bools()[r];
    } else {
      codes.numbers[at] = view.kind == ir::Kind::Float ? floatCode(view.floats()[r]) : view.ints()[r];
    }
  }
  return codes;
}

/// Open-addressing table of key tuples; an entry is the first row that has the tuple.
class TupleTable {
 public:
  TupleTable(const std::vector<Codes>& codes, std::size_t rows) : codes_(codes) {
    std::size_t slots = 64;
    while (slots < 2 * rows) slots *= 2;
    slots_.assign(slots, -1);
  }

  /// Group of a row of the table's own side, added if it is new.
  std::int32_t add(std::size_t row) {
    std::size_t s = hash(codes_, row) & (slots_.size() - 1);
    for (; slots_[s] >= 0; s = (s + 1) & (slots_.size() - 1)) {
      const auto first = static_cast<std::size_t>(first_rows_[static_cast<std::size_t>(slots_[s])]);
      if (equal(codes_, row, first)) return slots_[s];
    }
    slots_[s] = static_cast<std::int32_t>(first_rows_.size());
    first_rows_.push_back(static_cast<std::int32_t>(row));
    return slots_[s];
  }

  /// Group of a row of the other side; -1 where there is none.
  [[nodiscard]] std::int32_t find(const std::vector<Codes>& codes, std::size_t row) const {
    std::size_t s = hash(codes, row) & (slots_.size() - 1);
    for (; slots_[s] >= 0; s = (s + 1) & (slots_.size() - 1)) {
      const auto first = static_cast<std::size_t>(first_rows_[static_cast<std::size_t>(slots_[s])]);
      if (equal(codes, row, first)) return slots_[s];
    }
    return -1;
  }

  [[nodiscard]] std::vector<std::int32_t>& firstRows() { return first_rows_; }

 private:
  static std::size_t hash(const std::vector<Codes>& codes, std::size_t row) {
    std::uint64_t h = 0;
    for (const Codes& key : codes) h = mix(h + static_cast<std::uint64_t>(key.numbers[row]) + key.there[row]);
    return h;
  }
  [[nodiscard]] bool equal(const std::vector<Codes>& codes, std::size_t row, std::size_t own) const {
    for (std::size_t k = 0; k < codes.size(); ++k) {
      if (codes[k].there[row] != codes_[k].there[own]) return false;
      if (codes[k].there[row] != 0 && codes[k].numbers[row] != codes_[k].numbers[own]) return false;
    }
    return true;
  }

  const std::vector<Codes>& codes_;
  std::vector<std::int32_t> slots_;
  std::vector<std::int32_t> first_rows_;
};

}  // namespace

int compareValues(const score::ColumnView& view, std::int64_t a, std::int64_t b) {
  const bool there_a = view.isValid(a);
  const bool there_b = view.isValid(b);
  if (!there_a || !there_b) return static_cast<int>(there_b) - static_cast<int>(there_a);
  const auto order = [](auto x, auto y) { return x < y ? -1 : (y < x ? 1 : 0); };
  switch (view.kind) {
    case ir::Kind::Float: {
      const double x = view.floats()[a];
      const double y = view.floats()[b];
      if (std::isnan(x) || std::isnan(y)) return static_cast<int>(std::isnan(x)) - static_cast<int>(std::isnan(y));
      return order(x, y);
    }
    case ir::Kind::Bool:
      return order(view.bools()[a], view.bools()[b]);
    case ir::Kind::Category:
      return order(view.codes()[a], view.codes()[b]);
    case ir::Kind::Text:
      return order(view.text(a), view.text(b));
    case ir::Kind::Int:
    case ir::Kind::Date:
    case ir::Kind::Timestamp:
    case ir::Kind::Duration:
      return order(view.ints()[a], view.ints()[b]);
    case ir::Kind::Vector:
    case ir::Kind::Null:
    case ir::Kind::Error:
      break;
  }
  CD4ML_UNREACHABLE("keys are single values");
}

RowGroups numberKeys(std::span<const Column> keys, std::int64_t rows) {
  std::vector<Codes> codes;
  for (const Column& key : keys) {
    TextCodes texts;
    codes.push_back(encodeKey(key.view(), texts, Unknown::Add));
  }
  TupleTable table(codes, static_cast<std::size_t>(rows));
  RowGroups out;
  out.group_of_row.resize(static_cast<std::size_t>(rows));
  for (std::size_t r = 0; r < out.group_of_row.size(); ++r) out.group_of_row[r] = table.add(r);
  out.first_rows = std::move(table.firstRows());
  return out;
}

RowGroups groupByKeys(std::span<const Column> keys, std::int64_t rows) {
  RowGroups out = numberKeys(keys, rows);
  const std::vector<std::int32_t> first = std::move(out.first_rows);
  out.first_rows.clear();
  const std::vector<score::ColumnView> views = viewsOf(keys);
  std::vector<std::int32_t> order(first.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    for (const score::ColumnView& key : views) {
      const int c = compareValues(key, first[static_cast<std::size_t>(a)], first[static_cast<std::size_t>(b)]);
      if (c != 0) return c < 0;
    }
    return false;
  });
  std::vector<std::int32_t> renumbered(first.size());
  for (std::size_t g = 0; g < order.size(); ++g) {
    renumbered[static_cast<std::size_t>(order[g])] = static_cast<std::int32_t>(g);
    out.first_rows.push_back(first[static_cast<std::size_t>(order[g])]);
  }
  for (std::int32_t& group : out.group_of_row) group = renumbered[static_cast<std::size_t>(group)];
  return out;
}

std::vector<score::ColumnView> viewsOf(std::span<const Column> columns) {
  std::vector<score::ColumnView> views;
  for (const Column& column : columns) views.push_back(column.view());
  return views;
}

KeyMatches::KeyMatches(std::span<const score::ColumnView> left, std::int64_t left_rows,
                       std::span<const score::ColumnView> right, std::int64_t right_rows) {
  std::vector<Codes> left_codes;
  std::vector<Codes> right_codes;
  for (std::size_t k = 0; k < right.size(); ++k) {
    TextCodes texts;
    right_codes.push_back(encodeKey(right[k], texts, Unknown::Add));
    left_codes.push_back(encodeKey(left[k], texts, Unknown::Reject));
  }
  const auto complete = [](const std::vector<Codes>& codes, std::size_t row) {
    return std::all_of(codes.begin(), codes.end(), [&](const Codes& key) { return key.there[row] != 0; });
  };
  TupleTable table(right_codes, static_cast<std::size_t>(right_rows));
  group_of_right_.resize(static_cast<std::size_t>(right_rows));
  for (std::size_t r = 0; r < group_of_right_.size(); ++r) group_of_right_[r] = table.add(r);
  Groups groups = groupRows(group_of_right_, static_cast<std::int64_t>(table.firstRows().size()));
  begins_ = std::move(groups.begins);
  order_ = std::move(groups.order);
  group_of_left_.resize(static_cast<std::size_t>(left_rows));
  for (std::size_t r = 0; r < group_of_left_.size(); ++r) {
    group_of_left_[r] = complete(left_codes, r) ? table.find(left_codes, r) : -1;
  }
}

std::string keyText(std::span<const Column> keys, std::span<const std::string> names, std::int64_t row) {
  std::string text;
  for (std::size_t k = 0; k < keys.size(); ++k) {
    text += (k == 0 ? "" : ", ") + names[k] + " = " + valueText(keys[k], row);
  }
  return text;
}

}  // namespace cd4ml::data
