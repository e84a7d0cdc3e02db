/// One expression on its way into a graph. Internal to the expression checker (`expression.h` is its interface).
///
/// One file a concern: expr_walk.cpp visits, expr_emit.cpp adds values, expr_names.cpp says what names mean,
/// expr_convert.cpp converts and unifies types, expr_arithmetic.cpp and expr_compare.cpp are the operators,
/// expr_condition.cpp `if` and what conditions prove, expr_calls.cpp calls by the rows of builtins.def,
/// expr_wish.cpp what an unknown name may be, expr_aggregate.cpp aggregates and encoders, expr_sugar.cpp what is written out.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/internal_check.h"
#include "compiler/check/expression.h"

namespace cd4ml::check {

/// The features of one node while they are being checked.
class FeatureNames;

/// Columns that are non-null where a condition is true, and where it is false.
struct Facts {
  std::set<std::string> when_true;
  std::set<std::string> when_false;
};

class ExpressionWalk {
 public:
  ExpressionWalk(ExpressionChecker& checker, const Scope& scope, ir::Graph& graph, FeatureNames* features = nullptr);

  TypedValue visit(syntax::ExprId id);
  /// As `visit`; an unknown name is guessed among those of the type.
  TypedValue visitAs(syntax::ExprId id, const ir::Type& wanted);
  /// `value` as `expected`, where the language converts by itself; else reported and Error.
  TypedValue coerce(TypedValue value, const ir::Type& expected);
  TypedValue condition(syntax::ExprId id);
  [[nodiscard]] Facts factsOf(syntax::ExprId id) const;
  [[nodiscard]] const ir::Value& node(const TypedValue& value) const { return graph_[value.value]; }
  [[nodiscard]] bool isConstant(const TypedValue& value) const;

 private:
  using Kind = ir::Kind;
  using Operands = std::vector<TypedValue>;
  struct Call;        ///< a call of a builtin while it is resolved
  struct Parameter;   ///< of an overload

  // ---- expr_walk.cpp
  TypedValue visitKind(syntax::ExprId id);
  TypedValue visitLiteral(const syntax::Expr& expr);
  TypedValue visitQuantity(const syntax::Expr& expr);
  TypedValue visitBinary(syntax::ExprId id);
  TypedValue visitUnary(const syntax::Expr& expr);
  TypedValue unsupported(Span span, std::string_view what);

  // ---- expr_emit.cpp
  static TypedValue error(Span span);
  TypedValue constant(ir::Literal literal, ir::Type type, Span span);
  TypedValue number(double value, Span span, std::string unit = {});
  TypedValue input(const ScopeColumn& column, Span span);
  /// Adds a call; the result is null where the kernel's rule says so (for rule N: as `result` says). Folds literals.
  TypedValue call(std::string_view kernel, const Operands& arguments, ir::Type result, Span span,
                  std::vector<ir::Literal> options = {});
  /// The kernel `op_` with the letters of the arguments' kinds: "add" of two floats is `add_ff`.
  TypedValue callOp(std::string_view op, const Operands& arguments, ir::Type result, Span span);
  TypedValue add(ir::Value value, const Operands& arguments, ir::Type type, Span span);

  // ---- expr_names.cpp
  TypedValue visitName(const syntax::Name& name, Span span);
  TypedValue visitMember(const syntax::Expr& expr);
  TypedValue visitModuleName(const syntax::Expr& expr);
  TypedValue param(std::string_view name, Span span);
  TypedValue column(const ScopeColumn& column, Span span);
  TypedValue unknownName(const syntax::Name& name, Span span);
  [[nodiscard]] std::vector<std::string> visibleNames() const;
  [[nodiscard]] bool isRowName(std::string_view name) const;

  // ---- expr_wish.cpp
  [[nodiscard]] static bool isWish(const ir::Type& wanted, const ir::Type& type);
  [[nodiscard]] ir::Type apparentType(syntax::ExprId id) const;
  [[nodiscard]] ir::Type wantedBy(syntax::Operator op, syntax::ExprId other) const;
  [[nodiscard]] static ir::Type wantedBy(const BuiltinRow& row, std::size_t place);
  [[nodiscard]] std::vector<std::string> nearNames(std::string_view name) const;
  [[nodiscard]] const ScopeColumn* onlyColumnWanted() const;

  // ---- expr_convert.cpp
  TypedValue toFloat(TypedValue value);
  TypedValue toTimestamp(TypedValue value);
  TypedValue durationToFloat(const TypedValue& value, std::string_view unit);
  TypedValue floatToDuration(const TypedValue& value);
  TypedValue roundToDuration(const TypedValue& microseconds, Span span);
  TypedValue convertUnit(const TypedValue& value, std::string_view unit, Span span);
  TypedValue toCategory(const TypedValue& text_literal, const ir::Type& category);
  [[nodiscard]] bool isTextLiteral(const TypedValue& value) const;
  [[nodiscard]] bool isZero(const TypedValue& value) const;
  [[nodiscard]] static bool isTimeFloat(const TypedValue& value);
  /// Brings two values to one kind, unit and level list. Reports and returns false where they have none in common;
  /// `what` is what they stand in: "`+`", "`if`".
  bool unify(TypedValue& a, TypedValue& b, std::string_view what, Span span);
  bool unifyNumbers(TypedValue& a, TypedValue& b, std::string_view what, Span span);
  bool mismatch(diag::Code code, std::string message, const TypedValue& a, const TypedValue& b, Span span,
                std::string help = {});
  void labelOperand(diag::Diagnostic& d, const TypedValue& value) const;
  TypedValue notOfKind(const TypedValue& value, std::string_view wanted, std::string_view by, std::string help = {});

  // ---- expr_arithmetic.cpp
  TypedValue arithmetic(syntax::Operator op, TypedValue a, TypedValue b, Span span);
  std::optional<TypedValue> timeArithmetic(syntax::Operator op, const TypedValue& a, const TypedValue& b, Span span);
  std::optional<TypedValue> durationArithmetic(syntax::Operator op, const TypedValue& a, const TypedValue& b, Span span);
  TypedValue scaleDuration(syntax::Operator op, const TypedValue& duration, const TypedValue& number, Span span);
  TypedValue numberArithmetic(syntax::Operator op, TypedValue a, TypedValue b, Span span);
  TypedValue wholeDivision(syntax::Operator op, TypedValue a, TypedValue b, Span span);
  TypedValue power(TypedValue a, TypedValue b, Span span);
  TypedValue negate(const TypedValue& value, Span span);

  // ---- expr_compare.cpp
  TypedValue compare(syntax::Operator op, TypedValue a, TypedValue b, Span span);
  TypedValue compareWithNull(syntax::Operator op, const syntax::Expr& expr);
  TypedValue logic(syntax::Operator op, const TypedValue& a, const TypedValue& b, Span span);
  TypedValue chained(const syntax::Expr& expr);
  TypedValue visitIn(const syntax::Expr& expr);
  TypedValue inRange(const TypedValue& subject, const syntax::Expr& range, Span span);
  TypedValue inSet(TypedValue subject, Operands given, Span set_span, Span span);
  const Param* listParam(const syntax::Expr& expr);
  Operands membersOf(const Param& list, Span span);
  TypedValue visitNullTest(const syntax::Expr& expr);

  // ---- expr_match.cpp
  struct MatchPatterns;
  TypedValue visitMatch(const syntax::Expr& expr);
  TypedValue patternTest(const TypedValue& subject, syntax::ExprId pattern, MatchPatterns& seen);
  bool isExhaustive(const syntax::Expr& expr, const TypedValue& subject, const MatchPatterns& seen);

  // ---- expr_inline.cpp
  TypedValue visitInlined(const syntax::Expr& expr);
  TypedValue visitParameter(syntax::ExprId id);
  /// A written type of a fn's signature; a unit that is none elsewhere is free and bound by the argument.
  ir::Type signatureType(const syntax::TypeSyntax& syntax, std::int64_t instance, const TypedValue* argument);
  TypedValue textToCategory(const TypedValue& text, const ir::Type& category);
  [[nodiscard]] bool isTextChoice(ir::ValueId value) const;

  // ---- expr_condition.cpp
  TypedValue visitIf(const syntax::Expr& expr);
  TypedValue boolOf(TypedValue value, std::string_view by);
  TypedValue coalesce(TypedValue a, TypedValue b, Span span);
  TypedValue select(const TypedValue& condition, TypedValue then, TypedValue otherwise, Span span);
  /// Where null counts as `if_null`.
  TypedValue orElse(const TypedValue& condition, const ir::Literal& if_null);

  // ---- expr_calls.cpp
  TypedValue visitCall(const syntax::Expr& expr);
  TypedValue callBuiltin(const BuiltinRow& row, const syntax::Expr& expr);
  TypedValue unknownFunction(const syntax::Expr& expr);
  void warnAboutHoles(const syntax::Expr& text);
  [[nodiscard]] bool isLost(const syntax::Name& name) const;
  [[nodiscard]] bool isModule(syntax::ExprId id) const;
  TypedValue unknownModuleFunction(const syntax::Expr& expr);
  bool collectArguments(Call& call);
  bool placeArguments(Call& call);
  const OverloadRow* chooseOverload(Call& call);
  void reportNoOverload(const Call& call);
  bool bindArguments(Call& call);
  bool applyUnits(Call& call);
  TypedValue lower(Call& call);

  // ---- expr_aggregate.cpp
  [[nodiscard]] bool isFold(const BuiltinRow& row, std::size_t arguments) const;
  bool enterFold(const Call& call);
  TypedValue fold(std::string_view name, Operands arguments, ir::Type result, Call& call);
  TypedValue encode(std::string_view name, Call& call);
  TypedValue applyWhere(TypedValue value, const Call& call);

  // ---- expr_window.cpp, expr_window_frame.cpp
  struct WindowDraft;
  TypedValue visitOver(const syntax::Expr& expr);
  TypedValue visitRowColumn(const syntax::Expr& expr);
  bool findFoldedRows(const syntax::Expr& call, WindowDraft& draft);
  bool findTimes(WindowDraft& draft);
  bool bindKeys(WindowDraft& draft);
  bool readFrame(WindowDraft& draft);
  bool readStep(WindowDraft& draft);
  std::optional<std::int64_t> durationOf(syntax::ExprId id, std::string_view what);
  TypedValue foldWindow(WindowDraft& draft);
  TypedValue stepWindow(WindowDraft& draft);
  std::optional<std::uint32_t> takeWindow(WindowDraft& draft, const ir::Graph& graph, ir::ValueId argument, const ir::Value& aggregate);
  Taint windowTaint(const WindowDraft& draft, Taint argument) const;

  // ---- expr_sugar.cpp
  TypedValue sugar(Call& call);
  TypedValue sugarNumber(Call& call);
  TypedValue sugarTime(Call& call);
  TypedValue sugarFold(Call& call);
  TypedValue sugarScaler(Call& call);
  TypedValue callTo(const syntax::Expr& expr);
  TypedValue callTrunc(Call& call);
  std::optional<std::string> unitOf(syntax::ExprId id);

  ExpressionChecker& checker_;
  const syntax::Tree& tree_;
  const Environment& environment_;
  diag::Diagnostics& diagnostics_;
  const Scope& scope_;
  ir::Graph& graph_;
  FeatureNames* features_;
  std::set<std::string, std::less<>> narrowed_;  ///< columns that are non-null here
  const ExpressionWalk* row_ = nullptr;          ///< inside a window: the walk of the row that it belongs to
  std::string_view folded_name_;                 ///< inside a window: name of the node whose rows are folded
  bool unknown_is_null_ = false;                 ///< inside a window: a count may be null
  Taint row_reads_;                              ///< inside a window: of `row.x`
  using ArgumentKey = std::tuple<std::uint32_t, bool, std::set<std::string, std::less<>>>;
  std::map<ArgumentKey, TypedValue> arguments_;  ///< of inlined calls: one value however often the body names it
  std::map<std::int64_t, std::map<std::string, std::string>> free_units_;  ///< of each inlined call
  bool inside_fold_ = false;                     ///< inside the argument of an aggregate
  ir::Type wanted_;                              ///< of the name that is visited; Error: any
};

/// Resolves the names of features to their values, whatever the order they are written in.
class FeatureNames {
 public:
  FeatureNames(ExpressionChecker& checker, const std::vector<FeatureDefinition>& definitions, const Scope& scope,
               ir::Graph& graph, diag::Diagnostics& diagnostics);
  /// The definition of that name, unless it is the one being checked: there its name means the input column.
  [[nodiscard]] const FeatureDefinition* find(std::string_view name) const;
  /// Its value; Error after a cycle was reported.
  TypedValue resolve(const FeatureDefinition& definition, Span use);
  [[nodiscard]] std::vector<std::string> names() const;
  std::vector<TypedValue> all();

 private:
  void reportCycle(std::size_t index, Span use);
  /// Definitions whose names occur in the definition.
  [[nodiscard]] std::vector<std::size_t> usesOf(std::size_t index) const;

  ExpressionChecker& checker_;
  const std::vector<FeatureDefinition>& definitions_;
  const Scope& scope_;
  ir::Graph& graph_;
  diag::Diagnostics& diagnostics_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::vector<std::optional<TypedValue>> values_;
  struct Open { std::size_t index; Span use; };
  std::vector<Open> open_;  ///< definitions being checked, outermost first
};

}  // namespace cd4ml::check
