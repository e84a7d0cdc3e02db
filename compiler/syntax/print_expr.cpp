#include <array>
#include <charconv>

#include "base/internal_check.h"
#include "compiler/syntax/print_tree.h"

namespace cd4ml::syntax {

namespace {

std::string shortest(double value) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end};
}

std::string_view sign(Operator op) {
  switch (op) {
    case Operator::None: return "none";
    case Operator::Or: return "or";
    case Operator::And: return "and";
    case Operator::Not: return "not";
    case Operator::Equal: return "==";
    case Operator::NotEqual: return "!=";
    case Operator::Less: return "<";
    case Operator::LessEqual: return "<=";
    case Operator::Greater: return ">";
    case Operator::GreaterEqual: return ">=";
    case Operator::Coalesce: return "??";
    case Operator::Add: return "+";
    case Operator::Subtract: return "-";
    case Operator::Multiply: return "*";
    case Operator::Divide: return "/";
    case Operator::FloorDivide: return "//";
    case Operator::Modulo: return "%";
    case Operator::Negate: return "neg";
    case Operator::Power: return "**";
  }
  CD4ML_UNREACHABLE("operator");
}

/// Quotes, backslashes and control bytes are shown as escapes.
std::string quotedText(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

class ExprPrinter {
 public:
  explicit ExprPrinter(const Tree& tree) : tree_(tree) {}

  std::string print(ExprId id) {
    if (!id.valid()) return "-";
    const Expr& e = tree_[id];
    switch (e.kind) {
      case ExprKind::Error: return "(error)";
      case ExprKind::Int: return std::to_string(e.integer);
      case ExprKind::Float: return shortest(e.number) + "f";
      case ExprKind::Bool: return e.integer != 0 ? "true" : "false";
      case ExprKind::Null: return "null";
      case ExprKind::Text: return quotedText(e.text);
      case ExprKind::Percent: return "(percent " + shortest(e.number) + ")";
      case ExprKind::Quantity: return shortest(e.number) + e.text;
      case ExprKind::Date: return "(date " + std::to_string(e.integer) + ")";
      case ExprKind::Timestamp: return "(timestamp " + std::to_string(e.integer) + ")";
      case ExprKind::Reference: return e.name.text;
      case ExprKind::Member: return "(. " + print(e.operands[0]) + " " + e.name.text + ")";
      case ExprKind::Call: return call(e);
      case ExprKind::Unary:
      case ExprKind::Binary: return listed(sign(e.op), e.operands);
      case ExprKind::IsNull: return listed("is-null", e.operands);
      case ExprKind::IsNotNull: return listed("is-not-null", e.operands);
      case ExprKind::In: return listed("in", e.operands);
      case ExprKind::NotIn: return listed("not-in", e.operands);
      case ExprKind::Range: return listed("..", e.operands);
      case ExprKind::If: return listed("if", e.operands);
      case ExprKind::Match: return match(e);
      case ExprKind::Over: return over(e);
      case ExprKind::List: return listed("list", e.operands);
      case ExprKind::Set: return listed("set", e.operands);
      case ExprKind::Record: return "(record" + arguments(e.arguments) + ")";
      case ExprKind::Parenthesised: return listed("paren", e.operands);
      case ExprKind::Inlined: return listed("inlined", e.operands);
      case ExprKind::Parameter: return listed("argument", e.operands);
    }
    CD4ML_UNREACHABLE("expression kind");
  }

 private:
  std::string listed(std::string_view head, const std::vector<ExprId>& items) {
    std::string out = "(" + std::string(head);
    for (const ExprId item : items) out += " " + print(item);
    return out + ")";
  }

  std::string arguments(const std::vector<Argument>& items) {
    std::string out;
    for (const Argument& a : items) out += " " + (a.name ? a.name->text + ":" : std::string()) + print(a.value);
    return out;
  }

  std::string call(const Expr& e) {
    std::string out = "(call " + e.name.text;
    for (const ExprId receiver : e.operands) out += " ." + print(receiver);
    return out + arguments(e.arguments) + ")";
  }

  std::string match(const Expr& e) {
    std::string out = "(match " + print(e.operands[0]);
    for (const MatchArm& arm : e.arms) {
      out += " (";
      if (arm.patterns.empty()) out += "else ";
      for (const ExprId pattern : arm.patterns) out += print(pattern) + " ";
      out += "=> " + print(arm.value) + ")";
    }
    return out + ")";
  }

  std::string over(const Expr& e) {
    std::string out = "(over " + print(e.operands[0]);
    for (const Name& key : e.window.keys) out += " by:" + key.text;
    if (e.window.gap.valid()) out += " gap:" + print(e.window.gap);
    constexpr std::array<std::string_view, 4> frames = {"", "last", "previous", "next"};
    if (e.window.extent.valid()) {
      out += " " + std::string(frames[static_cast<std::size_t>(e.window.frame)]) + ":" + print(e.window.extent);
    }
    return out + ")";
  }

  const Tree& tree_;
};

}  // namespace

std::string printExpr(const Tree& tree, ExprId id) { return ExprPrinter(tree).print(id); }

std::string printType(const Tree& tree, const TypeSyntax& type) {
  std::string out = type.name.text;
  if (!type.unit.empty()) out += "<" + type.unit + ">";
  for (const TypeSyntax& parameter : type.parameters) out += "<" + printType(tree, parameter) + ">";
  if (type.has_levels) {
    out += "{";
    for (std::size_t i = 0; i < type.levels.size(); ++i) out += (i > 0 ? ", " : "") + printExpr(tree, type.levels[i]);
    out += "}";
  }
  if (type.size.valid()) out += "[" + printExpr(tree, type.size) + "]";
  return type.nullable ? out + "?" : out;
}

}  // namespace cd4ml::syntax
