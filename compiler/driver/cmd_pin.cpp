// Accept the present schema of sources into cd4ml.lock.
#include <fmt/format.h>

#include "compiler/driver/workshop.h"
#include "runtime/track/json.h"

namespace cd4ml::driver {

namespace {

/// The named sources, or all that are pinned.
Result<std::vector<std::string>> chosenSources(const Arguments& arguments, const ir::Pipeline& pipeline) {
  std::vector<std::string> names = arguments.names;
  for (const std::string& name : names) {
    CD4ML_TRY(const ir::NodeId node, findNode(pipeline, name));
    const auto* source = std::get_if<ir::Source>(&pipeline[node].body);
    if (source == nullptr) return makeError("CD4103", fmt::format("`{}` is a {}, not a source", name, ir::kindText(pipeline[node])));
    if (source->open_schema || source->pinned) continue;
    return makeError("CD4103", fmt::format("source `{}` declares its fields; there is nothing to pin", name));
  }
  if (!names.empty()) return names;
  for (const ir::Node& node : pipeline.nodes) {
    const auto* source = std::get_if<ir::Source>(&node.body);
    if (source != nullptr && (source->open_schema || source->pinned)) names.push_back(node.name);
  }
  return names;
}

/// "+ gate: text", "- gate: text", "~ delay: int, was float".
std::string difference(const std::vector<check::PinnedField>& before, const std::vector<check::PinnedField>& now) {
  std::string text;
  const auto find = [](const std::vector<check::PinnedField>& fields, const std::string& name) -> const check::PinnedField* {
    for (const check::PinnedField& field : fields) {
      if (field.name == name) return &field;
    }
    return nullptr;
  };
  for (const check::PinnedField& field : now) {
    const check::PinnedField* old = find(before, field.name);
    const std::string type = ir::typeText(field.type);
    if (old == nullptr) text += fmt::format("  + {}: {}\n", field.name, type);
    if (old != nullptr && ir::typeText(old->type) != type) text += fmt::format("  ~ {}: {}, was {}\n", field.name, type, ir::typeText(old->type));
  }
  for (const check::PinnedField& field : before) {
    if (find(now, field.name) == nullptr) text += fmt::format("  - {}: {}\n", field.name, ir::typeText(field.type));
  }
  return text;
}

}  // namespace

int cmdPin(const Arguments& arguments, const Console& console) {
  // A program that no longer fits its pinned schema has errors: they must not stop the command that accepts the new one.
  const auto pin = [&]() -> Result<int> {
    CD4ML_TRY(const Project project, locateProject(arguments));
    CD4ML_TRY(Compilation compilation, compileProject(project, givenBy(arguments)));
    CD4ML_TRY(const std::vector<std::string> names, chosenSources(arguments, compilation.pipeline));
    CD4ML_TRY(Workshop workshop, openWorkshop(project, arguments));
    const check::PinnedSchemas before = compilation.pinned;
    CD4ML_TRY(const std::vector<std::string> pinned, pinSchemas(project, arguments, workshop, names, compilation));
    track::Json list = track::Json::array();
    for (const std::string& name : pinned) {
      const auto old = before.find(name);
      const std::string change = difference(old == before.end() ? std::vector<check::PinnedField>{} : old->second,
                                            compilation.pinned.at(name));
      list.push_back({{"source", name}, {"changed", !change.empty()}});
      if (!console.json()) console.result(fmt::format("{}: {}\n{}", name, change.empty() ? "unchanged" : "pinned", change));
    }
    if (console.json()) console.result(track::Json{{"v", 1}, {"pinned", list}}.dump() + "\n");
    if (!console.json() && pinned.empty()) console.result("every source declares its fields: nothing to pin\n");
    return printDiagnostics(compilation, console) ? Wrong : Ok;
  };
  const Result<int> code = pin();
  if (code.ok()) return *code;
  console.problem(code.error());
  return exitCodeOf(code.error());
}

}  // namespace cd4ml::driver
