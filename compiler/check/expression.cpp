#include "compiler/check/expression.h"

#include <algorithm>

#include "compiler/check/expr_walk.h"

namespace cd4ml::check {

ExpressionChecker::ExpressionChecker(const syntax::Tree& tree, const Environment& environment, diag::Diagnostics& diagnostics)
    : tree_(tree), environment_(environment), diagnostics_(diagnostics), expr_types_(tree.exprs.size()) {}

TypedValue ExpressionChecker::check(syntax::ExprId expr, const Scope& scope, ir::Graph& graph, const ir::Type* expected) {
  ExpressionWalk walk(*this, scope, graph);
  TypedValue value = expected == nullptr ? walk.visit(expr) : walk.visitAs(expr, *expected);
  if (expected == nullptr) return value;
  return walk.coerce(std::move(value), *expected);
}

Condition ExpressionChecker::checkCondition(syntax::ExprId expr, const Scope& scope, ir::Graph& graph) {
  ExpressionWalk walk(*this, scope, graph);
  Condition condition{.value = walk.condition(expr), .non_null = {}};
  if (!expr.valid()) return condition;
  for (const std::string& name : walk.factsOf(expr).when_true) condition.non_null.push_back(name);
  return condition;
}

std::vector<TypedValue> ExpressionChecker::checkFeatures(const std::vector<FeatureDefinition>& definitions, const Scope& scope,
                                                         ir::Graph& graph) {
  FeatureNames features(*this, definitions, scope, graph, diagnostics_);
  return features.all();
}

}  // namespace cd4ml::check
