/// What the checks of all constructs share while one file is checked: the tree, the names, the pipeline so far and,
/// beside each of its nodes, the facts that later declarations need and the IR does not keep.
///
/// A node is added for every declaration, also for a wrong one: its columns then have type Error or it is `open`, so
/// that what uses it can be checked without repeating its mistakes.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/check/check.h"
#include "compiler/check/expression.h"
#include "compiler/resolve/resolve.h"

namespace cd4ml::check {

/// A feature as written, for messages and fixes.
struct FeatureSite {
  Span span;               ///< name and expression, or the name in `use`
  syntax::ExprId value;    ///< invalid: of `use`
};

/// Facts of a node beyond its IR; which apply follows from its kind.
struct NodeFacts {
  std::vector<Taint> taints{};  ///< one a column
  std::vector<bool> base{};     ///< the column is one of S, unchanged (semantics.md: S, the scoring row's node)
  Taint row_taint{};            ///< columns that decide which rows there are
  std::vector<std::optional<KnownAfter>> known{};  ///< table: one a column
  bool timed = false;           ///< table: its rows have, or had below, an `@time` or `@available`
  bool grouped = false;         ///< table: its rows stand for several of a node below
  bool open = false;            ///< some columns are not known
  std::vector<FeatureSite> sites{};  ///< features: one a feature
  ir::NodeId split{};                ///< features: its split
  Span target_span{};                ///< features: of the `target` item
  bool fitted_on_validate = false;   ///< model: early stopping looks at the validate part
  std::int64_t samples = 0;          ///< table: how many `sample` its rows went through; each draws anew
};

/// What a profile puts in the place of what a declaration says.
struct Override {
  syntax::ExprId value;
  std::string profile;
  Span span{};  ///< of its item
};

struct Context {
  const syntax::Tree& tree;
  const source::SourceMap& sources;
  const Settings& settings;
  diag::Diagnostics& diagnostics;
  const resolve::Resolution& names;
  Environment& environment;
  ExpressionChecker& expressions;
  ir::Pipeline pipeline{};
  std::vector<NodeFacts> facts{};                 ///< one a node
  std::map<std::uint32_t, ir::NodeId> nodes{};    ///< by index of the declaration
  std::map<ir::NodeId, Span> declared{};          ///< name span of each node
  std::set<std::string> params_in_paths{};
  std::map<std::uint32_t, Override> overrides{};  ///< by index of the declaration
  std::vector<ir::TestCase> tests{};
  /// Names of features in splits, with the declaration of the split, as written.
  struct SplitUse { std::uint32_t decl = 0; const syntax::Name* name = nullptr; };
  std::map<std::string, std::vector<SplitUse>, std::less<>> splits{};

  /// The node that a (qualified) name or a reference means; invalid when it did not resolve (reported by resolve).
  [[nodiscard]] ir::NodeId find(std::string_view name, resolve::Constructs expected) const;
  [[nodiscard]] ir::NodeId find(const syntax::Name& name, resolve::Constructs expected) const;
  [[nodiscard]] ir::NodeId find(syntax::ExprId expr, resolve::Constructs expected) const;
  /// `trip.train`: names after that of a node.
  [[nodiscard]] bool isPart(syntax::ExprId expr) const;
  /// All columns of a node are known, with their types.
  [[nodiscard]] bool knowsColumns(ir::NodeId node) const;
  /// The value of a param of type `list<T>` that an expression names; null: it names none.
  [[nodiscard]] const Param* listParam(syntax::ExprId expr);
  /// A reference to what may be declared in text that did not parse.
  [[nodiscard]] bool isLost(syntax::ExprId expr) const;
  /// Where the rows of a whole node are wanted: a part or a column of one is reported. `clause`: "`from`".
  void rejectPart(syntax::ExprId expr, std::string_view clause);
  ir::NodeId add(const syntax::DeclHeader& header, ir::NodeBody body, std::vector<ir::Column> columns, NodeFacts facts);
  [[nodiscard]] NodeFacts& factsOf(ir::NodeId node) { return facts[node.index]; }
  template <class Body>
  [[nodiscard]] Body& body(ir::NodeId node) { return std::get<Body>(pipeline.nodes[node.index].body); }

  diag::Diagnostic& report(diag::Code code, Span span, std::string message) {
    return diagnostics.add(code, span, std::move(message));
  }
  /// "`asof` is not supported yet".
  diag::Diagnostic& notSupported(Span span, std::string_view construct);
  /// Text of an expression as written.
  [[nodiscard]] std::string text(syntax::ExprId expr) const;
  [[nodiscard]] Span span(syntax::ExprId expr) const { return expr.valid() ? tree[expr].span : Span{}; }
};

/// A path that is written at `place`, from the folder of the entry file: paths of a module are relative to its file.
[[nodiscard]] std::string fromFolderOf(const Context& context, Span place, std::string path);

/// The columns of a node as a scope; everything is unknown in that of an invalid node.
[[nodiscard]] Scope scopeOf(Context& context, ir::NodeId node, Place place);

/// Reports a name with its nearest candidates, or with all of them: "did you mean `a`?".
void addCandidates(diag::Diagnostic& diagnostic, Span span, std::string_view name, const std::vector<std::string>& candidates);
/// "there is no column `x` in `flights`" with the candidates.
void reportUnknownColumn(Context& context, const syntax::Name& name, const Scope& scope);

/// `require`, `warn` of a source or table: aggregates over all rows of `scope`, whose place is RowSet.
[[nodiscard]] ir::RequireOp checkRequire(Context& context, const syntax::RequireSyntax& require, const Scope& scope, ir::Graph& graph);
void checkParam(Context& context, const syntax::ParamDecl& decl);
ir::NodeId checkSource(Context& context, const syntax::SourceDecl& decl);
ir::NodeId checkTable(Context& context, const syntax::TableDecl& decl);
ir::NodeId checkFeatures(Context& context, const syntax::FeaturesDecl& decl);
ir::NodeId checkSplit(Context& context, const syntax::SplitDecl& decl);
ir::NodeId checkModel(Context& context, const syntax::ModelDecl& decl);
ir::NodeId checkEvaluate(Context& context, const syntax::EvaluateDecl& decl);
ir::NodeId checkGate(Context& context, const syntax::GateDecl& decl);
ir::NodeId checkDeploy(Context& context, const syntax::DeployDecl& decl);
ir::NodeId checkNotify(Context& context, const syntax::NotifyDecl& decl);
void checkTest(Context& context, const syntax::TestDecl& decl);
ir::NodeId checkStage(Context& context, const syntax::StageDecl& decl);
ir::NodeId checkMonitor(Context& context, const syntax::MonitorDecl& decl);
void checkDeployItems(Context& context, const syntax::DeployDecl& decl, ir::Deploy& deploy);
ir::NodeId checkSchema(Context& context, const syntax::SchemaDecl& decl);
/// Checks all profiles and takes the overrides of those that are asked for, before anything uses them.
void checkProfiles(Context& context);
/// The override of a declaration; nullptr: it stands as written.
[[nodiscard]] const Override* overrideOf(const Context& context, const syntax::DeclHeader& decl);
/// All `unit` declarations, before anything uses them.
void checkUnits(Context& context);
/// Each `unit` of the entry file that no type, quantity or conversion names.
void warnUnusedUnits(Context& context);
/// Names on the command line that no param has.
void checkGivenParams(Context& context);

/// A role word as bits of ir::Role with the rules for its column's type; 0 when it is wrong (reported).
std::uint8_t checkRoles(Context& context, const std::vector<syntax::Name>& roles, std::string_view column, const ir::Type& type,
                        Span type_span);
/// At most one column of each of @time, @available, @id.
void checkRolesOnce(Context& context, const std::vector<ir::Column>& columns);

}  // namespace cd4ml::check
