#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/gate_terms.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;

std::string_view comparisonText(syntax::Operator op) {
  switch (op) {
    case syntax::Operator::Less: return "<";
    case syntax::Operator::LessEqual: return "<=";
    case syntax::Operator::Greater: return ">";
    case syntax::Operator::GreaterEqual: return ">=";
    case syntax::Operator::Equal: return "==";
    case syntax::Operator::NotEqual: return "!=";
    case syntax::Operator::None:
    case syntax::Operator::Or:
    case syntax::Operator::And:
    case syntax::Operator::Not:
    case syntax::Operator::Coalesce:
    case syntax::Operator::Add:
    case syntax::Operator::Subtract:
    case syntax::Operator::Multiply:
    case syntax::Operator::Divide:
    case syntax::Operator::FloorDivide:
    case syntax::Operator::Modulo:
    case syntax::Operator::Negate:
    case syntax::Operator::Power: return {};
  }
  return {};
}

class GateChecker {
 public:
  GateChecker(Context& context, const syntax::GateDecl& decl) : context_(context), decl_(decl) {}

  ir::NodeId check() {
    findEvaluates();
    std::size_t requires_count = 0;
    for (const syntax::GateItem& item : decl_.items) {
      if (const auto* require = std::get_if<syntax::RequireSyntax>(&item)) checkRequire(*require), ++requires_count;
      if (const auto* otherwise = std::get_if<syntax::OtherwiseItem>(&item)) checkOtherwise(*otherwise);
    }
    if (requires_count == 0 && !decl_.has_errors) {
      context_.report(Code::EmptyGate, decl_.name.span, fmt::format("the gate `{}` requires nothing: every model would pass", decl_.name.text))
          .help.emplace_back("add `require METRIC >= LIMIT`");
    }
    return context_.add(decl_, std::move(gate_), {}, {});
  }

 private:
  void findEvaluates() {
    for (const syntax::ExprId expr : decl_.evaluates) {
      const ir::NodeId node = context_.find(expr, static_cast<resolve::Constructs>(Construct::Evaluate));
      if (!node.valid()) {
        open_ = true;
        gate_.evaluates.push_back({});
        continue;
      }
      if (std::find(gate_.evaluates.begin(), gate_.evaluates.end(), node) != gate_.evaluates.end()) {
        context_.report(Code::DuplicateItem, context_.span(expr), fmt::format("`{}` is there twice", context_.text(expr)));
        continue;
      }
      const auto& evaluate = context_.body<ir::Evaluate>(node);
      if (evaluate.in_sample) reportInSample(expr, node, evaluate);
      if (!evaluate.model.valid() || !context_.body<ir::Model>(evaluate.model).features.valid()) open_ = true;
      gate_.evaluates.push_back(node);
    }
  }

  void reportInSample(syntax::ExprId expr, ir::NodeId node, const ir::Evaluate& evaluate) {
    const std::string part{ir::partText(evaluate.part)};
    const ir::Node& model = context_.pipeline[evaluate.model];
    diag::Diagnostic& diagnostic = context_.report(
        Code::GateOnTrain, context_.span(expr), fmt::format("a gate cannot judge by the part `{}`: `{}` was fitted on it", part, model.name));
    diagnostic.labels.push_back({context_.pipeline[node].name_span, fmt::format("`{}` evaluates on `{}`", context_.pipeline[node].name, part)});
    diagnostic.labels.push_back({model.name_span, evaluate.part == ir::Part::Train ? "trains on it" : "stops early by it"});
    diagnostic.help.emplace_back("evaluate on `test`");
  }

  void checkRequire(const syntax::RequireSyntax& require) {
    const std::optional<double> confident = shareOf(require.confident, "confident");
    const std::optional<double> share = shareOf(require.share, "for");
    if (!require.condition.valid()) return;
    const syntax::Expr& condition = comparisonOf(require.condition);
    if (condition.kind == syntax::ExprKind::Error) return;
    const std::string_view op = condition.kind == syntax::ExprKind::Binary ? comparisonText(condition.op) : std::string_view{};
    if (op.empty()) return reportNoComparison(condition);
    GateTerms terms(context_, gate_, open_);
    std::optional<ir::GateSide> left = terms.side(condition.operands[0]);
    std::optional<ir::GateSide> right = terms.side(condition.operands[1]);
    if (!left || !right || !terms.matchUnits(*left, *right, condition.span)) return;
    if (require.share_of && !(terms.eachSlice(*left, *require.share_of) && terms.eachSlice(*right, *require.share_of))) return;
    ir::GateCheck check{.text = textOf(require), .op = std::string(op), .left = std::move(*left), .right = std::move(*right), .confident = confident, .share = share, .warning = require.warning, .span = require.span};
    if (isConstant(check.left) && isConstant(check.right)) {
      context_.report(Code::GateCondition, condition.span, "this compares numbers only: it says nothing about the model")
          .help.emplace_back("name a metric of the evaluate");
      return;
    }
    if (require.share_of && !hasEach(check)) {
      context_.report(Code::GateCondition, require.share_of->span, fmt::format("`for … of {}` needs a metric, this has none", require.share_of->text));
      return;
    }
    if (check.usesChampion() && !isDeployed()) reportChampion(condition.span);
    gate_.checks.push_back(std::move(check));
  }

  [[nodiscard]] std::string textOf(const syntax::RequireSyntax& require) const {
    std::string text = context_.text(require.condition);
    if (require.confident.valid()) text += " confident " + context_.text(require.confident);
    if (require.share.valid() && require.share_of) text += " for " + context_.text(require.share) + " of " + require.share_of->text;
    return text;
  }

  /// `confident 95%`, `for 90% of C`: above 0, at most 100%; nullopt when absent or wrong (reported).
  std::optional<double> shareOf(syntax::ExprId expr, std::string_view word) {
    if (!expr.valid()) return std::nullopt;
    const std::optional<double> value = context_.expressions.constantNumber(expr);
    if (!value || (*value > 0 && *value <= 1)) return value;
    context_.report(Code::OutOfRange, context_.span(expr), fmt::format("`{}` takes a share above 0% and up to 100%", word))
        .help.push_back(fmt::format("write `{} 95%`", word));
    return std::nullopt;
  }

  static bool hasEach(const ir::GateCheck& check) {
    const auto is_each = [](const auto& term) { return term.second.over == ir::GateTerm::Over::Each; };
    return std::any_of(check.left.terms.begin(), check.left.terms.end(), is_each) ||
           std::any_of(check.right.terms.begin(), check.right.terms.end(), is_each);
  }

  [[nodiscard]] const syntax::Expr& comparisonOf(syntax::ExprId expr) const {
    while (context_.tree[expr].kind == syntax::ExprKind::Parenthesised) expr = context_.tree[expr].operands[0];
    return context_.tree[expr];
  }

  void reportNoComparison(const syntax::Expr& condition) {
    diag::Diagnostic& diagnostic = context_.report(Code::GateCondition, condition.span, "a gate requires a comparison: `METRIC >= LIMIT`");
    if (condition.kind == syntax::ExprKind::Binary && condition.op == syntax::Operator::And) {
      diagnostic.help.emplace_back("write a `require` for each side of `and`: each is judged and reported by itself");
    }
  }

  static bool isConstant(const ir::GateSide& side) {
    return std::all_of(side.terms.begin(), side.terms.end(),
                       [](const auto& term) { return term.second.kind == ir::GateTerm::Kind::Constant; });
  }

  /// Whether some deploy is decided by this gate.
  [[nodiscard]] bool isDeployed() const {
    for (const syntax::Decl& decl : context_.tree.decls) {
      const auto* deploy = std::get_if<syntax::DeployDecl>(&decl);
      const auto gate = deploy != nullptr && deploy->gate.valid() ? context_.tree.nodePath(deploy->gate) : std::nullopt;
      if (gate && gate->rest.empty() && gate->name == decl_.name.text) return true;
    }
    return false;
  }

  void reportChampion(Span span) {
    if (context_.tree.hasBroken("")) return;  // the deploy may be what did not parse
    context_.report(Code::ChampionUnused, span, fmt::format("`champion` is the model that a deploy serves, no deploy uses the gate `{}`", decl_.name.text))
        .help.push_back(fmt::format("add `deploy NAME of MODEL when {} {{ }}`, or compare with a number", decl_.name.text));
  }

  void checkOtherwise(const syntax::OtherwiseItem& item) {
    for (const syntax::ActionSyntax& action : item.actions) {
      const std::string& verb = action.verb.text;
      if (verb == "hold") continue;
      if (verb == "notify") {
        checkNotify(action);
      } else if (verb == "retrain" || verb == "rollback") {
        context_.notSupported(action.verb.span, fmt::format("the action `{}`", verb));
      } else {
        diag::Diagnostic& diagnostic = context_.report(Code::UnknownAction, action.verb.span, fmt::format("there is no action `{}`", verb));
        addCandidates(diagnostic, action.verb.span, verb, {"hold", "notify"});
      }
    }
  }

  void checkNotify(const syntax::ActionSyntax& action) {
    if (!action.target) {
      context_.report(Code::MissingArgument, action.verb.span, "`notify` needs the name of a receiver").help.emplace_back("write `notify NAME`");
      return;
    }
    const ir::NodeId node = context_.find(*action.target, static_cast<resolve::Constructs>(Construct::Notify));
    if (node.valid() && std::find(gate_.notify.begin(), gate_.notify.end(), node) == gate_.notify.end()) gate_.notify.push_back(node);
  }

  Context& context_;
  const syntax::GateDecl& decl_;
  ir::Gate gate_;
  bool open_ = false;
};

}  // namespace

ir::NodeId checkGate(Context& context, const syntax::GateDecl& decl) { return GateChecker(context, decl).check(); }

}  // namespace cd4ml::check
