#include <fmt/format.h>

#include "compiler/check/context.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;

void reportNoGate(Context& context, const syntax::DeployDecl& decl) {
  diag::Diagnostic& diagnostic =
      context.report(Code::DeployNoGate, decl.head_span, fmt::format("no gate guards the deploy `{}`", decl.name.text));
  for (const syntax::Decl& each : context.tree.decls) {
    const auto* gate = std::get_if<syntax::GateDecl>(&each);
    if (gate == nullptr) continue;
    const Span model = context.span(decl.model);
    diagnostic.help.push_back(fmt::format("add `when {}`", gate->name.text));
    if (!model.empty()) {
      diagnostic.fixes.push_back({fmt::format("add `when {}`", gate->name.text),
                                  {{{model.file, model.end, model.end}, " when " + gate->name.text}}, false});
    }
    return;
  }
  diagnostic.help.emplace_back("declare one: `gate NAME on EVALUATE { require … }`, and add `when NAME`");
}

/// What a gate judges, its first evaluate, must be what is deployed. The others may be of models to compare with.
void checkGateModel(Context& context, const syntax::DeployDecl& decl, const ir::Deploy& deploy) {
  if (!deploy.model.valid() || !deploy.gate.valid()) return;
  const std::vector<ir::NodeId>& evaluates = context.body<ir::Gate>(deploy.gate).evaluates;
  if (evaluates.empty() || !evaluates.front().valid()) return;
  const ir::NodeId node = evaluates.front();
  const ir::NodeId judged = context.body<ir::Evaluate>(node).model;
  if (!judged.valid() || judged == deploy.model) return;
  const std::string deployed = context.pipeline[deploy.model].name;
  diag::Diagnostic& diagnostic = context.report(
      Code::GateOfOtherModel, context.span(decl.gate),
      fmt::format("the gate `{}` judges `{}`, `{}` deploys `{}`", context.pipeline[deploy.gate].name, context.pipeline[judged].name, decl.name.text, deployed));
  diagnostic.labels.push_back({context.pipeline[node].name_span, fmt::format("`{}` evaluates `{}`", context.pipeline[node].name, context.pipeline[judged].name)});
  diagnostic.labels.push_back({context.span(decl.model), fmt::format("`{}` is deployed", deployed)});
  diagnostic.help.push_back(fmt::format("evaluate `{}` and let the gate judge that first", deployed));
}

}  // namespace

ir::NodeId checkDeploy(Context& context, const syntax::DeployDecl& decl) {
  ir::Deploy deploy;
  deploy.model = context.find(decl.model, static_cast<resolve::Constructs>(Construct::Model));
  deploy.gate = context.find(decl.gate, static_cast<resolve::Constructs>(Construct::Gate));
  if (!decl.gate.valid() && deploy.model.valid()) reportNoGate(context, decl);
  checkGateModel(context, decl, deploy);
  checkDeployItems(context, decl, deploy);
  return context.add(decl, std::move(deploy), {}, {});
}

}  // namespace cd4ml::check
