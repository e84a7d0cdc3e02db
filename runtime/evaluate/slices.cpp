#include "runtime/evaluate/slices.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/internal_check.h"
#include "runtime/data/value_text.h"
#include "runtime/score/json_text.h"

namespace cd4ml::evaluate {

namespace {

/// Rank of each row's value among the column's distinct values, and the JSON text of each rank.
struct Ranked {
  std::vector<std::uint32_t> rank;
  std::vector<std::string> texts;
};

/// Ranks the keys of rows; null comes last.
template <class Key, class KeyOf, class TextOf>
Ranked rankBy(const score::ColumnView& view, std::span<const std::int32_t> rows, const KeyOf& key_of, const TextOf& text_of) {
  std::map<Key, std::uint32_t> distinct;
  for (const std::int32_t row : rows) {
    if (view.isValid(row)) distinct.emplace(key_of(row), 0);
  }
  Ranked out;
  for (auto& [key, rank] : distinct) {
    rank = static_cast<std::uint32_t>(out.texts.size());
    out.texts.push_back(text_of(key));
  }
  out.texts.emplace_back("null");
  out.rank.reserve(rows.size());
  const auto null_rank = static_cast<std::uint32_t>(out.texts.size() - 1);
  for (const std::int32_t row : rows) out.rank.push_back(view.isValid(row) ? distinct.find(key_of(row))->second : null_rank);
  return out;
}

/// Codes of a category are ranks already: its dictionary is canonical.
Ranked rankCategory(const score::ColumnView& view, std::span<const std::int32_t> rows) {
  Ranked out;
  for (const std::string_view level : view.dictionary->levels) out.texts.push_back(score::jsonString(level));
  const auto null_rank = static_cast<std::uint32_t>(out.texts.size());
  out.texts.emplace_back("null");
  out.rank.reserve(rows.size());
  for (const std::int32_t row : rows) out.rank.push_back(view.isValid(row) ? static_cast<std::uint32_t>(view.codes()[row]) : null_rank);
  return out;
}

Ranked rankColumn(const data::Column& column, std::span<const std::int32_t> rows) {
  const score::ColumnView view = column.view();
  const auto whole = [&](std::int32_t row) { return view.ints()[row]; };
  switch (view.kind) {
    case ir::Kind::Category: return rankCategory(view, rows);
    case ir::Kind::Int: return rankBy<std::int64_t>(view, rows, whole, [](std::int64_t v) { return std::to_string(v); });
    case ir::Kind::Date: return rankBy<std::int64_t>(view, rows, whole, [](std::int64_t v) { return score::jsonString(data::dateText(v)); });
    case ir::Kind::Timestamp: return rankBy<std::int64_t>(view, rows, whole, [](std::int64_t v) { return score::jsonString(data::timestampText(v)); });
    case ir::Kind::Duration: return rankBy<std::int64_t>(view, rows, whole, [](std::int64_t v) { return score::jsonString(data::durationText(v)); });
    case ir::Kind::Bool:
      return rankBy<int>(view, rows, [&](std::int32_t row) { return static_cast<int>(view.bools()[row]); }, [](int v) { return std::string(v != 0 ? "true" : "false"); });
    case ir::Kind::Text:
      return rankBy<std::string_view>(view, rows, [&](std::int32_t row) { return view.text(row); }, [](std::string_view v) { return score::jsonString(v); });
    case ir::Kind::Float: case ir::Kind::Error: case ir::Kind::Null: case ir::Kind::Vector: break;
  }
  // All NaN are one slice, after the numbers.
  const auto key = [&](std::int32_t row) {
    const double v = view.floats()[row];
    return v != v ? std::pair(1, 0.0) : std::pair(0, v);
  };
  CD4ML_CHECK(view.kind == ir::Kind::Float);
  return rankBy<std::pair<int, double>>(view, rows, key, [](const std::pair<int, double>& v) { return v.first != 0 ? "\"nan\"" : score::jsonNumber(v.second); });
}

std::string keyText(const std::vector<SliceColumn>& columns, const std::vector<Ranked>& ranked, std::size_t row) {
  std::string text = "{";
  for (std::size_t c = 0; c < columns.size(); ++c) {
    text += (c == 0 ? "" : ",") + score::jsonString(columns[c].name) + ":" + ranked[c].texts[ranked[c].rank[row]];
  }
  return text + "}";
}

}  // namespace

Slices sliceRows(const std::vector<SliceColumn>& columns, std::span<const std::int32_t> rows, std::int64_t min_rows) {
  std::vector<Ranked> ranked;
  for (const SliceColumn& column : columns) ranked.push_back(rankColumn(*column.column, rows));
  std::map<std::vector<std::uint32_t>, std::vector<std::int32_t>> groups;
  if (columns.size() == 1) {
    // The common case needs no tree: ranks are few and dense.
    std::vector<std::vector<std::int32_t>> by_rank(ranked[0].texts.size());
    for (std::size_t i = 0; i < rows.size(); ++i) by_rank[ranked[0].rank[i]].push_back(static_cast<std::int32_t>(i));
    for (std::uint32_t rank = 0; rank < by_rank.size(); ++rank) {
      if (!by_rank[rank].empty()) groups.emplace(std::vector{rank}, std::move(by_rank[rank]));
    }
  } else {
    std::vector<std::uint32_t> key(columns.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (std::size_t c = 0; c < columns.size(); ++c) key[c] = ranked[c].rank[i];
      groups[key].push_back(static_cast<std::int32_t>(i));
    }
  }
  Slices out;
  for (auto& [key, members] : groups) {
    if (static_cast<std::int64_t>(members.size()) < min_rows) continue;
    out.keys.push_back(keyText(columns, ranked, static_cast<std::size_t>(members[0])));
    out.rows.push_back(std::move(members));
  }
  return out;
}

}  // namespace cd4ml::evaluate
