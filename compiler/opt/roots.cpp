#include "compiler/opt/passes.h"

namespace cd4ml::opt {

namespace {

using Visit = std::function<void(ir::ValueId&)>;

void visitIf(ir::ValueId& value, const Visit& visit) {
  if (value.valid()) visit(value);
}

void roots(ir::Source& source, const Visit& visit) {
  for (ir::FieldCheck& check : source.checks) visitIf(check.condition, visit);
  for (ir::RequireOp& check : source.row_checks) visitIf(check.condition, visit);
}

void roots(ir::FilterOp& op, const Visit& visit) { visitIf(op.condition, visit); }
void roots(ir::DeriveOp& op, const Visit& visit) { visitIf(op.value, visit); }
void roots(ir::GroupOp& op, const Visit& visit) {
  for (ir::ValueId& key : op.keys) visitIf(key, visit);
  for (ir::ValueId& aggregate : op.aggregates) visitIf(aggregate, visit);
}
void roots(ir::JoinOp&, const Visit&) {}
void roots(ir::WindowOp&, const Visit&) {}
void roots(ir::AsOfOp&, const Visit&) {}
void roots(ir::DedupeOp&, const Visit&) {}
void roots(ir::SampleOp&, const Visit&) {}
void roots(ir::UnionOp&, const Visit&) {}
void roots(ir::RequireOp& op, const Visit& visit) { visitIf(op.condition, visit); }

void roots(ir::Table& table, const Visit& visit) {
  for (ir::TableOp& op : table.ops) {
    std::visit([&](auto& each) { roots(each, visit); }, op);
  }
}

void roots(ir::Features& features, const Visit& visit) {
  for (ir::ValueId& feature : features.features) visitIf(feature, visit);
  visitIf(features.target, visit);
  visitIf(features.weight, visit);
}

void roots(ir::Evaluate& evaluate, const Visit& visit) {
  for (ir::Metric& metric : evaluate.metrics) visitIf(metric.expression, visit);
}

void roots(ir::Split&, const Visit&) {}
void roots(ir::Model&, const Visit&) {}
void roots(ir::Gate&, const Visit&) {}
void roots(ir::Deploy&, const Visit&) {}
void roots(ir::Notify&, const Visit&) {}
void roots(ir::Stage&, const Visit&) {}
void roots(ir::Monitor&, const Visit&) {}

}  // namespace

void forEachRoot(ir::NodeBody& body, const Visit& visit) {
  std::visit([&](auto& each) { roots(each, visit); }, body);
}

void forEachWindow(ir::NodeBody& body, const std::function<void(ir::Window&)>& visit) {
  if (auto* table = std::get_if<ir::Table>(&body)) {
    for (ir::TableOp& op : table->ops) {
      if (auto* window = std::get_if<ir::WindowOp>(&op)) visit(window->window);
    }
  }
  if (auto* features = std::get_if<ir::Features>(&body)) {
    for (ir::Window& window : features->windows) visit(window);
  }
}

ir::Graph* graphOf(ir::NodeBody& body) {
  if (auto* source = std::get_if<ir::Source>(&body)) return &source->graph;
  if (auto* table = std::get_if<ir::Table>(&body)) return &table->graph;
  if (auto* features = std::get_if<ir::Features>(&body)) return &features->graph;
  if (auto* evaluate = std::get_if<ir::Evaluate>(&body)) return &evaluate->graph;
  return nullptr;
}

}  // namespace cd4ml::opt
