/// The expression checker: expression trees → typed, tainted values of an `ir::Graph` (docs/design/0001-bones.md
/// §Expressions), constants → literals, written types → `ir::Type`.
///
/// It knows what one expression means where it stands (`Scope`), nothing of declarations: names, types, roles and taint
/// of columns are handed in. Each mistake is reported once; an erroneous part has type Error, which fits everywhere and
/// is never reported again. All sugar is lowered here: params become constants, unit conversions explicit factors,
/// `int` meets `float` through `i_to_f`, operators and builtins become kernels of stdlib/kernels.def.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/check/builtin_tables.h"
#include "compiler/check/known_after.h"
#include "compiler/check/taint.h"
#include "compiler/check/unit_table.h"
#include "compiler/diag/diagnostic.h"
#include "compiler/ir/pipeline.h"
#include "compiler/ir/value.h"
#include "compiler/syntax/tree.h"

namespace cd4ml::check {

/// A checked expression: its value in the graph, its static type (which may be narrower than the graph's: a column
/// inside `if x is not null then …` is non-null there) and its taint.
struct TypedValue {
  ir::ValueId value;  ///< invalid when `type` is Error
  ir::Type type;
  Taint taint;
  Span span{};        ///< of the expression
  Span origin{};      ///< where the type comes from (the column's or param's declaration); may be empty
  std::string origin_name{};  ///< "`delay`"; what stands at `origin`
};

/// A compile-time constant with its type; type Error when it is none (reported already).
struct Constant {
  ir::Literal value;
  ir::Type type;
  Span span{};
  [[nodiscard]] bool ok() const { return !type.isError(); }
};

/// A column (or a special name: prediction, probability, target, weight) that a bare name may mean.
struct ScopeColumn {
  std::string name;
  std::uint32_t slot = 0;     ///< of the Input value: a column slot, a table's variable, an evaluate's input
  ir::Type type;
  std::uint8_t roles = 0;     ///< bits of ir::Role
  Taint taint{};
  Span span{};                ///< where it is declared
  std::optional<KnownAfter> known{};  ///< of a table's or source's: what it proves of when the row is known
};

/// Takes the windows out of the expressions of one table or features node, and knows the rows of other nodes.
class WindowHost {
 public:
  WindowHost() = default;
  WindowHost(const WindowHost&) = delete;
  WindowHost& operator=(const WindowHost&) = delete;
  virtual ~WindowHost() = default;
  /// Slot of the window's result, a column of the owner from here on; equal windows have one.
  virtual std::uint32_t take(ir::Window window) = 0;
  /// The node that a name means; invalid: it means no rows.
  [[nodiscard]] virtual ir::NodeId find(std::string_view name) const = 0;
  /// Its columns.
  [[nodiscard]] virtual struct Scope rowsOf(ir::NodeId node) const = 0;
  /// The owner's rows are those of this node.
  [[nodiscard]] virtual ir::NodeId ownNode() const = 0;
  /// The columns of sources that a time column of the owner (`node` invalid) or of a node comes from, unchanged.
  [[nodiscard]] virtual std::vector<ir::SlotRef> endsOf(ir::NodeId node, std::uint32_t time_slot) const = 0;
};

/// Where an expression stands decides what it may hold and what an aggregate means.
enum class Place : std::uint8_t {
  Constant,  ///< params and literals only: defaults, options, shares, ranges
  Row,       ///< filter, derive, keys of group by, check of a field: no aggregates
  GroupBy,   ///< result of group by: columns stand inside aggregates, which fold the group
  RowSet,    ///< require / warn of a source or table: aggregates fold all rows
  Target,    ///< target, weight: the row alone
  Window,    ///< argument of an aggregate that folds a window: its columns are those of the folded rows
  Features,  ///< a feature: aggregates are statistics fitted on the training part; encoders are allowed
  Evaluate,  ///< metric expression: aggregates fold the evaluated rows
};

/// What names mean inside one expression.
struct Scope {
  Place place = Place::Constant;
  std::string owner{};                  ///< name of the row set, for messages: "`flights` has the columns …"
  std::vector<ScopeColumn> columns{};
  std::vector<ScopeColumn> specials{};  ///< Evaluate: prediction, probability, target, weight; shadow columns
  /// Features: what `target_encode` reads; null: no target. Its value lives in the same graph.
  const TypedValue* target = nullptr;
  /// GroupBy, RowSet: columns that decide which rows exist (filter, dedupe, join inner); each aggregate depends on them.
  Taint row_taint{};
  WindowHost* windows = nullptr;  ///< null: no window may stand here
  /// What is not known because the data ends first takes no part: a count ahead is never null.
  bool unknown_is_left_out = false;
  /// The columns are not known yet (source not pinned): every unknown name is an Error value, unreported.
  bool open_schema = false;

  /// Columns known to be non-null from here on (after `filter x is not null`).
  void narrow(const std::vector<std::string>& non_null);
  [[nodiscard]] const ScopeColumn* find(std::string_view name) const;
  /// Not all columns are known with their types and roles: what seems to be missing may be there.
  [[nodiscard]] bool isUnsure() const;
};

/// Params and declared names of the file; the same for every expression.
struct Param {
  ir::Type type;         ///< of a list: of its members
  bool is_list = false;  ///< `list<T>`: the value is a list of literals
  ir::Literal value;
  Span span{};
};
struct Environment {
  std::map<std::string, Param, std::less<>> params{};  ///< Error type: its declaration is wrong, said already
  /// Other declarations by name with the word of their construct ("source"), to say what a misplaced name is.
  std::map<std::string, std::string, std::less<>> nodes{};
  UnitTable units{};
};

/// A checked condition and what it proves when it is true.
struct Condition {
  TypedValue value;
  std::vector<std::string> non_null;  ///< columns that are not null where it holds, sorted
};

struct FeatureDefinition {
  std::string name;
  Span name_span;
  syntax::ExprId value;
};

class ExpressionChecker {
 public:
  ExpressionChecker(const syntax::Tree& tree, const Environment& environment, diag::Diagnostics& diagnostics);

  /// Checks an expression and adds its values to `graph`. With `expected`, the result is converted to it where the
  /// language converts by itself (int → float, duration → float<time>, text literal → category, non-null → nullable)
  /// and any other difference is reported.
  TypedValue check(syntax::ExprId expr, const Scope& scope, ir::Graph& graph, const ir::Type* expected = nullptr);

  /// Checks a condition: bool, null allowed (filter, check and require say what null means; `if` is stricter itself).
  Condition checkCondition(syntax::ExprId expr, const Scope& scope, ir::Graph& graph);

  /// Checks all features of one node, whatever the order they are written in: a name of another feature means that
  /// feature, in its own definition the input column. A cycle is reported once, with its ring. Result i belongs to
  /// definition i. Leaks into `label` (the target's taint) are the caller's to report with `reportLeak`.
  std::vector<TypedValue> checkFeatures(const std::vector<FeatureDefinition>& definitions, const Scope& scope,
                                        ir::Graph& graph);

  /// Evaluates a constant expression over literals and params, converted to `expected` if given.
  Constant constant(syntax::ExprId expr, const ir::Type* expected = nullptr);
  /// A constant that must be a positive number of `float` or `int`, a percent included: `70%`, `(1 - share)`.
  std::optional<double> constantNumber(syntax::ExprId expr);
  std::optional<std::int64_t> constantInt(syntax::ExprId expr);
  std::optional<bool> constantBool(syntax::ExprId expr);
  std::optional<std::string> constantText(syntax::ExprId expr);
  /// Microseconds.
  std::optional<std::int64_t> constantDuration(syntax::ExprId expr);

  /// The options of a reader, model or metric: every row of `rows` once, in their order, defaults written out, from the
  /// named arguments of a call (arguments without a name are the caller's). Unknown names (with the nearest), values of
  /// the wrong type or out of range, and options that are not supported yet are reported. `owner` is the call's name.
  std::vector<ir::Option> options(std::span<const OptionRow> rows, const std::vector<syntax::Argument>& arguments,
                                  std::string_view owner, Span call);

  /// The type that is written; Error (reported) when it is none.
  ir::Type type(const syntax::TypeSyntax& syntax);

  [[nodiscard]] const syntax::Tree& tree() const { return tree_; }
  /// Params that some expression has used, for the warning about unused ones.
  [[nodiscard]] const std::set<std::string>& usedParams() const { return used_params_; }
  /// Type of each expression of the tree that was checked, by ExprId; for hover and messages.
  [[nodiscard]] const std::vector<ir::Type>& exprTypes() const { return expr_types_; }

 private:
  friend class ExpressionWalk;
  bool setLevels(const syntax::TypeSyntax& syntax, ir::Type& type);
  std::optional<Constant> constantOfKind(syntax::ExprId expr, ir::Kind kind);
  std::optional<ir::Literal> optionValue(const OptionRow& row, syntax::ExprId id);

  const syntax::Tree& tree_;
  const Environment& environment_;
  diag::Diagnostics& diagnostics_;
  std::set<std::string> used_params_;
  std::vector<ir::Type> expr_types_;
};

/// Parses `--param k=v` text by the param's type; nullopt when it does not fit (nothing is reported).
[[nodiscard]] std::optional<ir::Literal> parseLiteral(std::string_view text, const ir::Type& type);
/// The same for a list: `1,2,3` or `[1, 2, 3]`, a text with a comma in double quotes.
[[nodiscard]] std::optional<ir::Literal> parseListLiteral(std::string_view text, const ir::Type& member);
/// True if a value of type `from` may stand where `to` is wanted without a written conversion (Error fits everywhere).
[[nodiscard]] bool fits(const ir::Type& from, const ir::Type& to);

}  // namespace cd4ml::check
