/// A call of a builtin while it is resolved. Internal to the expression checker.
#pragma once

#include "compiler/check/expr_walk.h"

namespace cd4ml::check {

/// A parameter of an overload, read from its row ("q =float").
struct ExpressionWalk::Parameter {
  enum class Want : std::uint8_t { Kind, Any, Floats, Unit };
  std::string_view name;
  std::string_view type;  ///< as in the row, for messages
  Want want = Want::Kind;
  ir::Kind kind = ir::Kind::Error;
  bool constant = false;
  bool variadic = false;  ///< one or more
};

struct ExpressionWalk::Call {
  /// An argument that is a value (or a list of constants) of the call itself.
  struct Argument {
    syntax::ExprId id;
    std::string_view name;           ///< of a named argument, else empty
    TypedValue value{};
    std::vector<TypedValue> list{};  ///< of `[1, 2]`
    bool is_list = false;
  };

  const BuiltinRow& row;
  const syntax::Expr& expr;
  std::vector<Argument> arguments{};            ///< receiver, then as written
  std::vector<syntax::Argument> named_options{};
  syntax::ExprId where{};
  bool fold = false;

  const OverloadRow* overload = nullptr;
  std::vector<Parameter> parameters{};
  std::vector<TypedValue> values{};             ///< in the order of the parameters, constants left out
  std::vector<ir::Literal> options{};           ///< constant parameters, then named options, in the order of the row
  ir::Type result{};

  [[nodiscard]] Span span() const { return expr.span; }
  [[nodiscard]] std::string title() const { return "`" + std::string(row.name) + "`"; }
};

/// "x float, q =float" in pieces.
[[nodiscard]] std::vector<std::string_view> piecesOf(std::string_view list);

}  // namespace cd4ml::check
