/// Concrete tree → syntax tree. One file a construct: `parse_gate.cpp` holds `gate`, and so on.
///
/// What recovery marked as broken becomes an `ErrorItem` (an item) or a headless `UnsupportedDecl` (a declaration), so
/// everything else may rely on the grammar: the parts that a rule requires are there.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <Cd4mlParser.h>

#include "base/internal_check.h"
#include "compiler/diag/diagnostic.h"
#include "compiler/parse/lexed_file.h"
#include "compiler/syntax/tree.h"

namespace cd4ml::parse {

using Grammar = grammar::Cd4mlParser;
using antlr4::ParserRuleContext;
using antlr4::tree::ParseTree;

class Builder {
 public:
  /// Adds to `tree`, whose tokens from `first_token` on are those of `file`.
  Builder(syntax::Tree& tree, FileIndex file, std::uint32_t first_token, const LexedFile& lexed, const std::set<const ParseTree*>& broken, std::string_view text,
          diag::Diagnostics& diagnostics);

  void file(Grammar::FileContext* context);

 private:
  // ---- declarations, each in its parse_*.cpp
  void declaration(ParserRuleContext* context);
  void brokenDeclaration(ParserRuleContext* context);
  void unsupported(ParserRuleContext* context, std::string construct);
  syntax::PipelineDecl pipelineDecl(Grammar::PipelineDeclContext* context);
  syntax::ParamDecl paramDecl(Grammar::ParamDeclContext* context);
  syntax::SourceDecl sourceDecl(Grammar::SourceDeclContext* context);
  syntax::FieldSyntax field(Grammar::FieldContext* context);
  syntax::TableDecl tableDecl(Grammar::TableDeclContext* context);
  syntax::TableVerb tableVerb(ParserRuleContext* context);
  syntax::JoinVerb joinVerb(Grammar::JoinVerbContext* context);
  syntax::JoinVerb asofVerb(Grammar::AsofVerbContext* context);
  std::vector<syntax::JoinKey> joinKeys(const std::vector<Grammar::JoinKeyContext*>& contexts);
  syntax::GroupVerb groupVerb(Grammar::GroupVerbContext* context);
  syntax::DedupeVerb dedupeVerb(Grammar::DedupeVerbContext* context);
  syntax::FeaturesDecl featuresDecl(Grammar::FeaturesDeclContext* context);
  syntax::FeaturesItem featuresItem(ParserRuleContext* context);
  syntax::SplitDecl splitDecl(Grammar::SplitDeclContext* context);
  syntax::ModelDecl modelDecl(Grammar::ModelDeclContext* context);
  syntax::ModelItem modelItem(ParserRuleContext* context);
  syntax::TuneItem tuneItem(Grammar::TuneItemContext* context);
  syntax::EvaluateDecl evaluateDecl(Grammar::EvaluateDeclContext* context);
  syntax::MetricItem metricItem(Grammar::EvaluateItemContext* context);
  syntax::GateDecl gateDecl(Grammar::GateDeclContext* context);
  syntax::RequireSyntax requireItem(Grammar::RequireItemContext* context);
  syntax::ExprId condition(Grammar::ConditionContext* context);
  syntax::ExprId sliceTerm(Grammar::SliceTermContext* context);
  std::vector<syntax::ActionSyntax> actions(Grammar::ActionsContext* context);
  syntax::DeployDecl deployDecl(Grammar::DeployDeclContext* context);
  syntax::DeployItem deployItem(ParserRuleContext* context);
  syntax::RolloutItem rolloutItem(Grammar::RolloutItemContext* context);
  syntax::NotifyDecl notifyDecl(Grammar::NotifyDeclContext* context);
  syntax::ImportDecl importDecl(Grammar::ImportDeclContext* context);
  syntax::ProfileDecl profileDecl(Grammar::ProfileDeclContext* context);
  syntax::SchemaDecl schemaDecl(Grammar::SchemaDeclContext* context);
  void sourceBlock(Grammar::SourceBlockContext* block, std::vector<syntax::FieldSyntax>& fields, std::vector<syntax::RequireSyntax>& rules);
  syntax::UnitDecl unitDecl(Grammar::UnitDeclContext* context);
  syntax::FnDecl fnDecl(Grammar::FnDeclContext* context);
  syntax::StageDecl stageDecl(Grammar::StageDeclContext* context);
  syntax::StageItem stageItem(ParserRuleContext* context);
  syntax::MonitorDecl monitorDecl(Grammar::MonitorDeclContext* context);
  syntax::MonitorItem monitorItem(ParserRuleContext* context);
  syntax::ClauseItem clauseItem(ParserRuleContext* context);
  syntax::TestDecl testDecl(Grammar::TestDeclContext* context);
  syntax::TestItem testItem(ParserRuleContext* context);

  // ---- expressions
  syntax::ExprId expr(Grammar::ExprContext* context);
  syntax::ExprId conditional(Grammar::ConditionalContext* context);
  syntax::ExprId boolean(Grammar::BooleanContext* context);
  syntax::ExprId negations(const std::vector<ParseTree*>& nots, syntax::ExprId operand);
  syntax::ExprId test(syntax::ExprId left, Grammar::TestContext* context);
  syntax::ExprId arith(Grammar::ArithContext* context);
  syntax::ExprId operand(Grammar::OperandContext* context);
  /// The operand without its leading `-`.
  syntax::ExprId unsignedOperand(Grammar::OperandContext* context);
  syntax::ExprId suffix(syntax::ExprId left, Grammar::SuffixContext* context);
  syntax::ExprId atom(Grammar::AtomContext* context);
  syntax::ExprId reference(Grammar::ReferenceContext* context);
  syntax::ExprId parenthesised(Grammar::ParenthesisedContext* context);
  syntax::ExprId list(Grammar::ListContext* context);
  syntax::ExprId braces(Grammar::BracesContext* context);
  syntax::ExprId matchExpr(Grammar::MatchExprContext* context);
  syntax::Window window(Grammar::WindowContext* context);
  syntax::ExprId amount(Grammar::AmountContext* context);
  syntax::ExprId nodeRef(Grammar::NodeRefContext* context);
  syntax::ExprId rangeSpec(Grammar::RangeSpecContext* context, bool& log);
  syntax::ExprId bound(Grammar::BoundContext* context);
  std::vector<syntax::Argument> arguments(Grammar::ArgsContext* context);
  syntax::Argument argument(Grammar::ArgContext* context);
  syntax::ExprId comparison(Grammar::ComparisonContext* op, syntax::ExprId left, syntax::ExprId right);
  syntax::ExprId member(syntax::ExprId left, ParserRuleContext* name, Grammar::ArgsContext* args);

  /// Adds an expression that covers the tokens from `first` to `last`; one that is too deep is reported, once, and lost.
  syntax::ExprId add(syntax::Expr expr, std::uint32_t first_token, std::uint32_t last_token);
  syntax::ExprId add(syntax::Expr expr, ParseTree* from, ParseTree* to);
  syntax::ExprId add(syntax::Expr expr, ParserRuleContext* context) { return add(std::move(expr), context, context); }
  syntax::ExprId binary(syntax::Operator op, syntax::ExprId left, syntax::ExprId right);
  syntax::ExprId combine(syntax::Expr expr);  ///< covers its operands
  [[nodiscard]] const syntax::Expr& at(syntax::ExprId id) const { return tree_.exprs[id.index]; }

  // ---- literals, decoded with exact errors
  syntax::ExprId literal(antlr4::Token* token);
  void decodeInteger(syntax::Expr& expr, std::string_view digits, Span span);
  void decodeFloat(syntax::Expr& expr, std::string_view digits, Span span);
  void decodeQuantity(syntax::Expr& expr, std::string_view written, Span span);
  void decodePercent(syntax::Expr& expr, std::string_view written, Span span);
  void decodeTime(syntax::Expr& expr, std::string_view written, Span span);
  [[nodiscard]] std::string decodeText(std::string_view written, Span span, bool raw);

  // ---- names, types, places
  syntax::Name name(ParserRuleContext* context);
  std::vector<syntax::Name> names(Grammar::NameListContext* context);
  /// `s.trip` as one name; its parts are joined by points.
  syntax::Name path(Grammar::NodeRefContext* context);
  /// A text among the children of `context`, decoded, with its place; empty without one.
  std::string textIn(ParserRuleContext* context, Span& place);
  syntax::Name role(antlr4::Token* token);
  syntax::TypeSyntax type(Grammar::TypeContext* context);
  void header(syntax::DeclHeader& header, ParserRuleContext* context, ParserRuleContext* name);
  /// The `##` lines directly above a token, joined by line breaks.
  std::string docAbove(antlr4::Token* token);
  void warnAboutStrayDocs();
  [[nodiscard]] bool isBroken(ParseTree* node) const { return broken_.count(node) != 0; }
  syntax::ErrorItem errorItem(ParserRuleContext* context);
  /// Keeps the words from token `first` up to `last` that stand where a name is declared.
  void loseNames(std::size_t first, std::size_t last);
  void loseTextBetween(Grammar::FileContext* context);
  [[nodiscard]] bool endsWithFile(ParserRuleContext* context) const;

  [[nodiscard]] antlr4::Token* firstOf(ParseTree* node) const;
  [[nodiscard]] antlr4::Token* lastOf(ParseTree* node) const;
  [[nodiscard]] Span span(antlr4::Token* token) const;
  [[nodiscard]] Span span(ParseTree* node) const;
  [[nodiscard]] syntax::TokenRange tokens(ParserRuleContext* context) const;
  [[nodiscard]] std::uint32_t treeToken(antlr4::Token* token) const;
  [[nodiscard]] std::string_view text(antlr4::Token* token) const;
  diag::Diagnostic& report(diag::Code code, Span place, std::string message);

  syntax::Tree& tree_;
  FileIndex file_;
  const LexedFile& lexed_;
  const std::set<const ParseTree*>& broken_;
  std::string_view text_;
  diag::Diagnostics& diagnostics_;
  std::vector<std::uint32_t> tree_index_;  ///< parser's token → tree's token
  std::vector<std::uint16_t> depths_;      ///< of each expression's tree
  std::vector<bool> documents_;            ///< `##` tokens that document something
  bool said_too_deep_ = false;
};

/// The children of `context` that come from rule `C`, in order; unlike ANTLR's accessors, one pass.
template <class C>
[[nodiscard]] std::vector<C*> childrenOf(ParserRuleContext* context) {
  std::vector<C*> found;
  if (context == nullptr) return found;
  for (ParseTree* child : context->children) {
    if (auto* c = dynamic_cast<C*>(child)) found.push_back(c);
  }
  return found;
}

/// The items of a block, each built by `build` from the rule inside it (or kept as an `ErrorItem` by the caller).
template <class Item>
[[nodiscard]] ParserRuleContext* insideOf(Item* item) {
  return dynamic_cast<ParserRuleContext*>(item->children.front());
}

/// The token of a leaf, nullptr for a rule.
[[nodiscard]] inline antlr4::Token* tokenOf(ParseTree* node) {
  auto* leaf = dynamic_cast<antlr4::tree::TerminalNode*>(node);
  return leaf == nullptr ? nullptr : leaf->getSymbol();
}

}  // namespace cd4ml::parse
