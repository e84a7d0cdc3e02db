// The features of one node: they may use each other in any order; a cycle is an error that shows its ring.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/expr_walk.h"

namespace cd4ml::check {

FeatureNames::FeatureNames(ExpressionChecker& checker, const std::vector<FeatureDefinition>& definitions, const Scope& scope,
                           ir::Graph& graph, diag::Diagnostics& diagnostics)
    : checker_(checker),
      definitions_(definitions),
      scope_(scope),
      graph_(graph),
      diagnostics_(diagnostics),
      values_(definitions.size()) {
  for (std::size_t i = 0; i < definitions_.size(); ++i) index_.emplace(definitions_[i].name, i);
}

const FeatureDefinition* FeatureNames::find(std::string_view name) const {
  const auto it = index_.find(name);
  if (it == index_.end() || (!open_.empty() && open_.back().index == it->second)) return nullptr;
  return &definitions_[it->second];
}

std::vector<std::string> FeatureNames::names() const {
  std::vector<std::string> names;
  for (const FeatureDefinition& definition : definitions_) names.push_back(definition.name);
  return names;
}

TypedValue FeatureNames::resolve(const FeatureDefinition& definition, Span use) {
  constexpr std::size_t greatest_depth = 200;  // `all` checks users last, so only a ring gets so deep
  const auto index = static_cast<std::size_t>(&definition - definitions_.data());
  if (values_[index]) return *values_[index];
  const bool in_ring = std::ranges::find(open_, index, &Open::index) != open_.end();
  if (in_ring || open_.size() >= greatest_depth) {
    reportCycle(index, use);
    return {.value = {}, .type = {}, .taint = {}, .span = use};
  }
  open_.push_back({index, use});
  ExpressionWalk walk(checker_, scope_, graph_, this);
  TypedValue value = walk.visit(definition.value);
  open_.pop_back();
  if (value.type.kind == ir::Kind::Null) {
    diagnostics_.add(diag::Code::TypeMismatch, value.span, fmt::format("`{}` is always null", definition.name));
    value.type = {};
  }
  values_[index] = value;
  return value;
}

void FeatureNames::reportCycle(std::size_t index, Span use) {
  auto begin = std::ranges::find(open_, index, &Open::index);
  if (begin == open_.end()) begin = open_.begin();
  std::string ring;
  for (auto it = begin; it != open_.end(); ++it) ring += fmt::format("`{}` → ", definitions_[it->index].name);
  ring += fmt::format("`{}`", definitions_[index].name);
  auto& d = diagnostics_.add(diag::Code::FeatureCycle, definitions_[begin->index].name_span, "features use each other in a ring: " + ring);
  for (auto it = begin + 1; it < open_.end(); ++it) {
    d.labels.push_back({it->use, fmt::format("uses `{}`", definitions_[it->index].name)});
  }
  d.labels.push_back({use, fmt::format("uses `{}`", definitions_[index].name)});
  d.help.push_back("a feature's own name in its definition means the input column, every other name the feature");
}

std::vector<std::size_t> FeatureNames::usesOf(std::size_t index) const {
  std::vector<std::size_t> uses;
  std::vector<syntax::ExprId> open{definitions_[index].value};
  while (!open.empty()) {
    const syntax::ExprId id = open.back();
    open.pop_back();
    if (!id.valid()) continue;
    const syntax::Expr& expr = checker_.tree()[id];
    if (expr.kind == syntax::ExprKind::Reference) {
      if (const auto it = index_.find(expr.name.text); it != index_.end() && it->second != index) uses.push_back(it->second);
    }
    open.insert(open.end(), expr.operands.begin(), expr.operands.end());
    for (const syntax::Argument& argument : expr.arguments) open.push_back(argument.value);
    for (const syntax::MatchArm& arm : expr.arms) {
      open.insert(open.end(), arm.patterns.begin(), arm.patterns.end());
      open.push_back(arm.value);
    }
  }
  return uses;
}

/// Used features before their users, so that no chain of features is a depth of recursion.
std::vector<TypedValue> FeatureNames::all() {
  struct Step { std::size_t index; bool leaving; };
  std::vector<bool> seen(definitions_.size());
  for (std::size_t first = 0; first < definitions_.size(); ++first) {
    std::vector<Step> steps{{first, false}};
    while (!steps.empty()) {
      const Step step = steps.back();
      steps.pop_back();
      if (step.leaving) {
        resolve(definitions_[step.index], definitions_[step.index].name_span);
        continue;
      }
      if (seen[step.index]) continue;
      seen[step.index] = true;
      steps.push_back({step.index, true});
      for (const std::size_t use : usesOf(step.index)) {
        if (!seen[use]) steps.push_back({use, false});
      }
    }
  }
  std::vector<TypedValue> values;
  for (const auto& value : values_) values.push_back(value.value_or(TypedValue{}));
  return values;
}

}  // namespace cd4ml::check
