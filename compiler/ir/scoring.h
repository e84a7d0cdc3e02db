/// What a model needs to score a row: one program from raw input columns to model input.
///
/// Derived from the pipeline (language.md §5 "What scoring needs follows from the features"): S is the last step
/// before the features that does not keep rows, else the source. Filters and share checks are gone, derivations are
/// inlined, look-up joins are Lookup values over snapshots that travel with the bundle (`slot`: place in `value_slots`).
/// Fit has no arguments and Encode only the first: what they learned from is not needed for the row itself, so two Fit
/// values that look alike may have learned different things. Its normal form is part of the
/// model id.
#pragma once

#include <string>
#include <vector>

#include "compiler/ir/pipeline.h"

namespace cd4ml::ir {

/// A joined table that travels with the bundle.
struct LookupTable {
  NodeId right;                          ///< in the pipeline; invalid once in a bundle
  std::vector<std::uint32_t> key_slots;  ///< of `right`
  std::vector<std::uint32_t> value_slots;
};

/// A window of features, a window of a table (the op `step`), or a column of an as-of join of a table.
struct HistoryPlace {
  NodeId node;
  std::uint32_t step = 0;    ///< window of the features, op of the table
  std::uint32_t column = 0;  ///< of an as-of join: place in its `results`
  friend auto operator<=>(const HistoryPlace&, const HistoryPlace&) = default;
};

/// An input that comes from other rows than the scored one: `score` folds or matches the rows of the sources for it.
struct HistoryInput {
  std::uint32_t input = 0;           ///< place in the program's inputs
  std::string definition;            ///< digest down to the sources, by which its place is found again
  std::string reads;                 ///< what it reads, for messages: "mean of `flights` by `origin`"
  std::vector<ValueId> keys;         ///< of the row that is scored, values of the program
  ValueId time;
  std::vector<ValueId> row_inputs;
  HistoryPlace place{};              ///< in the pipeline; invalid once in a bundle, as the next two
  NodeId rows{};                     ///< whose rows are read
  Span span{};
};

struct ScoringProgram {
  NodeId base;                    ///< S; invalid once in a bundle
  std::vector<Column> inputs;     ///< raw columns, the Input slots of `graph`
  std::vector<std::uint32_t> base_slots;  ///< slot of `base` of each input; `no_slot`, at the end: of `history`
  std::vector<HistoryInput> history;
  Graph graph;                    ///< checks, features
  std::vector<FieldCheck> checks; ///< row checks that apply to an input (share checks are gone)
  std::vector<ValueId> features;  ///< in the order in which the model takes them; of `model … per` the keys come last
  std::vector<std::string> feature_names;
  std::vector<LookupTable> lookups;
  /// Each Fit and Encode value of `graph` with the value of the features' graph whose fitted state it takes.
  struct FittedFrom { ValueId value; ValueId origin; };
  std::vector<FittedFrom> fitted;

  /// Inputs that are columns of S; those behind them are history.
  [[nodiscard]] std::size_t rawInputs() const { return inputs.size() - history.size(); }
};

/// The scoring program of a model node.
[[nodiscard]] ScoringProgram deriveScoring(const Pipeline& pipeline, NodeId model);

}  // namespace cd4ml::ir
