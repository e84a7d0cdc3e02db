#include "compiler/resolve/uses.h"

namespace cd4ml::resolve {
namespace {

constexpr Constructs rows = Construct::Source | Construct::Table;
constexpr Constructs one(Construct construct) { return static_cast<Constructs>(construct); }

class Collector {
 public:
  Collector(const syntax::Tree& tree, const Names& names) : tree_(tree), names_(names) {}

  void operator()(const syntax::PipelineDecl&) {}
  void operator()(const syntax::SourceDecl& source) {
    if (source.schema) add(*source.schema, one(Construct::Schema), "the type of a source");
    if (!source.reader.valid()) return;
    for (const syntax::Argument& argument : tree_[source.reader].arguments) {
      const std::optional<syntax::NodePath> file = tree_.nodePath(argument.value);
      if (!argument.name && file && file->rest.size() == 1) inside(argument.value, one(Construct::Stage), "the reader");
    }
  }
  void operator()(const syntax::NotifyDecl&) {}
  void operator()(const syntax::ImportDecl&) {}
  void operator()(const syntax::ProfileDecl&) {}
  void operator()(const syntax::SchemaDecl&) {}
  void operator()(const syntax::UnitDecl&) {}
  void operator()(const syntax::FnDecl&) {}
  void operator()(const syntax::StageDecl& stage) {
    for (const syntax::StageItem& item : stage.items) {
      const auto* input = std::get_if<syntax::InputItem>(&item);
      if (input != nullptr) inside(input->node, rows | one(Construct::Features), "`input`");
    }
  }
  void operator()(const syntax::MonitorDecl& monitor) {
    node(monitor.subject, rows | Construct::Deploy, "`of`");
    for (const syntax::MonitorItem& item : monitor.items) {
      if (const auto* every = std::get_if<syntax::EveryItem>(&item)) receivers(every->actions);
      if (const auto* event = std::get_if<syntax::EventItem>(&item)) receivers(event->actions);
    }
  }
  void operator()(const syntax::TestDecl& test) {
    for (const syntax::TestItem& item : test.items) {
      if (const auto* given = std::get_if<syntax::GivenItem>(&item)) add(given->source, one(Construct::Source), "`given`");
      const auto* expect = std::get_if<syntax::ExpectItem>(&item);
      if (expect == nullptr || !expect->condition.valid() || tree_[expect->condition].operands.empty()) continue;
      const syntax::ExprId left = tree_[expect->condition].operands[0];
      inside(left, rows | one(Construct::Features), "`expect`");
      if (tree_[left].kind != syntax::ExprKind::Call) continue;
      for (const syntax::Argument& argument : tree_[left].arguments) inside(argument.value, rows | one(Construct::Features), "`count`");
    }
  }
  void operator()(const syntax::UnsupportedDecl&) {}

  void operator()(const syntax::ParamDecl& param) {
    params(param.default_value);
    params(param.range);
  }

  void operator()(const syntax::TableDecl& table) {
    wholeRows(table.from, "`from`");
    for (const syntax::TableVerb& verb : table.verbs) {
      if (const auto* filter = std::get_if<syntax::FilterVerb>(&verb)) windows(filter->condition);
      if (const auto* derive = std::get_if<syntax::DeriveVerb>(&verb)) windows(derive->value);
      if (const auto* group = std::get_if<syntax::GroupVerb>(&verb)) {
        for (const syntax::GroupKey& key : group->keys) windows(key.value);
        for (const syntax::GroupKey& aggregate : group->aggregates) windows(aggregate.value);
      }
      if (const auto* join = std::get_if<syntax::JoinVerb>(&verb)) {
        wholeRows(join->node, join->kind == syntax::JoinVerb::Kind::AsOf ? "`asof`" : "`join`");
      }
      if (const auto* more = std::get_if<syntax::UnionVerb>(&verb)) wholeRows(more->node, "`union`");
    }
  }

  void operator()(const syntax::FeaturesDecl& features) {
    wholeRows(features.from, "`from`");
    for (const syntax::FeaturesItem& item : features.items) {
      if (const auto* target = std::get_if<syntax::TargetItem>(&item)) windows(target->value);
      if (const auto* weight = std::get_if<syntax::WeightItem>(&item)) windows(weight->value);
      if (const auto* feature = std::get_if<syntax::FeatureItem>(&item)) windows(feature->value);
    }
  }

  void operator()(const syntax::SplitDecl& split) {
    for (const syntax::Name& features : split.features) add(features, one(Construct::Features), "`split`");
  }

  /// The models of `choose` (and of `blend` and `stack`, when they come); else the algorithm's first bare argument.
  void operator()(const syntax::ModelDecl& model) {
    if (!model.algorithm.valid()) return;
    const std::string& algorithm = tree_[model.algorithm].name.text;
    const bool is_choice = algorithm == "choose" || algorithm == "blend" || algorithm == "stack";
    bool is_file = algorithm == "lightgbm";  // the first argument of an import
    for (const syntax::Argument& argument : tree_[model.algorithm].arguments) {
      if (argument.name) continue;
      const std::optional<syntax::NodePath> path = tree_.nodePath(argument.value);
      if (is_file && path && path->rest.size() == 1) inside(argument.value, one(Construct::Stage), "the model");
      if (!is_file && path) node(argument.value, one(is_choice ? Construct::Model : Construct::Features), "the model");
      if (!is_choice && !is_file) return;
      is_file = false;
    }
  }

  void operator()(const syntax::EvaluateDecl& evaluate) { node(evaluate.model, one(Construct::Model), "`of`"); }

  void operator()(const syntax::GateDecl& gate) {
    for (const syntax::ExprId evaluate : gate.evaluates) node(evaluate, one(Construct::Evaluate), "`on`");
    for (const syntax::GateItem& item : gate.items) {
      const auto* otherwise = std::get_if<syntax::OtherwiseItem>(&item);
      if (otherwise == nullptr) continue;
      receivers(otherwise->actions);
    }
  }

  void operator()(const syntax::DeployDecl& deploy) {
    node(deploy.model, one(Construct::Model), "`of`");
    node(deploy.gate, one(Construct::Gate), "`when`");
    for (const syntax::DeployItem& item : deploy.items) {
      const auto* clause = std::get_if<syntax::ClauseItem>(&item);
      if (clause == nullptr) continue;
      receivers(clause->actions);
      if (clause->word.text == "after") node(clause->values.front(), one(Construct::Deploy), "`after`");
    }
  }

  [[nodiscard]] std::vector<Use> take() { return std::move(uses_); }

 private:
  void receivers(const std::vector<syntax::ActionSyntax>& actions) {
    for (const syntax::ActionSyntax& action : actions) {
      if (action.target && action.verb.text == "notify") add(*action.target, one(Construct::Notify), "`notify`");
    }
  }

  /// The nodes whose rows the windows of an expression fold: `count(orders) over (…)`, `sum(orders.amount) over (…)`.
  void windows(syntax::ExprId root) {
    struct Open { syntax::ExprId expr; bool folded; };
    std::vector<Open> open{{root, false}};
    while (!open.empty()) {
      const auto [id, folded] = open.back();
      open.pop_back();
      if (!id.valid()) continue;
      const syntax::Expr& expr = tree_[id];
      const bool inside = folded || expr.kind == syntax::ExprKind::Over;
      if (inside && expr.kind == syntax::ExprKind::Member) rowsNamed(id, 1);
      if (inside && expr.kind == syntax::ExprKind::Call) {
        for (const syntax::Argument& argument : expr.arguments) {
          if (!argument.name) rowsNamed(argument.value, 0);
        }
      }
      for (const syntax::ExprId operand : expr.operands) open.push_back({operand, inside});
      for (const syntax::Argument& argument : expr.arguments) open.push_back({argument.value, inside});
      for (const syntax::MatchArm& arm : expr.arms) open.push_back({arm.value, inside});
    }
  }

  /// A name may be a column's as well; only what is declared as rows counts.
  void rowsNamed(syntax::ExprId expr, std::size_t columns) {
    const std::optional<syntax::NodePath> path = expr.valid() ? tree_.nodePath(expr) : std::nullopt;
    if (!path || path->rest.size() != columns) return;
    const auto found = names_.find(path->name);
    const bool declared = found != names_.end() && contains(rows, constructOf(tree_.decls[found->second]));
    if (declared) uses_.push_back({.name = path->name, .span = path->span, .expected = rows, .clause = "`over`", .target = {}});
  }

  void add(const syntax::Name& name, Constructs expected, std::string clause) {
    if (name.text.empty()) return;
    uses_.push_back({.name = tree_.qualified(name), .span = name.span, .expected = expected, .clause = std::move(clause), .target = {}});
  }

  void node(syntax::ExprId expr, Constructs expected, std::string clause) {
    const std::optional<syntax::NodePath> path = tree_.nodePath(expr);
    if (!path || !path->rest.empty()) return;
    uses_.push_back({.name = path->name, .span = path->span, .expected = expected, .clause = std::move(clause), .target = {}});
  }

  /// A source or table. A part of a node in its place names the node too; that it is none of them the checker says.
  void wholeRows(syntax::ExprId expr, std::string clause) {
    const std::optional<syntax::NodePath> path = tree_.nodePath(expr);
    if (path && !path->rest.empty()) return inside(expr, rows | one(Construct::Features), std::move(clause));
    node(expr, rows, std::move(clause));
  }

  /// As `node`, and also where a part or a file of the node is meant: `trip.train`, `fit.model`.
  void inside(syntax::ExprId expr, Constructs expected, std::string clause) {
    const std::optional<syntax::NodePath> path = tree_.nodePath(expr);
    if (!path || path->rest.size() > 1) return;
    uses_.push_back({.name = path->name, .span = path->span, .expected = expected, .clause = std::move(clause), .target = {}});
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
  const Names& names_;
  std::vector<Use> uses_;
};

}  // namespace

std::vector<Use> usesOf(const syntax::Tree& tree, const syntax::Decl& decl, const Names& names) {
  Collector collector(tree, names);
  std::visit(collector, decl);
  return collector.take();
}

}  // namespace cd4ml::resolve
