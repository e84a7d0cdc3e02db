// Which type is wanted where an unknown name stands: names that are near and of that type are what is meant.
#include <algorithm>

#include "compiler/check/expr_call.h"
#include "compiler/check/unit_table.h"

namespace cd4ml::check {

using syntax::Expr;
using syntax::ExprId;
using syntax::ExprKind;
using syntax::Operator;

namespace {

bool isText(ir::Kind kind) { return kind == ir::Kind::Text || kind == ir::Kind::Category; }
bool isPoint(ir::Kind kind) { return kind == ir::Kind::Date || kind == ir::Kind::Timestamp; }

bool isDuration(const ir::Type& type) {
  return type.kind == ir::Kind::Duration || (type.isNumber() && microsecondsOf(type.unit).has_value());
}

}  // namespace

/// A number without a unit is any number: units may combine.
bool ExpressionWalk::isWish(const ir::Type& wanted, const ir::Type& type) {
  if (wanted.isError() || type.isError()) return false;
  if (isDuration(wanted)) return isDuration(type);
  if (wanted.isNumber()) return type.isNumber() && (wanted.unit.empty() || wanted.unit == type.unit);
  if (isText(wanted.kind)) return isText(type.kind);
  if (isPoint(wanted.kind)) return isPoint(type.kind);
  return wanted.kind == type.kind;
}

/// The type of an operand as far as it shows without checking it; Error where it does not.
ir::Type ExpressionWalk::apparentType(ExprId id) const {
  if (!id.valid()) return {};
  const Expr& expr = tree_[id];
  switch (expr.kind) {
    case ExprKind::Int:
    case ExprKind::Float:
    case ExprKind::Percent: return {.kind = Kind::Float};
    case ExprKind::Quantity: return {.kind = Kind::Float, .unit = expr.text};
    case ExprKind::Bool: return {.kind = Kind::Bool};
    case ExprKind::Text: return {.kind = Kind::Category};
    case ExprKind::Date:
    case ExprKind::Timestamp: return {.kind = Kind::Timestamp};
    case ExprKind::Parenthesised: return apparentType(expr.operands[0]);
    case ExprKind::Reference: {
      const ScopeColumn* column = scope_.find(expr.name.text);
      const auto param = environment_.params.find(tree_.qualified(expr.name));
      if (column != nullptr) return column->type;
      return param == environment_.params.end() || param->second.is_list ? ir::Type{} : param->second.type;
    }
    case ExprKind::Error:
    case ExprKind::Null:
    case ExprKind::Member:
    case ExprKind::Call:
    case ExprKind::Unary:
    case ExprKind::Binary:
    case ExprKind::IsNull:
    case ExprKind::IsNotNull:
    case ExprKind::In:
    case ExprKind::NotIn:
    case ExprKind::Range:
    case ExprKind::If:
    case ExprKind::Match:
    case ExprKind::Over:
    case ExprKind::List:
    case ExprKind::Set:
    case ExprKind::Record:
    case ExprKind::Inlined:
    case ExprKind::Parameter: return {};
  }
  CD4ML_UNREACHABLE("ExprKind");
}

/// What an operator wants on one side, the other operand being `other`.
ir::Type ExpressionWalk::wantedBy(Operator op, ExprId other) const {
  switch (op) {
    case Operator::Or:
    case Operator::And:
    case Operator::Not: return {.kind = Kind::Bool};
    case Operator::Multiply:
    case Operator::Divide:
    case Operator::FloorDivide:
    case Operator::Modulo:
    case Operator::Negate:
    case Operator::Power: return {.kind = Kind::Float};
    case Operator::None:
    case Operator::Equal:
    case Operator::NotEqual:
    case Operator::Less:
    case Operator::LessEqual:
    case Operator::Greater:
    case Operator::GreaterEqual:
    case Operator::Coalesce:
    case Operator::Add:
    case Operator::Subtract: return apparentType(other);
  }
  CD4ML_UNREACHABLE("Operator");
}

/// What a function wants in a place: a number where each of its forms takes one there; else Error.
ir::Type ExpressionWalk::wantedBy(const BuiltinRow& row, std::size_t place) {
  bool any = false;
  for (const OverloadRow& overload : overloadsOf(row.name)) {
    const std::vector<std::string_view> pieces = piecesOf(overload.parameters);
    if (place >= pieces.size()) continue;
    const std::string_view type = pieces[place].substr(std::min(pieces[place].find(' ') + 1, pieces[place].size()));
    if (!type.starts_with("int") && !type.starts_with("float")) return {};
    any = true;
  }
  return any ? ir::Type{.kind = ir::Kind::Float} : ir::Type{};
}

TypedValue ExpressionWalk::visitAs(ExprId id, const ir::Type& wanted) {
  const bool name = id.valid() && tree_[id].kind == ExprKind::Reference;
  if (!name || wanted.isError()) return visit(id);
  wanted_ = wanted;
  TypedValue value = visit(id);
  wanted_ = {};
  return value;
}

/// Those of the wanted type first; the others as near as they are.
std::vector<std::string> ExpressionWalk::nearNames(std::string_view name) const {
  std::vector<std::string> near = diag::nearest(name, visibleNames(), 8);
  const auto right = [&](const std::string& candidate) {
    if (const ScopeColumn* column = scope_.find(candidate)) return isWish(wanted_, column->type);
    const auto param = environment_.params.find(candidate);
    return param != environment_.params.end() && isWish(wanted_, param->second.type);
  };
  if (!wanted_.isError()) std::ranges::stable_partition(near, right);
  if (near.size() > 3) near.resize(3);
  return near;
}

/// The one column of the wanted type, where there is just one. That it is a number, a text or a bool alone says too little.
const ScopeColumn* ExpressionWalk::onlyColumnWanted() const {
  const ScopeColumn* only = nullptr;
  const bool telling = isDuration(wanted_) || isPoint(wanted_.kind) || (wanted_.isNumber() && !wanted_.unit.empty());
  if (!telling) return nullptr;
  for (const ScopeColumn& column : scope_.columns) {
    if (!isWish(wanted_, column.type)) continue;
    if (only != nullptr) return nullptr;
    only = &column;
  }
  return only;
}

}  // namespace cd4ml::check
