#include "compiler/ir/parse_graph.h"

#include <map>

#include <fmt/format.h>

#include "compiler/ir/text.h"

namespace cd4ml::ir {
namespace {

void readArguments(TextReader& reader, Value& value) {
  reader.expect("(");
  while (reader.ok() && !reader.accept(")")) {
    if (!value.args.empty()) reader.expect(",");
    value.args.push_back(reader.valueId());
  }
  if (reader.atEnd()) return;
  Literal options = reader.literal();
  if (auto* list = std::get_if<Literal::List>(&options.value)) {
    value.options = std::move(*list);
  } else {
    reader.fail("a list of options is missing");
  }
}

void readBody(TextReader& reader, Value& value) {
  static const std::map<std::string_view, Op> ops = {
      {"input", Op::Input}, {"constant", Op::Constant},   {"call", Op::Call},    {"fit", Op::Fit},
      {"encode", Op::Encode}, {"aggregate", Op::Aggregate}, {"lookup", Op::Lookup}};
  const auto found = ops.find(reader.peekWord());
  if (found == ops.end()) return reader.fail("`input`, `constant`, `call`, `fit`, `encode`, `aggregate` or `lookup` is missing");
  value.op = found->second;
  (void)reader.word();
  switch (value.op) {
    case Op::Input:
      value.slot = reader.index();
      return;
    case Op::Constant:
      value.literal = reader.literal();
      return;
    case Op::Call:
    case Op::Fit:
    case Op::Encode:
    case Op::Aggregate:
      value.name = reader.word();
      return readArguments(reader, value);
    case Op::Lookup:
      value.lookup = reader.index();
      value.slot = reader.index();
      return readArguments(reader, value);
  }
}

}  // namespace

void readValue(TextReader& reader, Graph& graph) {
  if (reader.valueId().index != graph.values.size()) reader.fail("values are not numbered in order");
  reader.expect(":");
  Value value;
  value.type = reader.type();
  reader.expect("=");
  readBody(reader, value);
  if (reader.ok() && !reader.atEnd()) reader.fail("the line should end");
  graph.add(std::move(value));
}

Result<Graph> parseGraph(std::string_view text) {
  Graph graph;
  CD4ML_TRY_VOID(readLines(text, "graph", [&](TextReader& reader) { readValue(reader, graph); }));
  return graph;
}

}  // namespace cd4ml::ir
