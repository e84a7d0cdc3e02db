/// Items of a deploy: rollout, guard, settle, keep, capture, when.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "compiler/check/check_actions.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;
using syntax::ExprKind;

class DeployItems {
 public:
  DeployItems(Context& context, const syntax::DeployDecl& decl, ir::Deploy& deploy) : context_(context), decl_(decl), deploy_(deploy) {}

  void operator()(const syntax::RolloutItem& item) {
    if (!once("rollout", item.span)) return;
    for (const syntax::RolloutStep& step : item.steps) checkStep(step);
  }

  void operator()(const syntax::ClauseItem& item) {
    const std::string& word = item.word.text;
    if (isBroken(item)) return;  // said by the parser
    if (word == "approval" || word == "output" || word == "after") {
      context_.notSupported(item.span, fmt::format("`{}` of a deploy", word));
    } else if (word == "guard") {
      checkGuard(item);
    } else if (word == "when") {
      checkWhen(item);
    } else if (once(word, item.span)) {
      checkOnce(item);
    }
  }

  void operator()(const syntax::ErrorItem&) {}

 private:
  static bool isBroken(const syntax::ClauseItem& item) {
    if (item.word.text == "when") return item.words.empty();
    return item.values.empty() || std::any_of(item.values.begin(), item.values.end(), [](syntax::ExprId value) { return !value.valid(); });
  }

  bool once(const std::string& word, Span span) {
    const auto [first, is_new] = seen_.emplace(word, span);
    if (!is_new) context_.report(Code::DuplicateItem, span, fmt::format("`{}` has two `{}` items", decl_.name.text, word)).labels.push_back({first->second, "the first one"});
    return is_new;
  }

  diag::Diagnostic& wrong(Span span, std::string message) { return context_.report(Code::MonitorItem, span, std::move(message)); }

  void checkStep(const syntax::RolloutStep& step) {
    const bool canary = step.kind.text == "canary";
    if (!canary && step.kind.text != "shadow") {
      addCandidates(wrong(step.kind.span, fmt::format("a rollout goes by `shadow` and `canary`, not `{}`", step.kind.text)), step.kind.span, step.kind.text, {"canary", "shadow"});
      return;
    }
    double before = 0;
    for (const syntax::ExprId amount : step.amounts) {
      if (!amount.valid()) continue;
      const syntax::Expr& written = context_.tree[amount];
      const bool is_time = written.kind == ExprKind::Quantity;
      if (is_time || !canary) {
        const auto extent = is_time ? positiveDuration(context_, amount, "`shadow`") : positiveInt(context_, amount, "`shadow`");
        if (!extent) continue;
        if (canary) wrong(written.span, "a canary takes shares of the traffic").help.emplace_back("write `canary [5%, 25%, 50%]`");
        deploy_.rollout.push_back({.share = 0, .rows = is_time ? 0 : *extent, .time_us = is_time ? *extent : 0});
        continue;
      }
      const std::optional<double> share = context_.expressions.constantNumber(amount);
      if (!share) continue;
      if (*share <= before || *share > 1) wrong(written.span, "the shares of a canary rise, above 0% and up to 100%").help.emplace_back("write `canary [5%, 25%, 50%]`");
      before = *share;
      deploy_.rollout.push_back({.share = *share});
    }
  }

  void checkGuard(const syntax::ClauseItem& item) {
    const syntax::Expr& limit = context_.tree[item.values.front()];
    const bool is_limit = limit.kind == ExprKind::Binary && (limit.op == syntax::Operator::Less || limit.op == syntax::Operator::LessEqual);
    const syntax::Expr* term = is_limit ? &context_.tree[limit.operands[0]] : nullptr;
    const bool named = term != nullptr && (term->kind == ExprKind::Reference || term->kind == ExprKind::Call) && term->operands.empty();
    const std::string name = named ? term->name.text : "";
    if (name != "error_rate" && name != "latency" && name != "score_shift") {
      wrong(limit.span, "a guard limits `error_rate`, `latency(p: 99)` or `score_shift`").help.emplace_back("write `guard latency(p: 99) <= 20ms`");
      return;
    }
    ir::Deploy::Guard guard{.measure = name, .percentile = 0.99, .strict = limit.op == syntax::Operator::Less, .limit = 0};
    for (const syntax::Argument& argument : term->arguments) {
      const std::optional<double> p = context_.expressions.constantNumber(argument.value);
      if (!p) return;
      guard.percentile = *p > 1 ? *p / 100 : *p;
      if (name == "latency" && argument.name && argument.name->text == "p" && guard.percentile > 0 && guard.percentile < 1) continue;
      context_.report(Code::WrongArguments, context_.span(argument.value), name == "latency" ? "`latency` takes `p:`, a percentile between 0 and 100" : fmt::format("`{}` takes no arguments", name));
      return;
    }
    if (name == "latency") {
      const auto time = positiveDuration(context_, limit.operands[1], "`latency`");
      if (!time) return;
      guard.limit = static_cast<double>(*time);
    } else {
      const auto value = context_.expressions.constantNumber(limit.operands[1]);
      if (!value) return;
      guard.limit = *value;
    }
    deploy_.guards.push_back(std::move(guard));
  }

  void checkWhen(const syntax::ClauseItem& item) {
    const syntax::Name& event = item.words.front();
    ir::Deploy::Rule rule{.event = event.text, .actions = checkActions(context_, item.actions, {}, "of a deploy")};
    if (event.text == "promoted" || event.text == "held" || event.text == "rolled_back") return deploy_.rules.push_back(std::move(rule));
    addCandidates(context_.report(Code::UnknownEvent, event.span, fmt::format("a deploy has no event `{}`", event.text)), event.span, event.text, {"held", "promoted", "rolled_back"});
  }

  void checkOnce(const syntax::ClauseItem& item) {
    const std::string& word = item.word.text;
    const syntax::ExprId value = item.values.front();
    if (word == "settle") {
      if (const auto time = positiveDuration(context_, value, "`settle`")) deploy_.settle_us = *time;
    } else if (word == "keep") {
      if (const auto count = positiveInt(context_, value, "`keep … versions`")) deploy_.keep = *count;
    } else if (word == "capture") {
      const auto share = context_.expressions.constantNumber(value);
      if (!share) return;
      if (*share <= 0 || *share > 1) wrong(context_.span(value), "`capture` takes a share of the requests, above 0% and up to 100%");
      deploy_.capture = *share;
    }
  }

  Context& context_;
  const syntax::DeployDecl& decl_;
  ir::Deploy& deploy_;
  std::map<std::string, Span> seen_;
};

}  // namespace

void checkDeployItems(Context& context, const syntax::DeployDecl& decl, ir::Deploy& deploy) {
  DeployItems items(context, decl, deploy);
  for (const syntax::DeployItem& item : decl.items) std::visit(items, item);
}

}  // namespace cd4ml::check
