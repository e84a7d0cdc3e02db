#include "compiler/ir/pipeline.h"

#include <algorithm>

namespace cd4ml::ir {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

void addInput(std::vector<NodeId>& inputs, NodeId node) {
  if (node.valid() && std::find(inputs.begin(), inputs.end(), node) == inputs.end()) inputs.push_back(node);
}

void addWindow(std::vector<NodeId>& inputs, const Window& window) {
  addInput(inputs, window.node);
  for (const SlotRef& end : window.ends) addInput(inputs, end.node);
}

bool sideUsesChampion(const GateSide& side) {
  return std::any_of(side.terms.begin(), side.terms.end(),
                     [](const auto& term) { return term.second.subject == GateTerm::Subject::Champion; });
}

}  // namespace

std::string_view partText(Part part) {
  switch (part) {
    case Part::Train: return "train";
    case Part::Validate: return "validate";
    case Part::Test: return "test";
  }
  return {};
}

std::string_view methodText(Split::Method method) {
  switch (method) {
    case Split::Method::Time: return "time";
    case Split::Method::Random: return "random";
    case Split::Method::Group: return "group";
    case Split::Method::Stratified: return "stratified";
  }
  return {};
}

std::string_view taskText(Task task) {
  switch (task) {
    case Task::Regression: return "regression";
    case Task::Binary: return "binary";
    case Task::Multiclass: return "multiclass";
  }
  return {};
}

bool GateCheck::usesChampion() const { return sideUsesChampion(left) || sideUsesChampion(right); }

NodeId Pipeline::find(std::string_view wanted) const {
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].name == wanted) return {i};
  }
  return {};
}

std::string_view kindText(const Node& node) {
  return std::visit(Overloaded{[](const Source&) { return "source"; }, [](const Table&) { return "table"; },
                               [](const Features&) { return "features"; }, [](const Split&) { return "split"; },
                               [](const Model&) { return "model"; }, [](const Evaluate&) { return "evaluate"; },
                               [](const Gate&) { return "gate"; }, [](const Deploy&) { return "deploy"; },
                               [](const Notify&) { return "notify"; }, [](const Stage&) { return "stage"; },
                               [](const Monitor&) { return "monitor"; }},
                    node.body);
}

std::vector<std::string> slotNames(const Node& node) {
  std::vector<std::string> names;
  for (const Column& column : node.columns) names.push_back(column.name);
  std::visit(Overloaded{[&](const Source&) { names.emplace_back("checks"); }, [](const Table&) {}, [](const Features&) {},
                        [&](const Split&) { names = {"parts"}; }, [&](const Model& model) {
                          names = {"model"};
                          if (model.folds) names.emplace_back("out_of_fold");
                        },
                        [&](const Evaluate&) { names = {"metrics", "predictions"}; }, [&](const Gate&) { names = {"verdict"}; },
                        [](const Deploy&) {}, [](const Notify&) {},
                        [&](const Stage& stage) {
                          names.clear();
                          for (const Stage::Output& output : stage.outputs) names.push_back(output.name);
                        },
                        [](const Monitor&) {}},
             node.body);
  return names;
}

std::vector<NodeId> inputsOf(const Node& node) {
  std::vector<NodeId> inputs;
  std::visit(Overloaded{[&](const Source& source) { addInput(inputs, source.stage); },
                        [&](const Table& table) {
                          addInput(inputs, table.from);
                          for (const TableOp& op : table.ops) {
                            if (const auto* join = std::get_if<JoinOp>(&op)) addInput(inputs, join->right);
                            if (const auto* asof = std::get_if<AsOfOp>(&op)) addInput(inputs, asof->right);
                            if (const auto* more = std::get_if<UnionOp>(&op)) addInput(inputs, more->right);
                            if (const auto* window = std::get_if<WindowOp>(&op)) addWindow(inputs, window->window);
                          }
                        },
                        [&](const Features& features) {
                          addInput(inputs, features.from);
                          addInput(inputs, features.split);
                          for (const Window& window : features.windows) addWindow(inputs, window);
                          for (const SlotRef& end : features.ends) addInput(inputs, end.node);
                        },
                        [&](const Split& split) {
                          addInput(inputs, split.from);
                          for (const SlotRef& end : split.ends) addInput(inputs, end.node);
                        },
                        [&](const Model& model) {
                          addInput(inputs, model.features);
                          for (const NodeId candidate : model.candidates) addInput(inputs, candidate);
                          addInput(inputs, model.file_stage);
                        },
                        [&](const Evaluate& evaluate) { addInput(inputs, evaluate.model); },
                        [&](const Gate& gate) {
                          for (const NodeId evaluate : gate.evaluates) addInput(inputs, evaluate);
                          for (const NodeId notify : gate.notify) addInput(inputs, notify);
                        },
                        [&](const Deploy& deploy) {
                          addInput(inputs, deploy.model);
                          addInput(inputs, deploy.gate);
                        },
                        [](const Notify&) {},
                        [&](const Stage& stage) {
                          for (const Stage::Input& input : stage.inputs) addInput(inputs, input.node);
                        },
                        [&](const Monitor& monitor) { addInput(inputs, monitor.subject); }},
             node.body);
  return inputs;
}

std::vector<bool> nodesOfEntry(const Pipeline& pipeline) {
  std::vector<bool> needed(pipeline.nodes.size());
  for (std::size_t n = needed.size(); n-- > 0;) {
    needed[n] = needed[n] || pipeline.nodes[n].span.file == pipeline.file;
    if (!needed[n]) continue;
    for (const NodeId input : inputsOf(pipeline.nodes[n])) needed[input.index] = true;
  }
  return needed;
}

std::vector<std::string> filesOf(const Node& node) {
  if (const auto* source = std::get_if<Source>(&node.body)) return source->paths;
  std::vector<std::string> files;
  if (const auto* stage = std::get_if<Stage>(&node.body)) {
    for (const Stage::Input& input : stage->inputs) {
      if (!input.node.valid()) files.push_back(input.path);
    }
  }
  const auto* model = std::get_if<Model>(&node.body);
  if (model != nullptr && !model->file.empty() && !model->file_stage.valid()) files.push_back(model->file);
  return files;
}

}  // namespace cd4ml::ir
