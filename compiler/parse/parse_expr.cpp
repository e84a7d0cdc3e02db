#include <algorithm>

#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

ExprId Builder::expr(Grammar::ExprContext* context) {
  if (auto* choice = context->conditional()) return conditional(choice);
  return boolean(context->boolean());
}

/// `if a then b else if c then d else e` is built from its end: the second conditional is the else of the first.
ExprId Builder::conditional(Grammar::ConditionalContext* context) {
  struct Branch {
    antlr4::Token* word;
    ExprId condition;
    ExprId value;
  };
  const auto ends = childrenOf<Grammar::BooleanContext>(context);
  std::vector<Branch> branches;
  branches.push_back({context->K_IF()->getSymbol(), boolean(ends.front()), expr(context->expr())});
  for (auto* more : childrenOf<Grammar::ElseIfContext>(context)) {
    branches.push_back({more->K_IF()->getSymbol(), boolean(more->boolean()), expr(more->expr())});
  }
  ExprId out = boolean(ends.back());
  for (auto branch = branches.rbegin(); branch != branches.rend(); ++branch) {
    Expr choice{.kind = ExprKind::If};
    choice.operands = {branch->condition, branch->value, out};
    out = add(std::move(choice), treeToken(branch->word), treeToken(lastOf(context)));
  }
  return out;
}

ExprId Builder::operand(Grammar::OperandContext* context) {
  ExprId out = unsignedOperand(context);
  for (auto child = context->children.rbegin(); child != context->children.rend(); ++child) {
    antlr4::Token* minus = tokenOf(*child);
    if (minus == nullptr) continue;
    Expr negative{.kind = ExprKind::Unary, .op = Operator::Negate};
    negative.operands = {out};
    out = add(std::move(negative), treeToken(minus), treeToken(lastOf(context)));
  }
  return out;
}

ExprId Builder::unsignedOperand(Grammar::OperandContext* context) {
  ExprId out;
  for (ParseTree* child : context->children) {
    if (auto* inner = dynamic_cast<Grammar::AtomContext*>(child)) out = atom(inner);
    if (auto* tail = dynamic_cast<Grammar::SuffixContext*>(child)) out = suffix(out, tail);
  }
  return out;
}

ExprId Builder::suffix(ExprId left, Grammar::SuffixContext* context) {
  if (auto* name_context = context->name()) return member(left, name_context, context->args());
  Expr out{.kind = ExprKind::Over};
  out.operands = {left};
  out.window = window(context->window());
  const std::uint32_t first = at(left).tokens.first;
  return add(std::move(out), first, treeToken(lastOf(context)));
}

ExprId Builder::member(ExprId left, ParserRuleContext* name_context, Grammar::ArgsContext* args) {
  Expr out{.kind = ExprKind::Member, .name = name(name_context)};
  out.operands = {left};
  ParseTree* last = name_context;
  if (args != nullptr) {
    out.kind = ExprKind::Call;
    out.has_parentheses = true;
    out.arguments = arguments(args);
    last = args;
  }
  const std::uint32_t first = at(left).tokens.first;
  return add(std::move(out), first, treeToken(lastOf(last)));
}

ExprId Builder::atom(Grammar::AtomContext* context) {
  auto* inner = dynamic_cast<ParserRuleContext*>(context->children.front());
  switch (inner->getRuleIndex()) {
    case Grammar::RuleLiteral: return literal(inner->getStart());
    case Grammar::RuleReference: return reference(static_cast<Grammar::ReferenceContext*>(inner));
    case Grammar::RuleParenthesised: return parenthesised(static_cast<Grammar::ParenthesisedContext*>(inner));
    case Grammar::RuleList: return list(static_cast<Grammar::ListContext*>(inner));
    case Grammar::RuleBraces: return braces(static_cast<Grammar::BracesContext*>(inner));
    case Grammar::RuleMatchExpr: return matchExpr(static_cast<Grammar::MatchExprContext*>(inner));
    default: CD4ML_UNREACHABLE("an atom of the grammar that the builder does not know");
  }
}

ExprId Builder::reference(Grammar::ReferenceContext* context) {
  Expr out{.kind = ExprKind::Reference, .name = name(context->name())};
  if (auto* args = context->args()) {
    out.kind = ExprKind::Call;
    out.has_parentheses = true;
    out.arguments = arguments(args);
  }
  return add(std::move(out), context);
}

ExprId Builder::parenthesised(Grammar::ParenthesisedContext* context) {
  Expr out{.kind = ExprKind::Parenthesised};
  out.operands = {expr(context->expr())};
  return add(std::move(out), context);
}

ExprId Builder::list(Grammar::ListContext* context) {
  Expr out{.kind = ExprKind::List};
  for (auto* item : childrenOf<Grammar::ExprContext>(context)) out.operands.push_back(expr(item));
  return add(std::move(out), context);
}

ExprId Builder::braces(Grammar::BracesContext* context) {
  Expr out{.kind = ExprKind::Set};
  out.arguments = {};
  for (auto* entry : childrenOf<Grammar::ArgContext>(context)) out.arguments.push_back(argument(entry));
  const auto named = std::count_if(out.arguments.begin(), out.arguments.end(), [](const Argument& a) { return a.name.has_value(); });
  if (named > 0 && static_cast<std::size_t>(named) == out.arguments.size()) {
    out.kind = ExprKind::Record;
    return add(std::move(out), context);
  }
  if (named > 0) {
    report(diag::Code::MixedBraces, span(context), "these braces hold entries with and without a name")
        .help = {"a record names each entry `{ a: 1, b: 2 }`, a set names none `{1, 2}`"};
    return add(Expr{}, context);
  }
  for (const Argument& entry : out.arguments) out.operands.push_back(entry.value);
  out.arguments.clear();
  return add(std::move(out), context);
}

ExprId Builder::matchExpr(Grammar::MatchExprContext* context) {
  Expr out{.kind = ExprKind::Match};
  out.operands = {arith(context->arith())};
  for (auto* item : childrenOf<Grammar::MatchArmContext>(context)) {
    MatchArm arm;
    for (auto* pattern : childrenOf<Grammar::ArithContext>(item)) arm.patterns.push_back(arith(pattern));
    arm.value = expr(item->expr());
    out.arms.push_back(std::move(arm));
  }
  return add(std::move(out), context);
}

std::vector<Argument> Builder::arguments(Grammar::ArgsContext* context) {
  std::vector<Argument> out;
  for (auto* item : childrenOf<Grammar::ArgContext>(context)) out.push_back(argument(item));
  return out;
}

Argument Builder::argument(Grammar::ArgContext* context) {
  Argument out;
  if (auto* option = context->name()) out.name = name(option);
  out.value = expr(context->expr());
  if (context->K_ROWS() == nullptr) return out;
  // `lag(x, 3 rows)`
  const Expr count = at(out.value);
  if (count.kind != ExprKind::Int) {
    report(diag::Code::UnexpectedToken, span(context->K_ROWS()->getSymbol()), "only a whole number counts `rows`");
    return out;
  }
  Expr rows{.kind = ExprKind::Quantity, .text = "rows", .number = static_cast<double>(count.integer), .integer = count.integer};
  out.value = add(std::move(rows), context->expr(), context->K_ROWS());
  return out;
}

Window Builder::window(Grammar::WindowContext* context) {
  Window out;
  for (auto* key : childrenOf<Grammar::NameContext>(context)) out.keys.push_back(name(key));
  for (auto* frame : childrenOf<Grammar::FrameContext>(context)) {
    const std::size_t word = frame->getStart()->getType();
    const ExprId value = frame->amount() != nullptr ? amount(frame->amount()) : arith(frame->arith());
    ExprId& slot = word == Grammar::K_GAP ? out.gap : out.extent;
    if (slot.valid()) {
      report(diag::Code::UnexpectedToken, span(frame), "a window has one `gap` and one of `last`, `previous`, `next`");
    }
    slot = value;
    if (word == Grammar::K_LAST) out.frame = Window::Frame::Last;
    if (word == Grammar::K_PREVIOUS) out.frame = Window::Frame::Previous;
    if (word == Grammar::K_NEXT) out.frame = Window::Frame::Next;
  }
  return out;
}

ExprId Builder::amount(Grammar::AmountContext* context) {
  if (auto* inner = context->parenthesised()) return parenthesised(inner);
  return literal(context->getStart());
}

ExprId Builder::nodeRef(Grammar::NodeRefContext* context) {
  ExprId out;
  for (auto* part : childrenOf<Grammar::NameContext>(context)) {
    out = out.valid() ? member(out, part, nullptr) : add(Expr{.kind = ExprKind::Reference, .name = name(part)}, part);
  }
  return out;
}

}  // namespace cd4ml::parse
