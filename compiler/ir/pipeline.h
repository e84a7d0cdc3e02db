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
#include "compiler/ir/window.h"

namespace cd4ml::ir {

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

/// `require` / `warn` of a whole row set at some point: aggregates over it. Null passes.
struct RequireOp { ValueId condition; bool warning = false; std::string text; Span span{}; };

/// Slots: one a column, in declared order, then one for the checks.
struct Source {
  std::string reader;                  ///< csv, parquet
  std::vector<std::string> paths;      ///< as written (globs allowed), holes filled; not in any key
  NodeId stage{};                      ///< the file is an output of this stage, not one of `paths`
  std::uint32_t stage_slot = 0;
  std::vector<Option> options;         ///< a row each of stdlib/readers.def
  bool pinned = false;                 ///< fields come from cd4ml.lock
  bool open_schema = false;            ///< neither declared nor pinned: the columns are not known yet
  Graph graph;                         ///< of the checks
  std::vector<FieldCheck> checks;
  std::vector<RequireOp> row_checks{};  ///< `require`, `warn`: of all rows at once
};

// ----------------------------------------------------------------------------------------------------- table

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
struct WindowOp { Variable result = 0; Window window; };
/// The latest right row that is known at the row's time: `right_time <= t` (`< t` where both sides come from one
/// source), `right_available <= t` where there is one. Ties are a row error.
struct AsOfOp {
  NodeId right;
  std::vector<Variable> left_keys;
  std::vector<std::uint32_t> right_keys;     ///< slots of `right`
  Variable left_time = 0;
  std::uint32_t right_time = 0;
  std::uint32_t right_available = no_slot;
  Period known_after{};                      ///< without `right_available`: right rows are known so long after their time
  bool strictly_before = false;
  std::optional<std::int64_t> within_us;
  std::int64_t ahead_us = 0;
  std::vector<std::uint32_t> right_columns;
  std::vector<Variable> results;             ///< one a right column; null where nothing matches
  Span span{};
};
/// One row a key (nulls are one value): the first or the last by `by`, where null comes after every value. Rows that tie
/// there are a row error if a variable that is needed after it differs in them.
struct DedupeOp {
  std::vector<Variable> keys;
  Variable by = 0;
  bool keep_last = false;
  std::vector<std::string> names{};  ///< of the keys, then of `by`, for messages; not in any key
  Span span{};
};
/// Keeps rows by hash(seed, row id); `ids` are the columns of the row id, `seed` counts the samples that the rows went
/// through before, so that each draws anew.
struct SampleOp { double share = 1; std::int64_t seed = 0; std::vector<Variable> ids; Span span{}; };
/// The rows so far, then those of `right`; result i is left variable i over right column i, of the type `unionType`.
struct UnionOp {
  NodeId right;
  std::vector<Variable> left;
  std::vector<std::uint32_t> right_columns;
  std::vector<Variable> results;
  Span span{};
};
using TableOp = std::variant<FilterOp, DeriveOp, GroupOp, JoinOp, RequireOp, WindowOp, AsOfOp, DedupeOp, SampleOp, UnionOp>;

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
  Graph graph;   ///< Input slot = column slot of `from`; from the number of its columns on, a window's result
  std::vector<Window> windows{};
  std::vector<ValueId> features;
  ValueId target;
  ValueId weight;
  /// `target … after D`: a row's label is known this long after its time; rows too new for theirs take no part. With a
  /// split it is the split that leaves them out.
  std::int64_t after_us = 0;
  std::uint32_t time_column = no_slot;  ///< of `from`; where `after` needs it
  std::vector<SlotRef> ends{};          ///< time columns; the newest value of all is where the data ends
};

// ----------------------------------------------------------------------------------------------------- split

enum class Part : std::uint8_t { Train, Validate, Test };
[[nodiscard]] std::string_view partText(Part part);

/// Assigns each row of `from` to a part. Slots: one, the assignment.
struct Split {
  enum class Method : std::uint8_t { Time, Random, Group, Stratified } method = Method::Time;
  NodeId from;
  std::uint32_t time_column = UINT32_MAX;  ///< slot of `from`
  std::uint32_t by_column = UINT32_MAX;    ///< slot of `from`: of `group(c)`, `stratified(c)`
  /// `folds N`: instead of train and validate, N folds; each row's validation is by a model of the other folds.
  std::int32_t folds = 0;
  /// Of one fold's own training: this fold is its validate part, the other folds its train part. -1: the split itself,
  /// where all folds train.
  std::int32_t fold = -1;
  std::vector<std::uint32_t> id_columns;   ///< slots whose values make the row id (semantics.md), sorted by content
  std::int64_t seed = 0;
  std::int64_t gap_us = 0;
  std::int64_t after_us = 0;               ///< rows newer than this before the data's end are in no part: no label yet
  std::vector<SlotRef> ends{};             ///< time columns; the newest value of all is where the data ends
  struct Share {
    Part part;
    double fraction = 0;          ///< of rows, or
    std::int64_t duration_us = 0; ///< counted back from the newest row, or
    bool rest = false;
  };
  std::vector<Share> shares;  ///< train, validate, test in this order; absent ones left out
};
/// "time", "random", "group", "stratified".
[[nodiscard]] std::string_view methodText(Split::Method method);

// ----------------------------------------------------------------------------------------------------- model

enum class Task : std::uint8_t { Regression, Binary, Multiclass };
[[nodiscard]] std::string_view taskText(Task task);

/// What a search or a choice goes by: a metric of the validate part.
struct Objective {
  std::string metric;           ///< row of stdlib/metrics.def
  std::vector<Option> options;  ///< defaults written out
  bool maximize = true;
};

/// `tune by random(trials: 40) maximize validate.auc { learning_rate in log 0.02..0.3 }`.
struct Tune {
  struct Range {
    std::string option;
    std::vector<Literal> values;  ///< of a list or set; else the two ends
    bool is_list = false;
    bool log = false;
    bool integer = false;
  };
  std::string method;             ///< grid, random
  std::vector<Option> options;    ///< points, trials, seed: defaults written out
  Objective objective;
  std::vector<Range> ranges;      ///< sorted by option
};

/// Slots: the model (forest or weights, levels, fitted state, scoring program); with folds also the out-of-fold
/// predictions: of each row with a fold, by a model that learned from other folds.
struct Model {
  std::string algorithm;  ///< gbdt, linear, …: a row of stdlib/models.def; "choose": the best of `candidates`
  NodeId features;
  Task task = Task::Regression;
  std::vector<Option> options;  ///< every option of the algorithm's rows, defaults written out
  Type target_type;
  std::optional<Tune> tune{};
  std::vector<NodeId> candidates{};          ///< of `choose`
  std::optional<Objective> objective{};      ///< of `choose`
  std::vector<std::uint32_t> per{};          ///< `model … per a`: slots of the features' `from` node; one model a value
  std::int64_t per_min_rows = 0;
  bool per_fallback = false;                 ///< thin and unknown keys use one model of all rows; else they are errors
  std::optional<double> threshold{};         ///< of the predicted class of a binary model; 0.5. Not in the model's key
  bool folds = false;                        ///< its split has folds
  NodeId file_stage{};                       ///< of an imported model: the stage that writes the file; invalid: `files`
  std::string file;                          ///< of an imported model: path, or name of the stage's output
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
  bool by_class = false;         ///< precision, recall, f1: one value a class of the target; `by` is empty
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
  /// Each: the check is judged in each slice of the metric (`for P% of COLUMN`).
  enum class Over : std::uint8_t { Whole, Worst, Gap, Ratio, Each } over = Over::Whole;
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
  std::optional<double> share{};    ///< `for 90% of COLUMN`: so many of the slices of its Each terms must hold
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

/// What follows on an event: retrain, hold, rollback, notify.
struct Action { std::string verb; NodeId notify{}; };

struct Deploy {
  /// `guard latency(p: 99) <= 20ms`: a limit in µs; error_rate, score_shift: a share.
  struct Guard { std::string measure; double percentile = 0.99; bool strict = false; double limit = 0; };
  struct Rule { std::string event; std::vector<Action> actions; };  ///< promoted, held, rolled_back
  NodeId model;
  NodeId gate;
  /// One step of `rollout`: a share of the rows, 0 for shadow. It lasts until so many rows or so much time (µs); 0: by default.
  struct Step { double share = 0; std::int64_t rows = 0; std::int64_t time_us = 0; };
  std::vector<Step> rollout{};  ///< acted on where a server runs; the shares rise
  std::vector<Guard> guards{};
  std::int64_t settle_us = 0;
  std::int64_t keep = 0;      ///< versions; 0: as many as the ledger keeps by default
  double capture = 0;         ///< share of the requests that are kept
  std::vector<Rule> rules{};
};

/// `stage NAME = command(…)`: any program, run in a private folder with its declared inputs. Slots: one an output file.
struct Stage {
  /// A literal, a file among the inputs or outputs, or the path of rows of a node (Parquet).
  struct Argument { enum class Kind : std::uint8_t { Text, Input, Output } kind = Kind::Text; std::string text; std::uint32_t index = 0; };
  struct Input {
    std::string name;          ///< what the argv calls it
    std::string path;          ///< of a file; else
    NodeId node;               ///< rows of a node
    std::optional<Part> part;  ///< `trip.train`
  };
  struct Output { std::string name; std::string file; };
  std::vector<Argument> argv;
  std::vector<Input> inputs;
  std::vector<Output> outputs;
  std::vector<std::pair<std::string, std::string>> env;  ///< a secret is "secret:NAME"
  std::int64_t timeout_us = 0;  ///< 0: none
  std::int64_t retries = 0;
};

/// `monitor NAME of …`: what is watched and what follows. No slots; acted on by the loop.
struct Monitor {
  NodeId subject;                 ///< a deploy, a source or a table
  std::int64_t window_us = 0;
  std::int64_t window_rows = 0;   ///< at least
  std::string baseline = "train"; ///< or "last"
  std::int64_t baseline_us = 0;
  struct Drift { std::vector<std::string> of; std::string stat; double effect = 0; double alpha = 0; std::vector<std::string> by; };
  /// `when EVENT [>= limit] => …`; a limit of `age` and `every` is in µs.
  struct Rule { std::string event; std::int64_t limit = 0; std::vector<Action> actions; Span span{}; };
  std::vector<Drift> drifts{};
  bool quality = false;           ///< re-test the gate's absolute limits on labelled windows
  std::int64_t freshness_us = 0;  ///< 0: not limited
  std::int64_t labels_within_us = 0;
  std::int64_t cooldown_us = 0;
  std::int64_t budget = 0;        ///< at most so many retrainings per `budget_us`; 0: not limited
  std::int64_t budget_us = 0;
  Graph graph{};                  ///< of the checks: inputs are the columns of the rows, then the prediction
  std::vector<RequireOp> checks{};
  std::vector<Rule> rules{};
};

struct Notify {
  std::string channel;           ///< webhook, command
  std::vector<Option> options;   ///< a secret is the text "secret:NAME": the name, never the value
  std::vector<std::string> argv; ///< of command
};

// ------------------------------------------------------------------------------------------------------ node

using NodeBody = std::variant<Source, Table, Features, Split, Model, Evaluate, Gate, Deploy, Notify, Stage, Monitor>;

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
  Type type;             ///< of a list: of its members
  bool is_list = false;  ///< `list<T>`
  Literal value;
  std::string origin;  ///< "default", "profile NAME", "command line"
  std::string doc;
  Span span{};
};

struct Pipeline {
  std::string name;
  FileIndex file = 0;  ///< the entry file; spans of nodes of modules are in others
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
/// For each node whether it is the entry file's, or read by one that is: a module offers more than each user needs.
[[nodiscard]] std::vector<bool> nodesOfEntry(const Pipeline& pipeline);
/// The files that `node` itself reads, as written (globs allowed in a source): of a source, a stage, an imported model.
[[nodiscard]] std::vector<std::string> filesOf(const Node& node);

/// Text form: one block a node; `parsePipeline` reads back what `printPipeline` wrote (spans are lost).
[[nodiscard]] std::string printPipeline(const Pipeline& pipeline);

}  // namespace cd4ml::ir
