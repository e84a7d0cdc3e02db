// What a bare name means: a feature, a special name, a column, a param.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/expr_walk.h"
#include "compiler/check/foreign_names.h"

namespace cd4ml::check {

void Scope::narrow(const std::vector<std::string>& non_null) {
  for (ScopeColumn& column : columns) {
    if (std::ranges::find(non_null, column.name) != non_null.end()) column.type.nullable = false;
  }
}

const ScopeColumn* Scope::find(std::string_view name) const {
  for (const auto* list : {&specials, &columns}) {
    const auto it = std::ranges::find(*list, name, &ScopeColumn::name);
    if (it != list->end()) return &*it;
  }
  return nullptr;
}

bool Scope::isUnsure() const {
  return open_schema || std::ranges::any_of(columns, [](const ScopeColumn& column) { return column.type.isError(); });
}

bool ExpressionWalk::isRowName(std::string_view name) const {
  return (features_ != nullptr && features_->find(name) != nullptr) || scope_.find(name) != nullptr;
}

TypedValue ExpressionWalk::visitName(const syntax::Name& name, Span span) {
  const bool is_rows = row_ != nullptr && !folded_name_.empty() && tree_.qualified(name) == folded_name_;
  const FeatureDefinition* feature = features_ == nullptr || is_rows ? nullptr : features_->find(name.text);
  const ScopeColumn* found = scope_.find(name.text);
  const auto param_it = environment_.params.find(tree_.qualified(name));
  const bool is_param = param_it != environment_.params.end();
  // One whose type is wrong may be no param at all.
  if ((feature != nullptr || found != nullptr) && is_param && !param_it->second.type.isError() && !name.quoted) {
    auto& d = diagnostics_.add(diag::Code::AmbiguousName, span,
                               fmt::format("`{}` is a {} and a param", name.text, feature != nullptr ? "feature" : "column"));
    d.labels.push_back({param_it->second.span, "the param"});
    d.labels.push_back({feature != nullptr ? feature->name_span : found->span, feature != nullptr ? "the feature" : "the column"});
    d.help.push_back(fmt::format("`param.{0}` is the param, `` `{0}` `` in backquotes the column", name.text));
    d.fixes.push_back({"mean the param", {{span, "param." + name.text}}, false});
    return error(span);
  }
  if (feature != nullptr) {
    TypedValue value = features_->resolve(*feature, span);
    if (narrowed_.contains(name.text)) value.type.nullable = false;
    value.taint = taintThrough(value.taint, feature->name, feature->name_span);
    value.origin = feature->name_span;
    value.origin_name = fmt::format("`{}`", feature->name);
    return value;
  }
  if (found != nullptr) return column(*found, span);
  if (is_param) return param(param_it->first, span);
  return unknownName(name, span);
}

TypedValue ExpressionWalk::column(const ScopeColumn& column, Span span) {
  const bool folds = scope_.place == Place::GroupBy || scope_.place == Place::Window || scope_.place == Place::RowSet || scope_.place == Place::Evaluate;
  if (folds && !inside_fold_) {
    auto& d = diagnostics_.add(diag::Code::ColumnOutsideAggregate, span,
                               fmt::format("`{}` has a value in each row, here one value for many rows is wanted", column.name));
    d.labels.push_back({column.span, fmt::format("`{}` is a column", column.name)});
    std::erase_if(d.labels, [](const diag::Label& l) { return l.span.empty(); });
    d.help.push_back(fmt::format("fold it: `mean({0})`, `max({0})`, `count({0})`", column.name));
    return error(span);
  }
  if (column.type.isError()) return error(span);
  TypedValue value = input(column, span);
  if (narrowed_.contains(column.name)) value.type.nullable = false;
  return value;
}

/// `"data/{region}.csv"` is filled in paths only.
void ExpressionWalk::warnAboutHoles(const syntax::Expr& text) {
  for (std::size_t open = text.text.find('{'); open != std::string::npos; open = text.text.find('{', open + 1)) {
    const std::size_t close = text.text.find('}', open);
    if (close == std::string::npos) return;
    const std::string name = text.text.substr(open + 1, close - open - 1);
    const auto param = environment_.params.find(tree_.qualified(text.span.file, name));
    if (param == environment_.params.end()) continue;
    auto& d = diagnostics_.add(diag::Code::HoleNotFilled, text.span, fmt::format("nothing fills the hole `{{{}}}`: only texts in paths of readers have holes", name));
    d.labels.push_back({param->second.span, "the param"});
    d.help.push_back(fmt::format("join texts with `concat(\"…\", {})`", name));
    return;
  }
}

TypedValue ExpressionWalk::param(std::string_view name, Span span) {
  const auto it = environment_.params.find(name);
  if (it == environment_.params.end()) {
    if (tree_.isLost(name) || tree_.hasNameless("param")) return error(span);
    auto& d = diagnostics_.add(diag::Code::UnknownName, span, fmt::format("there is no param `{}`", name));
    std::vector<std::string> names;
    for (const auto& [known, p] : environment_.params) names.push_back(known);
    for (const std::string& near : diag::nearest(name, names)) d.help.push_back(fmt::format("did you mean `{}`?", near));
    return error(span);
  }
  checker_.used_params_.insert(it->first);
  if (it->second.type.isError()) return error(span);
  if (it->second.is_list) {
    auto& d = diagnostics_.add(diag::Code::NotAValue, span, fmt::format("`{}` is a list, not one value", name));
    d.labels.push_back({it->second.span, "declared here"});
    d.help.push_back(fmt::format("ask whether a value is in it: `x in {}`", name));
    return error(span);
  }
  TypedValue value = constant(it->second.value, it->second.type, span);
  value.origin = it->second.span;
  value.origin_name = fmt::format("param `{}`", name);
  return value;
}

std::vector<std::string> ExpressionWalk::visibleNames() const {
  std::vector<std::string> names;
  if (features_ != nullptr) names = features_->names();
  for (const ScopeColumn& special : scope_.specials) names.push_back(special.name);
  for (const ScopeColumn& column : scope_.columns) names.push_back(column.name);
  for (const auto& [name, p] : environment_.params) names.push_back(name);
  return names;
}

namespace {

std::string columnList(const Scope& scope) {
  constexpr std::size_t shown = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, scope.columns.size()); ++i) {
    text += fmt::format("{}`{}`", i == 0 ? "" : ", ", scope.columns[i].name);
  }
  if (scope.columns.size() > shown) text += fmt::format(" and {} more", scope.columns.size() - shown);
  return text;
}

bool isMetricWord(std::string_view name) {
  return name == "prediction" || name == "probability" || name == "target" || name == "weight";
}

}  // namespace

TypedValue ExpressionWalk::unknownName(const syntax::Name& name, Span span) {
  // `count(orders) over (…)`: each row of the node.
  if (row_ != nullptr && !folded_name_.empty() && tree_.qualified(name) == folded_name_) return constant({true}, {.kind = Kind::Bool}, span);
  if (const auto it = environment_.nodes.find(tree_.qualified(name)); it != environment_.nodes.end() && !name.quoted) {
    auto& d = diagnostics_.add(diag::Code::NotAValue, span,
                               fmt::format("`{}` is a {}, not a value of a row", name.text, it->second));
    d.help.push_back("rows of another node come in by `join`");
    return error(span);
  }
  if (isMetricWord(name.text) && scope_.place != Place::Evaluate) {
    diagnostics_.add(diag::Code::NotAValue, span, fmt::format("`{}` has a meaning in `evaluate` only", name.text));
    return error(span);
  }
  if (scope_.open_schema || tree_.isLost(name.text)) return error(span);  // said once, where the columns or the name are lost
  const bool has_columns = scope_.place != Place::Constant;
  const std::vector<std::string> near = nearNames(name.text);
  const bool nameless = tree_.hasNameless("param") || tree_.hasNameless("source") || tree_.hasNameless("table");
  if (near.empty() && nameless) return error(span);
  auto& d = diagnostics_.add(has_columns ? diag::Code::UnknownColumn : diag::Code::UnknownName, span,
                             has_columns ? fmt::format("`{}` has no column `{}`", scope_.owner, name.text)
                                         : fmt::format("there is no param `{}`", name.text));
  const bool foreign = helpWithForeignValue(d, name.text);
  for (const std::string& candidate : near) d.help.push_back(fmt::format("did you mean `{}`?", candidate));
  if (near.size() == 1 && !foreign) d.fixes.push_back({fmt::format("write `{}`", near.front()), {{span, near.front()}}, false});
  if (const ScopeColumn* only = near.empty() && !foreign ? onlyColumnWanted() : nullptr) {
    d.help.push_back(fmt::format("did you mean `{}`? It is the only column of type {}", only->name, ir::typeText(only->type)));
  }
  if (findBuiltin(name.text) != nullptr) {
    d.help.push_back(fmt::format("`{0}` is a function: write `{0}(…)`", name.text));
  }
  if (has_columns && !scope_.columns.empty()) {
    d.help.push_back(fmt::format("`{}` has the columns {}", scope_.owner, columnList(scope_)));
  }
  return error(span);
}

/// `s.x`: a param of a module.
TypedValue ExpressionWalk::visitModuleName(const syntax::Expr& expr) {
  const syntax::Expr& left = tree_[expr.operands[0]];
  const std::string name = tree_.qualified(expr.span.file, left.name.text + "." + expr.name.text);
  if (environment_.params.contains(name)) return param(name, expr.span);
  if (const auto it = environment_.nodes.find(name); it != environment_.nodes.end()) {
    auto& d = diagnostics_.add(diag::Code::NotAValue, expr.span, fmt::format("`{}` is a {}, not a value of a row", name, it->second));
    d.help.push_back(it->second == "fn" ? fmt::format("call it: `{}(…)`", name) : "rows of another node come in by `join`");
    return error(expr.span);
  }
  if (tree_.isOfMissingModule(name) || tree_.isLost(name)) return error(expr.span);
  auto& d = diagnostics_.add(diag::Code::UnknownName, expr.span, fmt::format("the module `{}` has no param `{}`", left.name.text, expr.name.text));
  std::vector<std::string> names;
  for (const auto& [known, p] : environment_.params) names.push_back(known);
  for (const std::string& near : diag::nearest(name, names)) d.help.push_back(fmt::format("did you mean `{}`?", near));
  return error(expr.span);
}

TypedValue ExpressionWalk::visitMember(const syntax::Expr& expr) {
  const syntax::Expr& left = tree_[expr.operands[0]];
  if (row_ != nullptr && !folded_name_.empty()) {
    const std::optional<syntax::NodePath> path = tree_.nodePath(expr.operands[0]);
    const ScopeColumn* found = scope_.find(expr.name.text);
    if (path && path->rest.empty() && path->name == folded_name_) return found != nullptr ? column(*found, expr.span) : unknownName(expr.name, expr.span);
  }
  if (left.kind == syntax::ExprKind::Reference && !left.name.quoted && !isRowName(left.name.text)) {
    if (left.name.text == "param") return param(tree_.qualified(expr.name), expr.span);
    if (row_ != nullptr && left.name.text == "row") return visitRowColumn(expr);
    if (tree_.isAlias(left.span.file, left.name.text) && expr.kind == syntax::ExprKind::Member) return visitModuleName(expr);
    const bool is_param = environment_.params.contains(tree_.qualified(left.name));
    if (!is_param && environment_.nodes.contains(tree_.qualified(left.name))) {
      auto& d = diagnostics_.add(diag::Code::ExpressionNotSupported, expr.span,
                                 fmt::format("`{}.{}` inside an expression is not supported yet", left.name.text, expr.name.text));
      d.help.push_back("columns of another node come in by `join`");
      return error(expr.span);
    }
  }
  return visitCall(expr);
}

}  // namespace cd4ml::check
