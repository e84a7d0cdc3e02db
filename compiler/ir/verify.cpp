#include <fmt/format.h>

#include "compiler/ir/kernel_table.h"
#include "compiler/ir/value.h"

namespace cd4ml::ir {
namespace {

/// One place in a kernel's list of arguments.
struct Letter {
  char letter;
  bool repeated;
};

std::vector<Letter> lettersOf(std::string_view arguments) {
  std::vector<Letter> letters;
  for (const char c : arguments) {
    if (c == '*') {
      letters.back().repeated = true;
    } else {
      letters.push_back({c, false});
    }
  }
  return letters;
}

bool kindFits(char letter, const Value& value) {
  switch (value.type.kind) {
    case Kind::Error: return false;
    case Kind::Null: return true;
    case Kind::Float: return letter == 'f';
    case Kind::Int:
    case Kind::Date:
    case Kind::Timestamp:
    case Kind::Duration: return letter == 'i';
    case Kind::Bool: return letter == 'b';
    case Kind::Category: return letter == 'c';
    case Kind::Text: return letter == 't' || (letter == 'c' && value.op == Op::Constant);
    case Kind::Vector: return letter == 'v';
  }
  return false;
}

/// Empty: the arguments and options fit the row.
std::string wrongArguments(const Graph& graph, const Value& value, const KernelRow& row) {
  std::size_t next_argument = 0;
  std::size_t next_option = 0;
  for (const Letter letter : lettersOf(row.arguments)) {
    std::size_t taken = 0;
    if (letter.letter == 's') {
      while (next_option < value.options.size() && (taken == 0 || letter.repeated)) ++next_option, ++taken;
    } else {
      while (next_argument < value.args.size() && (taken == 0 || letter.repeated)) {
        if (!kindFits(letter.letter, graph[value.args[next_argument]])) {
          if (taken > 0) break;
          return fmt::format("argument {} of `{}` has type {}, the kernel takes `{}`", next_argument, row.name,
                             typeText(graph[value.args[next_argument]].type), letter.letter);
        }
        ++next_argument, ++taken;
      }
    }
    if (taken == 0) return fmt::format("`{}` lacks an argument (`{}`)", row.name, letter.letter);
  }
  if (next_argument != value.args.size() || next_option != value.options.size()) {
    return fmt::format("`{}` has arguments that the kernel does not take (\"{}\")", row.name, row.arguments);
  }
  return {};
}

std::string wrongCall(const Graph& graph, const Value& value) {
  const KernelRow* row = findKernel(value.name);
  if (row == nullptr) return fmt::format("there is no kernel `{}`", value.name);
  if (std::string wrong = wrongArguments(graph, value, *row); !wrong.empty()) return wrong;
  if (!kindFits(row->result, Value{.type = value.type})) {
    return fmt::format("`{}` gives `{}`, its value has type {}", row->name, row->result, typeText(value.type));
  }
  return {};
}

std::string wrongValue(const Graph& graph, std::uint32_t index, std::uint32_t input_count) {
  const Value& value = graph.values[index];
  if (value.type.isError()) return "its type is an error";
  for (const ValueId argument : value.args) {
    if (argument.index >= index) return fmt::format("argument %{} does not precede it", argument.index);
  }
  switch (value.op) {
    case Op::Input:
      if (value.slot >= input_count) return fmt::format("there is no input {}", value.slot);
      return {};
    case Op::Constant:
      return {};
    case Op::Call:
      return wrongCall(graph, value);
    case Op::Fit:
    case Op::Encode:
    case Op::Aggregate:
      return value.name.empty() ? "it has no name" : std::string{};
    case Op::Lookup:
      return value.args.empty() ? "a look-up needs a key" : std::string{};
  }
  return {};
}

}  // namespace

std::string verifyGraph(const Graph& graph, std::uint32_t input_count) {
  for (std::uint32_t i = 0; i < graph.values.size(); ++i) {
    if (std::string wrong = wrongValue(graph, i, input_count); !wrong.empty()) return fmt::format("%{}: {}", i, wrong);
  }
  return {};
}

}  // namespace cd4ml::ir
