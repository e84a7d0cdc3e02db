#include "compiler/check/secret_text.h"

namespace cd4ml::check {

bool isSecret(const Context& context, syntax::ExprId expr) {
  return context.tree[expr].kind == syntax::ExprKind::Call && context.tree[expr].name.text == "secret";
}

std::optional<std::string> textOrSecret(Context& context, syntax::ExprId expr) {
  if (!isSecret(context, expr)) return context.expressions.constantText(expr);
  const syntax::Expr& call = context.tree[expr];
  if (call.arguments.size() == 1 && !call.arguments[0].name) {
    const std::optional<std::string> secret = context.expressions.constantText(call.arguments[0].value);
    if (!secret) return std::nullopt;
    return "secret:" + *secret;
  }
  context.report(diag::Code::WrongArguments, call.span, "`secret` takes the name of an environment variable").help.emplace_back("write `secret(\"NAME\")`");
  return std::nullopt;
}

}  // namespace cd4ml::check
