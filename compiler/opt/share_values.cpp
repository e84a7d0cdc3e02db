#include <bit>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "compiler/opt/passes.h"

namespace cd4ml::opt {

namespace {

/// Bit-exact text of a literal: unlike `literalText` it tells -0.0 from 0.0, one NaN is every NaN's.
void appendLiteral(const ir::Literal& literal, std::string& to) {
  struct Append {
    std::string& to;
    void operator()(std::monostate) const { to += 'n'; }
    void operator()(bool b) const { to += b ? 't' : 'f'; }
    void operator()(std::int64_t i) const { to += fmt::format("i{};", i); }
    void operator()(double d) const { to += fmt::format("d{:x};", d != d ? 0x7ff8000000000000U : std::bit_cast<std::uint64_t>(d)); }
    void operator()(const std::string& s) const { to += fmt::format("s{}:{}", s.size(), s); }
    void operator()(const ir::Literal::List& list) const {
      to += fmt::format("l{}[", list.size());
      for (const ir::Literal& each : list) appendLiteral(each, to);
    }
  };
  std::visit(Append{to}, literal.value);
}

/// Equal texts, equal values: everything that decides what a value is, its arguments by their new ids.
std::string identity(const ir::Value& value) {
  std::string text = fmt::format("{} {} {} {} {}:{} {} {} ", static_cast<int>(value.op), static_cast<int>(value.type.kind),
                                 value.type.nullable, value.type.width, value.name.size(), value.name, value.slot, value.lookup);
  for (const ir::ValueId arg : value.args) text += fmt::format("{},", arg.index);
  for (const ir::Literal& option : value.options) appendLiteral(option, text);
  text += '|';
  appendLiteral(value.literal, text);
  if (value.type.levels) {
    for (const std::string& level : *value.type.levels) text += fmt::format("{}:{}", level.size(), level);
  }
  return text;
}

/// Where each value went.
std::vector<ir::ValueId> shareIn(ir::Graph& graph) {
  ir::Graph shared;
  std::map<std::string, ir::ValueId> known;
  std::vector<ir::ValueId> moved;
  moved.reserve(graph.values.size());
  for (ir::Value& value : graph.values) {
    for (ir::ValueId& arg : value.args) arg = moved[arg.index];
    const auto [at, fresh] = known.try_emplace(identity(value));
    if (fresh) at->second = shared.add(std::move(value));
    moved.push_back(at->second);
  }
  graph = std::move(shared);
  return moved;
}

}  // namespace

void shareValues(ir::Pipeline& pipeline) {
  for (ir::Node& node : pipeline.nodes) {
    forEachWindow(node.body, [](ir::Window& window) {
      const std::vector<ir::ValueId> moved = shareIn(window.graph);
      if (window.argument.valid()) window.argument = moved[window.argument.index];
    });
    ir::Graph* graph = graphOf(node.body);
    if (graph == nullptr) continue;
    const std::vector<ir::ValueId> moved = shareIn(*graph);
    forEachRoot(node.body, [&](ir::ValueId& root) { root = moved[root.index]; });
  }
}

}  // namespace cd4ml::opt
