#include "compiler/parse/blocks.h"

#include <algorithm>

#include <Cd4mlParser.h>
#include <fmt/format.h>

namespace cd4ml::parse {

namespace {

using P = grammar::Cd4mlParser;

const std::vector<Block>& blocks() {
  static const std::vector<Block> rows = {
      {.rule = P::RuleSourceBlock, .owner = "source", .words = {P::K_REQUIRE, P::K_WARN}, .names = true, .marker = P::COLON,
       .item = "a field `name: type`"},
      {.rule = P::RuleTableBlock, .owner = "table",
       .words = {P::K_FILTER, P::K_DERIVE, P::K_SELECT, P::K_DROP, P::K_RENAME, P::K_JOIN, P::K_ASOF, P::K_GROUP, P::K_DEDUPE,
                 P::K_SAMPLE, P::K_UNION, P::K_FILL, P::K_REQUIRE, P::K_WARN},
       .item = {}},
      {.rule = P::RuleGroupBlock, .owner = "group by", .words = {}, .names = true, .marker = P::ASSIGN,
       .item = "`name = aggregate`"},
      {.rule = P::RuleFeaturesBlock, .owner = "features", .words = {P::K_TARGET, P::K_WEIGHT, P::K_USE}, .names = true,
       .marker = P::ASSIGN, .item = "a feature `name = expression`"},
      {.rule = P::RuleSplitBlock, .owner = "split", .words = {}, .names = true, .item = "a part with its share `train 70%`"},
      {.rule = P::RuleModelBlock, .owner = "model", .words = {P::K_TUNE, P::K_THRESHOLD, P::K_MIN, P::K_FALLBACK}, .item = {}},
      {.rule = P::RuleTuneBlock, .owner = "tune", .words = {}, .names = true, .marker = P::K_IN, .item = "`option in range`"},
      {.rule = P::RuleEvaluateBlock, .owner = "evaluate", .words = {}, .names = true,
       .item = "a metric, or `name = aggregate`"},
      {.rule = P::RuleGateBlock, .owner = "gate", .words = {P::K_REQUIRE, P::K_WARN, P::K_OTHERWISE}, .item = {}},
      {.rule = P::RuleDeployBlock, .owner = "deploy",
       .words = {P::K_ROLLOUT, P::K_GUARD, P::K_SETTLE, P::K_KEEP, P::K_APPROVAL, P::K_AFTER, P::K_OUTPUT, P::K_CAPTURE,
                 P::K_WHEN},
       .item = {}},
      {.rule = P::RuleProfileBlock, .owner = "profile", .words = {}, .names = true, .item = "`name = value`"},
      {.rule = P::RuleStageBlock, .owner = "stage",
       .words = {P::K_INPUT, P::K_OUTPUT, P::K_TIMEOUT, P::K_RETRIES, P::K_ENV}, .item = {}},
      {.rule = P::RuleMonitorBlock, .owner = "monitor",
       .words = {P::K_WINDOW, P::K_BASELINE, P::K_DRIFT, P::K_QUALITY, P::K_ESTIMATE, P::K_MISSING, P::K_VOLUME, P::K_FRESHNESS,
                 P::K_SCHEMA, P::K_REQUIRE, P::K_WARN, P::K_LABELS, P::K_COOLDOWN, P::K_BUDGET, P::K_EVERY, P::K_WHEN},
       .item = {}},
      {.rule = P::RuleTestBlock, .owner = "test", .words = {P::K_GIVEN, P::K_EXPECT}, .item = {}},
  };
  return rows;
}

}  // namespace

const Block* blockOf(std::size_t rule) {
  const auto& rows = blocks();
  const auto row = std::find_if(rows.begin(), rows.end(), [rule](const Block& b) { return b.rule == rule; });
  return row == rows.end() ? nullptr : &*row;
}

std::string wordOf(std::size_t type) {
  static const P parser(nullptr);
  std::string literal = parser.getVocabulary().getLiteralName(type);
  if (literal.size() >= 2) literal = literal.substr(1, literal.size() - 2);
  return literal;
}

std::string itemsOf(const Block& block) {
  std::string text = fmt::format("an item of `{}`: ", block.owner);
  for (const std::size_t word : block.words) text += fmt::format("{}, ", wordOf(word));
  if (!block.item.empty()) return text + std::string(block.item);
  text.resize(text.size() - 2);
  return text;
}

std::string tokenInWords(std::size_t type) {
  switch (type) {
    case antlr4::Token::EOF: return "the end of the file";
    case P::ID:
    case P::QUOTED: return "a name";
    case P::INT: return "a whole number";
    case P::FLOAT: return "a number";
    case P::PERCENT: return "a percent";
    case P::QUANTITY: return "a quantity";
    case P::TEXT:
    case P::RAW_TEXT: return "a text";
    case P::TIME: return "a date";
    case P::ROLE: return "a role";
    default: return fmt::format("`{}`", wordOf(type));
  }
}

}  // namespace cd4ml::parse
