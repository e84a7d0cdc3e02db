#include "compiler/parse/blocks.h"
#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

namespace {

/// Some item of the declaration's block, or the block's end, is broken.
bool hasBrokenPart(const std::set<const ParseTree*>& broken, ParserRuleContext* context) {
  for (ParseTree* child : context->children) {
    auto* block = dynamic_cast<ParserRuleContext*>(child);
    if (block == nullptr || blockOf(block->getRuleIndex()) == nullptr) continue;
    if (broken.count(block) != 0) return true;
    for (ParseTree* item : block->children) {
      if (broken.count(item) != 0) return true;
    }
  }
  return false;
}

/// Whether a token of this type follows the name in the head of a declaration.
bool followsName(std::size_t rule, std::size_t type) {
  switch (rule) {
    case Grammar::RuleParamDecl: return type == Grammar::COLON;
    case Grammar::RuleTableDecl:
    case Grammar::RuleFeaturesDecl: return type == Grammar::K_FROM;
    case Grammar::RuleEvaluateDecl:
    case Grammar::RuleMonitorDecl:
    case Grammar::RuleDeployDecl: return type == Grammar::K_OF;
    case Grammar::RuleGateDecl: return type == Grammar::K_ON;
    case Grammar::RuleFnDecl: return type == Grammar::LPAREN;
    case Grammar::RuleProfileDecl:
    case Grammar::RuleSchemaDecl: return type == Grammar::LBRACE;
    case Grammar::RuleModelDecl: return type == Grammar::ASSIGN || type == Grammar::K_PER;
    default: return type == Grammar::ASSIGN;  // rules are numbers of the grammar
  }
}

}  // namespace

/// Its `}` is missing because the text ends: what seems to be missing in it was not written yet.
bool Builder::endsWithFile(ParserRuleContext* context) const {
  const std::size_t last = lastOf(context)->getTokenIndex();
  return !lexed_.tokens.empty() && last + 1 >= lexed_.tokens.size() && lexed_.tokens.back().synthetic;
}

void Builder::declaration(ParserRuleContext* context) {
  if (isBroken(context)) return brokenDeclaration(context);
  const auto keep = [&](auto decl) {
    decl.has_errors = hasBrokenPart(broken_, context) || endsWithFile(context);
    tree_.decls.push_back(std::move(decl));
  };
  switch (context->getRuleIndex()) {
    case Grammar::RulePipelineDecl: return keep(pipelineDecl(static_cast<Grammar::PipelineDeclContext*>(context)));
    case Grammar::RuleParamDecl: return keep(paramDecl(static_cast<Grammar::ParamDeclContext*>(context)));
    case Grammar::RuleSourceDecl: return keep(sourceDecl(static_cast<Grammar::SourceDeclContext*>(context)));
    case Grammar::RuleTableDecl: return keep(tableDecl(static_cast<Grammar::TableDeclContext*>(context)));
    case Grammar::RuleFeaturesDecl: return keep(featuresDecl(static_cast<Grammar::FeaturesDeclContext*>(context)));
    case Grammar::RuleSplitDecl: return keep(splitDecl(static_cast<Grammar::SplitDeclContext*>(context)));
    case Grammar::RuleModelDecl: return keep(modelDecl(static_cast<Grammar::ModelDeclContext*>(context)));
    case Grammar::RuleEvaluateDecl: return keep(evaluateDecl(static_cast<Grammar::EvaluateDeclContext*>(context)));
    case Grammar::RuleGateDecl: return keep(gateDecl(static_cast<Grammar::GateDeclContext*>(context)));
    case Grammar::RuleDeployDecl: return keep(deployDecl(static_cast<Grammar::DeployDeclContext*>(context)));
    case Grammar::RuleNotifyDecl: return keep(notifyDecl(static_cast<Grammar::NotifyDeclContext*>(context)));
    case Grammar::RuleImportDecl: return keep(importDecl(static_cast<Grammar::ImportDeclContext*>(context)));
    case Grammar::RuleProfileDecl: return keep(profileDecl(static_cast<Grammar::ProfileDeclContext*>(context)));
    case Grammar::RuleSchemaDecl: return keep(schemaDecl(static_cast<Grammar::SchemaDeclContext*>(context)));
    case Grammar::RuleUnitDecl: return keep(unitDecl(static_cast<Grammar::UnitDeclContext*>(context)));
    case Grammar::RuleFnDecl: return keep(fnDecl(static_cast<Grammar::FnDeclContext*>(context)));
    case Grammar::RuleStageDecl: return keep(stageDecl(static_cast<Grammar::StageDeclContext*>(context)));
    case Grammar::RuleMonitorDecl: return keep(monitorDecl(static_cast<Grammar::MonitorDeclContext*>(context)));
    case Grammar::RuleTestDecl: return keep(testDecl(static_cast<Grammar::TestDeclContext*>(context)));
    default: return unsupported(context, std::string(text(context->getStart())));  // rules are numbers of the grammar
  }
}

void Builder::unsupported(ParserRuleContext* context, std::string construct) {
  UnsupportedDecl out;
  const auto found = childrenOf<Grammar::NameContext>(context);
  header(out, context, found.empty() ? nullptr : found.front());
  out.construct = std::move(construct);
  // What stands in its block is not looked at, so its `##` comments are not judged either.
  for (std::size_t i = context->getStart()->getTokenIndex(); i < lexed_.tokens.size() && i <= lastOf(context)->getTokenIndex(); ++i)
    documents_[i] = true;
  tree_.decls.emplace_back(std::move(out));
}

void Builder::brokenDeclaration(ParserRuleContext* context) {
  unsupported(context, "");
  auto& out = std::get<UnsupportedDecl>(tree_.decls.back());
  out.has_errors = true;
  out.keyword = std::string(text(context->getStart()));
  const std::size_t begin = context->getStart()->getTokenIndex();
  loseNames(begin + 1, lastOf(context)->getTokenIndex());
  if (out.keyword == "split") return;  // its names are those of features
  // The name, if it stands where it belongs.
  const auto first = lexed_.tokens.begin() + static_cast<std::ptrdiff_t>(context->getStart()->getTokenIndex());
  auto second = first + 1;
  while (second < lexed_.tokens.end() && second->hidden) ++second;
  if (second >= lexed_.tokens.end() || !isWord(second->type)) return;
  const Span place{file_, second->begin, second->end};
  out.name = {.text = std::string(text_.substr(place.begin, place.end - place.begin)), .span = place};
  if (out.name.text.size() > 2 && out.name.text.front() == '`') {
    out.name.quoted = true;
    out.name.text = out.name.text.substr(1, out.name.text.size() - 2);
  }
  auto third = second + 1;
  while (third < lexed_.tokens.end() && third->hidden) ++third;
  out.name_is_sure = third < lexed_.tokens.end() && followsName(context->getRuleIndex(), third->type);
}

}  // namespace cd4ml::parse
