#include "compiler/resolve/uses.h"

namespace cd4ml::resolve {
namespace {

constexpr Constructs rows = Construct::Source | Construct::Table;
constexpr Constructs one(Construct construct) { return static_cast<Constructs>(construct); }

class Collector {
 public:
  explicit Collector(const syntax::Tree& tree) : tree_(tree) {}

  void operator()(const syntax::PipelineDecl&) {}
  void operator()(const syntax::SourceDecl&) {}
  void operator()(const syntax::NotifyDecl&) {}
  void operator()(const syntax::ImportDecl&) {}
  void operator()(const syntax::ProfileDecl&) {}
  void operator()(const syntax::SchemaDecl&) {}
  void operator()(const syntax::UnitDecl&) {}
  void operator()(const syntax::FnDecl&) {}
  void operator()(const syntax::StageDecl&) {}
  void operator()(const syntax::MonitorDecl&) {}
  void operator()(const syntax::TestDecl&) {}
  void operator()(const syntax::UnsupportedDecl&) {}

  void operator()(const syntax::ParamDecl& param) {
    params(param.default_value);
    params(param.range);
  }

  void operator()(const syntax::TableDecl& table) {
    node(table.from, rows, "`from`");
    for (const syntax::TableVerb& verb : table.verbs) {
      if (const auto* join = std::get_if<syntax::JoinVerb>(&verb)) {
        if (join->kind != syntax::JoinVerb::Kind::AsOf) node(join->node, rows, "`join`");
      }
    }
  }

  void operator()(const syntax::FeaturesDecl& features) { node(features.from, rows, "`from`"); }

  void operator()(const syntax::SplitDecl& split) {
    for (const syntax::Name& features : split.features) add(features, one(Construct::Features), "`split`");
  }

  /// The algorithm's first bare argument; `choose` and the imports are not supported, their arguments stay unread.
  void operator()(const syntax::ModelDecl& model) {
    if (!model.algorithm.valid()) return;
    for (const syntax::Argument& argument : tree_[model.algorithm].arguments) {
      if (argument.name) continue;
      if (tree_[argument.value].kind == syntax::ExprKind::Reference && tree_[model.algorithm].name.text != "choose") {
        node(argument.value, one(Construct::Features), "the model");
      }
      return;
    }
  }

  void operator()(const syntax::EvaluateDecl& evaluate) { node(evaluate.model, one(Construct::Model), "`of`"); }

  void operator()(const syntax::GateDecl& gate) {
    for (const syntax::ExprId evaluate : gate.evaluates) node(evaluate, one(Construct::Evaluate), "`on`");
    for (const syntax::GateItem& item : gate.items) {
      const auto* otherwise = std::get_if<syntax::OtherwiseItem>(&item);
      if (otherwise == nullptr) continue;
      for (const syntax::ActionSyntax& action : otherwise->actions) {
        if (action.target && action.verb.text == "notify") add(*action.target, one(Construct::Notify), "`notify`");
      }
    }
  }

  void operator()(const syntax::DeployDecl& deploy) {
    node(deploy.model, one(Construct::Model), "`of`");
    node(deploy.gate, one(Construct::Gate), "`when`");
  }

  [[nodiscard]] std::vector<Use> take() { return std::move(uses_); }

 private:
  void add(const syntax::Name& name, Constructs expected, std::string clause) {
    if (name.text.empty()) return;
    uses_.push_back({.name = name.text, .span = name.span, .expected = expected, .clause = std::move(clause), .target = {}});
  }

  void node(syntax::ExprId expr, Constructs expected, std::string clause) {
    if (!expr.valid() || tree_[expr].kind != syntax::ExprKind::Reference) return;
    add(tree_[expr].name, expected, std::move(clause));
  }

  /// Names in a constant expression that are declared params; anything else is the expression checker's to report.
  void params(syntax::ExprId root) {
    std::vector<syntax::ExprId> open{root};
    while (!open.empty()) {
      const syntax::ExprId expr = open.back();
      open.pop_back();
      if (!expr.valid()) continue;
      if (tree_[expr].kind == syntax::ExprKind::Reference) add(tree_[expr].name, one(Construct::Param), "");
      for (const syntax::ExprId operand : tree_[expr].operands) open.push_back(operand);
      for (const syntax::Argument& argument : tree_[expr].arguments) open.push_back(argument.value);
    }
  }

  const syntax::Tree& tree_;
  std::vector<Use> uses_;
};

}  // namespace

std::vector<Use> usesOf(const syntax::Tree& tree, const syntax::Decl& decl) {
  Collector collector(tree);
  std::visit(collector, decl);
  return collector.take();
}

}  // namespace cd4ml::resolve
