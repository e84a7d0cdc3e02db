#include "compiler/driver/opened.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/diag/render_text.h"

namespace cd4ml::driver {

namespace {

diag::Colour colourOf(const Console& console) { return console.coloursErrors() ? diag::Colour::Ansi : diag::Colour::Plain; }

}  // namespace

int exitCodeOf(const Error& error) {
  for (const std::string_view code : {"CD4101", "CD4102", "CD4103", "CD4105", "CD4106", "CD5704", "CD6004", "CD6005", "CD6006", "CD6007", "CD6008"}) {
    if (error.code == code) return Wrong;
  }
  return StageFailed;
}

bool printDiagnostics(const Compilation& compilation, const Console& console) {
  const auto& all = compilation.diagnostics.all();
  if (compilation.diagnostics.hasErrors() || (!all.empty() && !console.quiet())) {
    console.problem(diag::renderText(all, compilation.sources, colourOf(console)));
    console.problem(diag::summaryOf(all) + "\n");
  }
  return compilation.diagnostics.hasErrors();
}

void printError(const Error& error, const source::SourceMap& sources, const Console& console) {
  if (!error.span.empty() && error.span.file < sources.size()) {
    console.problem(diag::renderErrorText(error, sources, colourOf(console)));
  } else {
    console.problem(error);
  }
}

int withProject(const Arguments& arguments, const Console& console, const std::function<Result<int>(Opened&)>& body) {
  Opened opened;
  const auto fail = [&](const Error& error) {
    printError(error, opened.compilation.sources, console);
    return exitCodeOf(error);
  };
  Result<Project> project = locateProject(arguments);
  if (!project.ok()) return fail(project.error());
  opened.project = *project;
  Result<Compilation> compilation = compileProject(opened.project, givenBy(arguments));
  if (!compilation.ok()) return fail(compilation.error());
  opened.compilation = std::move(*compilation);
  if (printDiagnostics(opened.compilation, console)) return Wrong;
  opened.scope = scopeOf(opened.compilation, arguments);
  if (opened.scope.pipeline.empty() && arguments.command != "test") {
    return fail(makeError("CD4102", fmt::format("{} is a module: it has no `pipeline NAME` and makes no model", opened.project.entry)));
  }
  const Result<int> code = body(opened);
  return code.ok() ? *code : fail(code.error());
}

int withLedger(const Arguments& arguments, const Console& console,
               const std::function<Result<int>(Opened&, track::Ledger&)>& body) {
  return withProject(arguments, console, [&](Opened& opened) -> Result<int> {
    CD4ML_TRY(const std::shared_ptr<track::Ledger> ledger, track::Ledger::open(opened.project.ledger()));
    return body(opened, *ledger);
  });
}

Result<ir::NodeId> findNode(const ir::Pipeline& pipeline, const std::string& name) {
  const ir::NodeId node = pipeline.find(name);
  if (node.valid()) return node;
  std::vector<std::string> names;
  for (const ir::Node& other : pipeline.nodes) names.push_back(other.name);
  Error error = makeError("CD4103", fmt::format("there is no node `{}` in `{}`", name, pipeline.name));
  for (const std::string& near : diag::nearest(name, names)) error.help.push_back(fmt::format("did you mean `{}`?", near));
  if (error.help.empty()) error.help.push_back(fmt::format("its nodes are `{}`", fmt::join(names, "`, `")));
  return error;
}

}  // namespace cd4ml::driver
