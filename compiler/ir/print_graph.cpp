#include <fmt/format.h>

#include "compiler/ir/value.h"

namespace cd4ml::ir {
namespace {

std::string argumentsText(const Value& value) {
  std::string text = "(";
  for (std::size_t i = 0; i < value.args.size(); ++i) text += fmt::format("{}%{}", i > 0 ? ", " : "", value.args[i].index);
  text += ')';
  if (!value.options.empty()) text += " " + literalText(Literal{value.options});
  return text;
}

std::string bodyText(const Value& value) {
  switch (value.op) {
    case Op::Input: return fmt::format("input {}", value.slot);
    case Op::Constant: return "constant " + literalText(value.literal);
    case Op::Call: return "call " + value.name + argumentsText(value);
    case Op::Fit: return "fit " + value.name + argumentsText(value);
    case Op::Encode: return "encode " + value.name + argumentsText(value);
    case Op::Aggregate: return "aggregate " + value.name + argumentsText(value);
    case Op::Lookup: return fmt::format("lookup {} {}", value.lookup, value.slot) + argumentsText(value);
  }
  return {};
}

}  // namespace

std::string printGraph(const Graph& graph) {
  std::string text;
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    text += fmt::format("%{} : {} = {}\n", i, typeText(graph.values[i].type), bodyText(graph.values[i]));
  }
  return text;
}

}  // namespace cd4ml::ir
