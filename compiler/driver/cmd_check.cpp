// All diagnostics; runs nothing.
#include <fmt/format.h>

#include "compiler/diag/render_json.h"
#include "compiler/diag/render_lines.h"
#include "compiler/diag/render_text.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/project.h"

namespace cd4ml::driver {

namespace {

std::string closing(const Compilation& compilation, const Console& console) {
  const std::string summary = diag::summaryOf(compilation.diagnostics.all());
  if (!summary.empty()) return summary + "\n";
  return fmt::format("{}: {} nodes, nothing to complain about\n", console.out(Style::Good, "ok"), compilation.pipeline.nodes.size());
}

std::string render(const Compilation& compilation, const std::string& format, const Console& console) {
  const auto& all = compilation.diagnostics.all();
  if (format == "concise") return diag::renderConcise(all, compilation.sources);
  if (format == "github") return diag::renderGithub(all, compilation.sources);
  if (format == "json") return diag::renderJson(all, compilation.sources) + "\n";
  if (format == "sarif") return diag::renderSarif(all, compilation.sources) + "\n";
  if (format == "gitlab") return diag::renderGitlab(all, compilation.sources) + "\n";
  const auto colour = console.coloursResults() ? diag::Colour::Ansi : diag::Colour::Plain;
  return diag::renderText(all, compilation.sources, colour) + closing(compilation, console);
}

}  // namespace

int cmdCheck(const Arguments& arguments, const Console& console) {
  const auto check = [&]() -> Result<int> {
    CD4ML_TRY(const Project project, locateProject(arguments));
    CD4ML_TRY(const Compilation compilation, compileProject(project, givenBy(arguments)));
    console.result(render(compilation, console.json() ? "json" : arguments.format, console));
    return compilation.diagnostics.hasErrors() ? Wrong : Ok;
  };
  const Result<int> code = check();
  if (code.ok()) return *code;
  console.problem(code.error());
  return exitCodeOf(code.error());
}

}  // namespace cd4ml::driver
