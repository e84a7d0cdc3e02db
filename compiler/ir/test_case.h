/// `test "…" { given … expect … }`, checked: typed literal tables that stand for sources, and what must come out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/ir/pipeline.h"

namespace cd4ml::ir {

/// Rows of some columns of a node; `columns[i]` belongs to slot `slots[i]`, all of `rows` values.
struct LiteralTable {
  NodeId node;
  std::vector<std::uint32_t> slots;
  std::vector<std::vector<Literal>> columns;
  std::size_t rows = 0;
};

/// One `expect`: columns of a node (in row order) equal a table, or a node has so many rows.
struct Expectation {
  LiteralTable table;
  bool rows_only = false;          ///< `count(node) == N`: `table.rows`
  std::optional<double> within{};  ///< how far floats may differ; absent: not at all
  std::string text;                ///< as written
  Span span{};
};

struct TestCase {
  std::string name;
  std::vector<LiteralTable> given;  ///< sources
  std::vector<Expectation> expected;
  std::optional<std::string> error{};  ///< the run must fail, with this in its message
  Span error_span{};
  Span span{};
};

}  // namespace cd4ml::ir
