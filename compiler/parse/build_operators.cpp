/// Operators get their precedence here: the grammar gives them flat, so a chain of any length costs no stack.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

namespace {

struct Infix {
  Operator op = Operator::None;  ///< None: `..`
  int level = 0;                 ///< binds tighter when higher
  bool to_the_right = false;
};

constexpr int negation_level = 5;

Infix infixOf(std::size_t type) {
  switch (type) {
    case Grammar::RANGE: return {Operator::None, 1, false};
    case Grammar::COALESCE: return {Operator::Coalesce, 2, true};
    case Grammar::PLUS: return {Operator::Add, 3, false};
    case Grammar::MINUS: return {Operator::Subtract, 3, false};
    case Grammar::STAR: return {Operator::Multiply, 4, false};
    case Grammar::SLASH: return {Operator::Divide, 4, false};
    case Grammar::FLOOR_DIVIDE: return {Operator::FloorDivide, 4, false};
    case Grammar::MODULO: return {Operator::Modulo, 4, false};
    case Grammar::POWER: return {Operator::Power, 6, true};
    default: CD4ML_UNREACHABLE("an operator of the grammar that the builder does not know");
  }
}

Operator comparisonOf(std::size_t type) {
  switch (type) {
    case Grammar::EQUAL: return Operator::Equal;
    case Grammar::NOT_EQUAL: return Operator::NotEqual;
    case Grammar::LESS: return Operator::Less;
    case Grammar::LESS_EQUAL: return Operator::LessEqual;
    case Grammar::GREATER: return Operator::Greater;
    case Grammar::GREATER_EQUAL: return Operator::GreaterEqual;
    default: CD4ML_UNREACHABLE("a comparison of the grammar that the builder does not know");
  }
}

/// A `-` or an infix sign that waits for its right side.
struct Waiting {
  Infix infix;
  antlr4::Token* minus = nullptr;  ///< of a negation
};

}  // namespace

/// Precedence by an explicit stack (Dijkstra's shunting yard). A prefix `-` binds looser than `**` and tighter than `*`.
ExprId Builder::arith(Grammar::ArithContext* context) {
  std::vector<ExprId> values;
  std::vector<Waiting> waiting;
  const auto reduce = [&] {
    const Waiting top = waiting.back();
    waiting.pop_back();
    const ExprId right = values.back();
    values.pop_back();
    if (top.minus != nullptr) {
      Expr negative{.kind = ExprKind::Unary, .op = Operator::Negate};
      negative.operands = {right};
      const std::uint32_t last = at(right).tokens.last - 1;
      values.push_back(add(std::move(negative), treeToken(top.minus), last));
      return;
    }
    const ExprId left = values.back();
    values.pop_back();
    if (top.infix.op != Operator::None) {
      values.push_back(binary(top.infix.op, left, right));
      return;
    }
    Expr range{.kind = ExprKind::Range};
    range.operands = {left, right};
    values.push_back(combine(std::move(range)));
  };
  for (ParseTree* child : context->children) {
    if (auto* sign = dynamic_cast<Grammar::BinaryContext*>(child)) {
      const Infix infix = infixOf(sign->getStart()->getType());
      while (!waiting.empty()) {
        const int level = waiting.back().minus != nullptr ? negation_level : waiting.back().infix.level;
        if (level < infix.level || (level == infix.level && infix.to_the_right)) break;
        reduce();
      }
      waiting.push_back({.infix = infix});
    } else if (auto* part = dynamic_cast<Grammar::OperandContext*>(child)) {
      for (ParseTree* sign_or_atom : part->children) {
        antlr4::Token* minus = tokenOf(sign_or_atom);
        if (minus != nullptr) waiting.push_back({.infix = {}, .minus = minus});
      }
      values.push_back(unsignedOperand(part));
    }
  }
  while (!waiting.empty()) reduce();
  return values.back();
}

ExprId Builder::negations(const std::vector<ParseTree*>& nots, ExprId operand) {
  ExprId out = operand;
  for (auto sign = nots.rbegin(); sign != nots.rend(); ++sign) {
    Expr negated{.kind = ExprKind::Unary, .op = Operator::Not};
    negated.operands = {out};
    const std::uint32_t last = at(out).tokens.last - 1;
    out = add(std::move(negated), treeToken(tokenOf(*sign)), last);
  }
  return out;
}

/// `not` over comparisons, `and` over `not`, `or` over `and`; both join to the left.
ExprId Builder::boolean(Grammar::BooleanContext* context) {
  ExprId either;
  ExprId both;
  ExprId value;
  std::vector<ParseTree*> nots;
  const auto endOperand = [&] {
    const ExprId operand = negations(nots, value);
    nots.clear();
    both = both.valid() ? binary(Operator::And, both, operand) : operand;
  };
  for (ParseTree* child : context->children) {
    if (antlr4::Token* token = tokenOf(child)) {
      if (token->getType() == Grammar::K_NOT) {
        nots.push_back(child);
        continue;
      }
      endOperand();
      if (token->getType() != Grammar::K_OR) continue;
      either = either.valid() ? binary(Operator::Or, either, both) : both;
      both = {};
    } else if (auto* part = dynamic_cast<Grammar::ArithContext*>(child)) {
      value = arith(part);
    } else if (auto* tail = dynamic_cast<Grammar::TestContext*>(child)) {
      value = test(value, tail);
    }
  }
  endOperand();
  return either.valid() ? binary(Operator::Or, either, both) : both;
}

ExprId Builder::test(ExprId left, Grammar::TestContext* context) {
  if (auto* sign = context->comparison()) return comparison(sign, left, arith(context->arith()));
  Expr out;
  out.operands = {left};
  const bool negated = context->K_NOT() != nullptr;
  if (auto* set = context->arith()) {
    out.kind = negated ? ExprKind::NotIn : ExprKind::In;
    out.operands.push_back(arith(set));
    return combine(std::move(out));
  }
  out.kind = negated ? ExprKind::IsNotNull : ExprKind::IsNull;
  const std::uint32_t first = at(left).tokens.first;
  return add(std::move(out), first, treeToken(lastOf(context)));
}

ExprId Builder::comparison(Grammar::ComparisonContext* op, ExprId left, ExprId right) {
  return binary(comparisonOf(op->getStart()->getType()), left, right);
}

ExprId Builder::binary(Operator op, ExprId left, ExprId right) {
  Expr out{.kind = ExprKind::Binary, .op = op};
  out.operands = {left, right};
  return combine(std::move(out));
}

ExprId Builder::combine(Expr expr) {
  const std::uint32_t first = at(expr.operands.front()).tokens.first;
  const std::uint32_t last = at(expr.operands.back()).tokens.last - 1;
  return add(std::move(expr), first, last);
}

ExprId Builder::add(Expr expr, ParseTree* from, ParseTree* to) {
  return add(std::move(expr), treeToken(firstOf(from)), treeToken(lastOf(to)));
}

ExprId Builder::add(Expr expr, std::uint32_t first_token, std::uint32_t last_token) {
  // A rule that found nothing ends before it begins, or at the end of the file, which is no token of the tree.
  const auto end_of_tokens = static_cast<std::uint32_t>(tree_.tokens.size()) - 1;
  first_token = std::min(first_token, end_of_tokens);
  last_token = std::clamp(last_token, first_token, end_of_tokens);
  expr.tokens = {first_token, last_token + 1};
  expr.span = {file_, tree_.tokens[first_token].begin, tree_.tokens[last_token].end};
  std::uint32_t depth = 0;
  const auto below = [&](ExprId id) {
    if (id.valid()) depth = std::max<std::uint32_t>(depth, depths_[id.index]);
  };
  for (const ExprId id : expr.operands) below(id);
  for (const Argument& a : expr.arguments) below(a.value);
  for (const MatchArm& arm : expr.arms) {
    for (const ExprId id : arm.patterns) below(id);
    below(arm.value);
  }
  below(expr.window.gap);
  below(expr.window.extent);
  ++depth;
  if (depth > max_expression_depth) {
    if (!said_too_deep_) {
      report(diag::Code::NestedTooDeep, expr.span, fmt::format("an expression has at most {} operations one inside the other", max_expression_depth))
          .help.emplace_back("name a part of it (`derive`, a feature), or use a set or `match` in place of a chain");
    }
    said_too_deep_ = true;
    expr = Expr{.kind = ExprKind::Error, .span = expr.span, .tokens = expr.tokens};
    depth = 1;
  }
  tree_.exprs.push_back(std::move(expr));
  depths_.push_back(static_cast<std::uint16_t>(depth));
  return {static_cast<std::uint32_t>(tree_.exprs.size() - 1)};
}

}  // namespace cd4ml::parse
