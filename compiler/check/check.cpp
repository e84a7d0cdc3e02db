#include "compiler/check/check.h"

#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/allow.h"
#include "compiler/check/context.h"
#include "compiler/resolve/inline_functions.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;

/// One declaration → its node; invalid for those that make none.
struct DeclChecker {
  Context& context;

  ir::NodeId operator()(const syntax::PipelineDecl&) const { return {}; }
  ir::NodeId operator()(const syntax::ParamDecl& decl) const {
    checkParam(context, decl);
    return {};
  }
  ir::NodeId operator()(const syntax::SourceDecl& decl) const { return checkSource(context, decl); }
  ir::NodeId operator()(const syntax::TableDecl& decl) const { return checkTable(context, decl); }
  ir::NodeId operator()(const syntax::FeaturesDecl& decl) const { return checkFeatures(context, decl); }
  ir::NodeId operator()(const syntax::SplitDecl& decl) const { return checkSplit(context, decl); }
  ir::NodeId operator()(const syntax::ModelDecl& decl) const { return checkModel(context, decl); }
  ir::NodeId operator()(const syntax::EvaluateDecl& decl) const { return checkEvaluate(context, decl); }
  ir::NodeId operator()(const syntax::GateDecl& decl) const { return checkGate(context, decl); }
  ir::NodeId operator()(const syntax::DeployDecl& decl) const { return checkDeploy(context, decl); }
  ir::NodeId operator()(const syntax::NotifyDecl& decl) const { return checkNotify(context, decl); }
  ir::NodeId operator()(const syntax::ImportDecl&) const { return {}; }
  ir::NodeId operator()(const syntax::ProfileDecl&) const { return {}; }
  ir::NodeId operator()(const syntax::SchemaDecl& decl) const { return checkSchema(context, decl); }
  ir::NodeId operator()(const syntax::UnitDecl&) const { return {}; }
  ir::NodeId operator()(const syntax::FnDecl&) const { return {}; }
  ir::NodeId operator()(const syntax::StageDecl& decl) const { return checkStage(context, decl); }
  ir::NodeId operator()(const syntax::MonitorDecl& decl) const { return checkMonitor(context, decl); }
  ir::NodeId operator()(const syntax::TestDecl& decl) const {
    checkTest(context, decl);
    return {};
  }
  ir::NodeId later(const syntax::DeclHeader& decl, std::string_view construct) const {
    context.notSupported(decl.head_span, fmt::format("`{}`", construct));
    return {};
  }
  ir::NodeId operator()(const syntax::UnsupportedDecl& decl) const {
    if (!decl.construct.empty()) context.notSupported(decl.head_span, fmt::format("`{}`", decl.construct));
    return {};
  }
};

void checkPipeline(Context& context) {
  const syntax::PipelineDecl* first = nullptr;
  for (const syntax::Decl& decl : context.tree.decls) {
    const auto* pipeline = std::get_if<syntax::PipelineDecl>(&decl);
    if (pipeline == nullptr || pipeline->span.file != context.tree.file) continue;
    if (first == nullptr) {
      first = pipeline;
      context.pipeline.name = pipeline->name.text;
      continue;
    }
    context.report(Code::SecondPipeline, pipeline->name.span, "a file is one pipeline, this is the second `pipeline`")
        .labels.push_back({first->name.span, "the first one"});
  }
  // A file that makes no model is a module: others import it, `check` and `test` look at it alone.
  const bool is_module = !context.tree.decls.empty() && std::none_of(context.tree.decls.begin(), context.tree.decls.end(), [](const syntax::Decl& decl) {
    return resolve::contains(Construct::Model | Construct::Deploy, resolve::constructOf(decl));
  });
  if (first != nullptr || is_module || context.tree.hasBroken("pipeline")) return;
  context.report(Code::NoPipeline, {context.tree.file, 0, 0}, "the pipeline has no name").help.emplace_back("begin the file with `pipeline NAME`");
}

Environment environmentOf(const syntax::Tree& tree, const resolve::Resolution& names) {
  Environment environment;
  environment.units = collectUnits(tree);
  for (const auto& [name, index] : names.names) {
    const Construct construct = resolve::constructOf(tree.decls[index]);
    if (construct == Construct::Param) {
      environment.params[name] = {.type = {}, .value = {}, .span = resolve::headerOf(tree.decls[index]).name.span};
    } else if (const auto* broken = std::get_if<syntax::UnsupportedDecl>(&tree.decls[index]); broken != nullptr && broken->construct.empty()) {
      environment.params[name] = {.type = {}, .value = {}, .span = broken->name.span};  // what it is is not known
    } else {
      environment.nodes[name] = resolve::constructText(construct);
    }
  }
  return environment;
}

void listSplits(Context& context) {
  for (std::uint32_t i = 0; i < context.tree.decls.size(); ++i) {
    const auto* split = std::get_if<syntax::SplitDecl>(&context.tree.decls[i]);
    if (split == nullptr) continue;
    for (const syntax::Name& name : split->features) context.splits[context.tree.qualified(name)].push_back({i, &name});
  }
}

void warnUnused(Context& context) {
  if (context.diagnostics.hasErrors()) return;  // what is wrong may have used it
  resolve::reportUnused(context.tree, context.names, context.diagnostics);
  warnUnusedUnits(context);
  for (const auto& [name, param] : context.environment.params) {
    if (context.expressions.usedParams().contains(name) || context.params_in_paths.contains(name)) continue;
    if (param.span.file != context.tree.file) continue;  // a module offers more than each user needs
    context.report(Code::UnusedParam, param.span, fmt::format("nothing uses the param `{}`", name)).help.emplace_back("delete it, or use it");
  }
}

}  // namespace

Checked check(const syntax::Tree& written, const source::SourceMap& sources, const Settings& settings, diag::Diagnostics& diagnostics) {
  const resolve::Resolution names = resolve::resolve(written, diagnostics);
  std::optional<syntax::Tree> inlined;
  if (resolve::declaresFunctions(written)) {
    inlined = written;
    resolve::inlineFunctions(*inlined, names, diagnostics);
  }
  const syntax::Tree& tree = inlined ? *inlined : written;
  Environment environment = environmentOf(tree, names);
  ExpressionChecker expressions(tree, environment, diagnostics);
  Context context{.tree = tree,
                  .sources = sources,
                  .settings = settings,
                  .diagnostics = diagnostics,
                  .names = names,
                  .environment = environment,
                  .expressions = expressions};
  context.pipeline.file = tree.file;
  listSplits(context);
  checkPipeline(context);
  checkUnits(context);
  checkProfiles(context);
  checkGivenParams(context);
  for (const std::uint32_t index : names.order) {
    const ir::NodeId node = std::visit(DeclChecker{context}, tree.decls[index]);
    if (node.valid()) context.nodes[index] = node;
  }
  warnUnused(context);
  applyAllows(tree, diagnostics);
  diagnostics.sort();
  return {.pipeline = std::move(context.pipeline), .tests = std::move(context.tests), .expr_types = expressions.exprTypes()};
}

}  // namespace cd4ml::check
