// Sources: what reads a column of the files, and its checks.
#include <fmt/format.h>

#include "compiler/plan/define.h"
#include "compiler/plan/expression_text.h"

namespace cd4ml::plan {

namespace {

std::string checkText(const ir::Node& node, const ir::Source& source, const ir::FieldCheck& check) {
  const auto name = [&](std::uint32_t slot) { return node.columns[slot].name; };
  return fmt::format("{}{} for {}", check.warning ? "warn " : "", expressionText(source.graph, check.condition, name), check.share);
}

}  // namespace

std::vector<KeyPart> describeSource(const ir::Node& node, ir::SlotRef slot) {
  const auto& source = std::get<ir::Source>(node.body);
  std::vector<KeyPart> parts;
  const auto name = [&](std::uint32_t column) { return node.columns[column].name; };
  if (slot.slot >= node.columns.size()) {
    for (std::size_t i = 0; i < source.checks.size(); ++i) {
      const std::string text = checkText(node, source, source.checks[i]);
      parts.push_back({.name = fmt::format("check {}", i + 1), .value = text, .shown = text});
    }
    for (const ir::RequireOp& check : source.row_checks) {
      const std::string text = fmt::format("{} {}", check.warning ? "warn" : "require", expressionText(source.graph, check.condition, name));
      parts.push_back({.name = fmt::format("check {}", parts.size() + 1), .value = text, .shown = text});
    }
    return parts;
  }
  const ir::Column& column = node.columns[slot.slot];
  const std::string type = ir::typeText({.kind = column.type.kind, .nullable = column.type.nullable, .levels = column.type.levels});
  parts.push_back({.name = "setting reader", .value = source.reader, .shown = source.reader});
  parts.push_back({.name = "setting field", .value = column.name, .shown = column.name});
  parts.push_back({.name = "setting type", .value = type, .shown = type});
  for (const ir::Option& option : source.options) parts.push_back(optionPart(option));
  return parts;
}

}  // namespace cd4ml::plan
