/// Windows: folds over other rows than the row itself. What a node is called in the IR stands here too, because they name
/// nodes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/span.h"
#include "compiler/ir/value.h"

namespace cd4ml::ir {

struct NodeId {
  std::uint32_t index = UINT32_MAX;
  [[nodiscard]] bool valid() const { return index != UINT32_MAX; }
  friend auto operator<=>(const NodeId&, const NodeId&) = default;
};

/// Output `slot` of `node`.
struct SlotRef {
  NodeId node;
  std::uint32_t slot = 0;
  friend auto operator<=>(const SlotRef&, const SlotRef&) = default;
};

/// A length of time: so many microseconds, then so many calendar months.
struct Period {
  std::int64_t us = 0;
  std::int32_t months = 0;
  [[nodiscard]] bool isZero() const { return us == 0 && months == 0; }
  friend bool operator==(const Period&, const Period&) = default;
};

/// A column inside a table's program. Variables 0 … n-1 are the columns of `from` (slot order); each op that makes a
/// column defines a new one. An Input value of the graph refers to a variable by `slot`.
using Variable = std::uint32_t;
inline constexpr std::uint32_t no_slot = UINT32_MAX;

/// `AGG over (…)`, `lag`, `lead`: for each row of its owner (a table or features), a fold over other rows that lie in a
/// window before (or, for labels, after) it. The folded rows are the owner's own rows, or those of another node.
/// `current` slots name columns of the owner's row: variables of a table, columns of the `from` node of features.
/// `folded` slots name columns of the folded rows: the same variables or columns, or columns of `node`. The result of an
/// earlier window of the same owner is a column like any other: a table's variable, in features the slot behind those of
/// `from`. Rows of equal keys match, null keys match nothing, and neither does a null time.
struct Window {
  enum class Frame : std::uint8_t {
    Time,      ///< Last: [t - gap - extent, t - gap) · Next: (t + gap, t + gap + extent]
    Rows,      ///< `previous N rows`: the N rows before
    All,       ///< no extent: every row before t - gap
    RowAt,     ///< lag(x), lag(x, 3 rows): the `rows`th row before · lead: after
    TimeAt,    ///< lag(x, 7d): the latest row at or before t - extent · lead: the earliest at or after t + extent
  };
  enum class Direction : std::uint8_t { Back, Ahead };

  NodeId node;                            ///< invalid: the owner's own rows
  std::string aggregate;                  ///< row of stdlib/builtins.def; "lag", "lead" for RowAt and TimeAt
  std::vector<Literal> options;           ///< of the aggregate, defaults written out
  /// Over the folded rows: Input slot = folded slot; slots from `row_base` on are `row_inputs` of the current row.
  Graph graph;
  ValueId argument;                       ///< null where `where:` leaves a row out; invalid: `count()`
  std::uint32_t row_base = 0;
  std::vector<std::uint32_t> row_inputs;  ///< current slots that it reads as `row.x`
  std::vector<std::uint32_t> current_keys;
  std::vector<std::uint32_t> folded_keys;
  std::uint32_t current_time = no_slot;
  std::uint32_t folded_time = no_slot;
  std::uint32_t folded_available = no_slot;  ///< rows count from then on only; without it
  Period known_after{};                   ///< … from so long after their time on
  Frame frame = Frame::All;
  Direction direction = Direction::Back;
  std::int64_t gap_us = 0;
  std::int64_t extent_us = 0;
  std::int32_t extent_months = 0;         ///< `last 1mo`: a calendar step
  std::int64_t rows = 0;
  /// Ahead: the time columns whose newest value is where the data ends; what lies beyond is not known.
  std::vector<SlotRef> ends;
  Type type;                              ///< of the result
  Span span{};
};

}  // namespace cd4ml::ir
