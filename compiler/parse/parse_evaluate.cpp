#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

EvaluateDecl Builder::evaluateDecl(Grammar::EvaluateDeclContext* context) {
  EvaluateDecl out;
  header(out, context, context->name());
  const auto nodes = childrenOf<Grammar::NodeRefContext>(context);
  out.model = nodeRef(nodes.front());
  out.part = nodeRef(nodes.back());
  for (auto* item : childrenOf<Grammar::EvaluateItemContext>(context->evaluateBlock())) {
    docAbove(item->getStart());
    if (isBroken(item)) {
      out.items.emplace_back(errorItem(item));
    } else {
      out.items.emplace_back(metricItem(item));
    }
  }
  return out;
}

MetricItem Builder::metricItem(Grammar::EvaluateItemContext* context) {
  MetricItem out{.name = {}, .metric = {}, .by = names(context->nameList()), .min_rows = {}, .span = span(context)};
  if (auto* written = context->name()) {
    out.name = name(written);
    out.metric = expr(context->expr());
  } else {
    Expr metric{.kind = ExprKind::Reference, .name = name(context->metricName())};
    ParseTree* last = context->metricName();
    if (auto* options = context->args()) {
      metric.kind = ExprKind::Call;
      metric.has_parentheses = true;
      metric.arguments = arguments(options);
      last = options;
    }
    out.metric = add(std::move(metric), context->metricName(), last);
  }
  if (auto* rows = context->INT()) out.min_rows = literal(rows->getSymbol());
  return out;
}

}  // namespace cd4ml::parse
