#include "compiler/check/context.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace cd4ml::check {

ir::NodeId Context::find(std::string_view name, resolve::Constructs expected) const {
  const std::optional<std::uint32_t> decl = names.find(tree, name, expected);
  if (!decl) return {};
  const auto found = nodes.find(*decl);
  return found == nodes.end() ? ir::NodeId{} : found->second;
}

ir::NodeId Context::find(const syntax::Name& name, resolve::Constructs expected) const { return find(tree.qualified(name), expected); }

ir::NodeId Context::find(syntax::ExprId expr, resolve::Constructs expected) const {
  const std::optional<syntax::NodePath> path = tree.nodePath(expr);
  return path && path->rest.empty() ? find(path->name, expected) : ir::NodeId{};
}

bool Context::isPart(syntax::ExprId expr) const {
  const std::optional<syntax::NodePath> path = tree.nodePath(expr);
  return path && !path->rest.empty();
}

void Context::rejectPart(syntax::ExprId expr, std::string_view clause) {
  using resolve::Construct;
  if (!isPart(expr)) return;
  const syntax::NodePath path = *tree.nodePath(expr);
  const ir::NodeId node = find(path.name, (Construct::Source | Construct::Table) | static_cast<resolve::Constructs>(Construct::Features));
  if (!node.valid()) return;  // reported by resolve
  const ir::Node& whole = pipeline[node];
  const auto* features = std::get_if<ir::Features>(&whole.body);
  diag::Diagnostic& diagnostic = report(
      diag::Code::WrongKind, span(expr),
      fmt::format("`{}` is a {} of `{}`, {} takes the rows of a whole source or table", text(expr), features != nullptr ? "part" : "column", path.name, clause));
  diagnostic.labels.push_back({whole.name_span, fmt::format("the {} `{}`", ir::kindText(whole), path.name)});
  if (features == nullptr) {
    diagnostic.help.push_back(fmt::format("write `{}`; a `select` chooses columns", path.name));
    diagnostic.fixes.push_back({fmt::format("write `{}`", path.name), {{span(expr), path.name}}});
    return;
  }
  diagnostic.help.emplace_back("rows are prepared before they are split; a part is read by `evaluate … on test` and by the `input` of a stage");
  if (features->from.valid()) diagnostic.help.push_back(fmt::format("the rows that `{}` is made from are those of `{}`", path.name, pipeline[features->from].name));
}

bool Context::knowsColumns(ir::NodeId node) const {
  if (!node.valid() || facts[node.index].open) return false;
  return std::ranges::none_of(pipeline[node].columns, [](const ir::Column& column) { return column.type.isError(); });
}

const Param* Context::listParam(syntax::ExprId expr) {
  if (!expr.valid() || tree[expr].kind != syntax::ExprKind::Reference) return nullptr;
  const auto param = environment.params.find(tree.qualified(tree[expr].name));
  if (param == environment.params.end() || !param->second.is_list) return nullptr;
  params_in_paths.insert(param->first);
  return &param->second;
}

bool Context::isLost(syntax::ExprId expr) const {
  const std::optional<syntax::NodePath> path = tree.nodePath(expr);
  return path && tree.isLost(path->name);
}

ir::NodeId Context::add(const syntax::DeclHeader& header, ir::NodeBody body, std::vector<ir::Column> columns, NodeFacts node_facts) {
  const ir::NodeId id{static_cast<std::uint32_t>(pipeline.nodes.size())};
  pipeline.nodes.push_back({.name = header.name.text,
                            .span = header.span,
                            .name_span = header.name.span,
                            .doc = header.doc,
                            .columns = std::move(columns),
                            .body = std::move(body)});
  facts.push_back(std::move(node_facts));
  return id;
}

diag::Diagnostic& Context::notSupported(Span where, std::string_view construct) {
  diag::Diagnostic& diagnostic =
      report(diag::Code::NotSupportedYet, where, fmt::format("{} is not supported yet", construct));
  diagnostic.help.emplace_back("the word is reserved; this version of cd4mlc cannot run it");
  return diagnostic;
}

std::string Context::text(syntax::ExprId expr) const {
  return expr.valid() ? std::string(sources.text(tree[expr].span)) : std::string{};
}

std::string fromFolderOf(const Context& context, Span place, std::string path) {
  const syntax::Module* module = context.tree.moduleOf(place.file);
  const bool absolute = path.starts_with('/');
  if (module == nullptr || module->folder.empty() || path.empty() || absolute) return path;
  return module->folder + path;
}

Scope scopeOf(Context& context, ir::NodeId node, Place place) {
  Scope scope;
  scope.place = place;
  if (!node.valid()) {
    scope.open_schema = true;
    return scope;
  }
  const ir::Node& from = context.pipeline[node];
  const NodeFacts& facts = context.factsOf(node);
  scope.owner = from.name;
  scope.open_schema = facts.open;
  scope.row_taint = facts.row_taint;
  const std::vector<std::optional<KnownAfter>> known = facts.known.empty() ? knownOfSource(from.columns) : facts.known;
  for (std::uint32_t i = 0; i < from.columns.size(); ++i) {
    const ir::Column& column = from.columns[i];
    scope.columns.push_back({.name = column.name,
                             .slot = i,
                             .type = column.type,
                             .roles = column.roles,
                             .taint = facts.taints[i],
                             .span = column.span,
                             .known = known[i]});
  }
  return scope;
}

void addCandidates(diag::Diagnostic& diagnostic, Span span, std::string_view name, const std::vector<std::string>& candidates) {
  const std::vector<std::string> near = diag::nearest(name, candidates);
  if (!near.empty()) {
    diagnostic.help.push_back(fmt::format("did you mean `{}`?", fmt::join(near, "`, `")));
    diagnostic.fixes.push_back({fmt::format("write `{}`", near.front()), {{span, near.front()}}, false});
  } else if (!candidates.empty()) {
    diagnostic.help.push_back(fmt::format("there is `{}`", fmt::join(candidates, "`, `")));
  }
}

void reportUnknownColumn(Context& context, const syntax::Name& name, const Scope& scope) {
  if (scope.open_schema) return;
  diag::Diagnostic& diagnostic = context.report(diag::Code::UnknownColumn, name.span,
                                                fmt::format("there is no column `{}` in `{}`", name.text, scope.owner));
  std::vector<std::string> candidates;
  for (const ScopeColumn& column : scope.columns) candidates.push_back(column.name);
  addCandidates(diagnostic, name.span, name.text, candidates);
}

}  // namespace cd4ml::check
