/// PipelineIR: the DAG of one entry file, typed and resolved, ready to be normalised, keyed and run.
///
/// The checker makes it (`compiler/check`), `compiler/opt` normalises it, `compiler/plan` keys it, the engine runs it.
/// A node's *slots* are its outputs: one a column, or one for a model, the metrics, … Each slot has its own key and
/// its own content id, so adding a feature or a derived column disturbs no other. Names are for people; nothing here
/// is identified by name once the checker is done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/span.h"
#include "compiler/ir/type.h"
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

enum class Role : std::uint8_t { Time = 1, Available = 2, Key = 4, Id = 8, Pii = 16 };

/// A named column that a node offers.
struct Column {
  std::string name;
  Type type;
  std::uint8_t roles = 0;  ///< bits of Role
  Span span{};             ///< where it is declared
  std::string doc{};

  [[nodiscard]] bool has(Role role) const { return (roles & static_cast<std::uint8_t>(role)) != 0; }
};

/// One named option with its value; all options of a reader, a model or a channel are written out with defaults.
struct Option {
  std::string name;
  Literal value;
  Span span{};
};

// ---------------------------------------------------------------------------------------------------- source

/// `check EXPR for P%`: `condition` reads the source's columns as inputs (slot = column index). Null passes.
struct FieldCheck {
  ValueId condition;
  double share = 1.0;      ///< of rows that must pass; 1: every row
  bool warning = false;
  std::string text;        ///< as written, for messages; not in any key
  Span span{};
};

/// Slots: one a column, in declared order, then one for the checks.
struct Source {
  std::string reader;                  ///< csv, parquet
  std::vector<std::string> paths;      ///< as written (globs allowed), holes filled; not in any key
  std::vector<Option> options;         ///< a row each of stdlib/readers.def
  bool pinned = false;                 ///< fields come from cd4ml.lock
  bool open_schema = false;            ///< neither declared nor pinned: the columns are not known yet
  Graph graph;                         ///< of the checks
  std::vector<FieldCheck> checks;
};

// ----------------------------------------------------------------------------------------------------- table

/// A column inside a table's program. Variables 0 … n-1 are the columns of `from` (slot order); each Derive, GroupBy
/// and Join defines new ones. An Input value of the graph refers to a variable by `slot`.
using Variable = std::uint32_t;

struct FilterOp { ValueId condition; Span span{}; };
struct DeriveOp { Variable result; ValueId value; Span span{}; };
/// Rows of the result: one a distinct key tuple, sorted by key (null last).
struct GroupOp {
  std::vector<ValueId> keys;
  std::vector<Variable> key_results;
  std::vector<ValueId> aggregates;  ///< each an expression over Aggregate values
  std::vector<Variable> aggregate_results;
  Span span{};
};
struct JoinOp {
  enum class Kind : std::uint8_t { LookUp, Inner, Many } kind = Kind::LookUp;
  NodeId right;
  std::vector<Variable> left_keys;
  std::vector<std::uint32_t> right_keys;     ///< slots of `right`
  std::vector<std::uint32_t> right_columns;  ///< slots of `right` that are brought in
  std::vector<Variable> results;             ///< one a right column
  Span span{};
};
/// `require` / `warn` of the whole row set at this point: aggregates over it.
struct RequireOp { ValueId condition; bool warning = false; std::string text; Span span{}; };
using TableOp = std::variant<FilterOp, DeriveOp, GroupOp, JoinOp, RequireOp>;

/// Slots: one an output column. Select, drop and rename are gone: they only choose and name outputs.
struct Table {
  NodeId from;
  std::uint32_t variables = 0;  ///< how many there are in all
  Graph graph;
  std::vector<TableOp> ops;
  std::vector<Variable> outputs;  ///< variable of each output column
};

// -------------------------------------------------------------------------------------------------- features

/// Slots: one a feature, in written order; then the target and the weight if there are any. A slot's content has one
/// part for each part of the split (train, validate, test), or train alone without a split.
struct Features {
  NodeId from;
  NodeId split;  ///< invalid: every row trains
  Graph graph;   ///< Input slot = column slot of `from`
  std::vector<ValueId> features;
  ValueId target;
  ValueId weight;
};

// ----------------------------------------------------------------------------------------------------- split

enum class Part : std::uint8_t { Train, Validate, Test };
[[nodiscard]] std::string_view partText(Part part);

/// Assigns each row of `from` to a part. Slots: one, the assignment.
struct Split {
  enum class Method : std::uint8_t { Time, Random } method = Method::Time;
  NodeId from;
  std::uint32_t time_column = UINT32_MAX;  ///< slot of `from`
  std::vector<std::uint32_t> id_columns;   ///< slots whose values make the row id (semantics.md), sorted by content
  std::int64_t seed = 0;
  std::int64_t gap_us = 0;
  struct Share {
    Part part;
    double fraction = 0;          ///< of rows, or
    std::int64_t duration_us = 0; ///< counted back from the newest row, or
    bool rest = false;
  };
  std::vector<Share> shares;  ///< train, validate, test in this order; absent ones left out
};

// ----------------------------------------------------------------------------------------------------- model

enum class Task : std::uint8_t { Regression, Binary, Multiclass };
[[nodiscard]] std::string_view taskText(Task task);

/// Slots: one, the model (forest or weights, levels, fitted state, scoring program).
struct Model {
  std::string algorithm;  ///< gbdt, linear, logistic, constant: a row of stdlib/models.def
  NodeId features;
  Task task = Task::Regression;
  std::vector<Option> options;  ///< every option of the algorithm's rows, defaults written out
  Type target_type;
};

// -------------------------------------------------------------------------------------------------- evaluate

/// One metric, whole and by slice.
struct Metric {
  std::string metric;            ///< row of stdlib/metrics.def; empty: `expression`
  std::vector<Option> options;   ///< defaults written out
  ValueId expression;            ///< over Aggregate values; inputs as below
  std::string name;              ///< what a gate calls it; not in any key
  std::vector<std::uint32_t> by; ///< input slots of the slicing columns
  std::int64_t min_rows = 0;
  Span span{};
};

/// Input slots of the graph: the columns of the features' `from` node, then prediction, probability, target, weight.
/// Slots: metrics; predictions.
struct Evaluate {
  NodeId model;
  Part part = Part::Test;
  bool in_sample = false;
  Graph graph;
  std::vector<Metric> metrics;
};

// ------------------------------------------------------------------------------------------------------ gate

/// A scalar term of a gate's condition.
struct GateTerm {
  enum class Kind : std::uint8_t { Metric, Constant, Size, Latency, Rows } kind = Kind::Metric;
  enum class Subject : std::uint8_t { Candidate, Champion } subject = Subject::Candidate;
  enum class Over : std::uint8_t { Whole, Worst, Gap, Ratio } over = Over::Whole;
  std::uint32_t evaluate = 0;  ///< index into Gate::evaluates
  std::uint32_t metric = 0;    ///< index into that Evaluate's metrics
  double constant = 0;
  double percentile = 0;       ///< latency(p: 99)
};

/// `left OP right`, each side a sum of terms times coefficients, so that value and limit can be reported.
struct GateSide { std::vector<std::pair<double, GateTerm>> terms; };
struct GateCheck {
  std::string text;            ///< as written; not in any key
  std::string op;              ///< "<", "<=", ">", ">=", "==", "!="
  GateSide left, right;
  std::optional<double> confident;  ///< 0.95
  bool warning = false;
  Span span{};
  [[nodiscard]] bool usesChampion() const;
};

/// Slots: one, the verdict for each deploy that uses it (see semantics.md); decided in the front, not the engine.
struct Gate {
  std::vector<NodeId> evaluates;
  std::vector<GateCheck> checks;
  bool hold = true;
  std::vector<NodeId> notify;  ///< `otherwise notify N`
};

struct Deploy {
  NodeId model;
  NodeId gate;
  std::string rollout;  ///< as written; acted on where a server runs
};

struct Notify {
  std::string channel;           ///< webhook, command
  std::vector<Option> options;   ///< a secret is the text "secret:NAME": the name, never the value
  std::vector<std::string> argv; ///< of command
};

// ------------------------------------------------------------------------------------------------------ node

using NodeBody = std::variant<Source, Table, Features, Split, Model, Evaluate, Gate, Deploy, Notify>;

struct Node {
  std::string name;
  Span span{};       ///< of the declaration
  Span name_span{};
  std::string doc{};
  std::vector<Column> columns;  ///< what it offers by name (source, table, features), slot order
  NodeBody body;
};

struct Param {
  std::string name;
  Type type;
  Literal value;
  std::string origin;  ///< "default", "command line"
  std::string doc;
  Span span{};
};

struct Pipeline {
  std::string name;
  std::vector<Param> params;
  std::vector<Node> nodes;  ///< topological: inputs come before their users

  [[nodiscard]] const Node& operator[](NodeId id) const { return nodes[id.index]; }
  [[nodiscard]] NodeId find(std::string_view name) const;
};

/// "source", "table", …: the construct's keyword.
[[nodiscard]] std::string_view kindText(const Node& node);
/// Names of all slots of a node, in slot order: its columns, or "parts", "model", "metrics", "predictions", "checks".
[[nodiscard]] std::vector<std::string> slotNames(const Node& node);
/// The nodes that `node` reads, each once, in order of first use.
[[nodiscard]] std::vector<NodeId> inputsOf(const Node& node);

/// Text form: one block a node; `parsePipeline` reads back what `printPipeline` wrote (spans are lost).
[[nodiscard]] std::string printPipeline(const Pipeline& pipeline);

}  // namespace cd4ml::ir
