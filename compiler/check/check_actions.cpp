#include "compiler/check/check_actions.h"

#include <algorithm>

#include <fmt/format.h>

namespace cd4ml::check {

using diag::Code;
using resolve::Construct;

std::vector<ir::Action> checkActions(Context& context, const std::vector<syntax::ActionSyntax>& actions,
                                     const std::vector<std::string>& allowed, std::string_view where) {
  std::vector<ir::Action> out;
  for (const syntax::ActionSyntax& action : actions) {
    const std::string& verb = action.verb.text;
    if (verb == "notify") {
      if (!action.target) {
        context.report(Code::MissingArgument, action.verb.span, "`notify` needs the name of a receiver").help.emplace_back("write `notify NAME`");
        continue;
      }
      const ir::NodeId receiver = context.find(*action.target, static_cast<resolve::Constructs>(Construct::Notify));
      if (receiver.valid()) out.push_back({.verb = verb, .notify = receiver});
      continue;
    }
    if (std::find(allowed.begin(), allowed.end(), verb) == allowed.end()) {
      auto& d = context.report(Code::UnknownAction, action.verb.span, fmt::format("there is no action `{}` {}", verb, where));
      std::vector<std::string> known(allowed);
      known.emplace_back("notify");
      addCandidates(d, action.verb.span, verb, known);
      continue;
    }
    if (!action.arguments.empty()) {
      context.report(Code::WrongArguments, action.span, fmt::format("`{}` takes no arguments", verb));
      continue;
    }
    out.push_back({.verb = verb, .notify = {}});
  }
  return out;
}

std::optional<std::int64_t> positiveDuration(Context& context, syntax::ExprId expr, std::string_view what) {
  const std::optional<std::int64_t> value = context.expressions.constantDuration(expr);
  if (!value) return std::nullopt;
  if (*value > 0) return value;
  context.report(Code::MonitorItem, context.span(expr), fmt::format("{} takes a time above nothing", what));
  return std::nullopt;
}

std::optional<std::int64_t> positiveInt(Context& context, syntax::ExprId expr, std::string_view what) {
  const std::optional<std::int64_t> value = context.expressions.constantInt(expr);
  if (!value) return std::nullopt;
  if (*value > 0) return value;
  context.report(Code::MonitorItem, context.span(expr), fmt::format("{} takes a number above 0", what));
  return std::nullopt;
}

}  // namespace cd4ml::check
