#include "compiler/opt/value_digest.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/internal_check.h"
#include "compiler/ir/kernel_table.h"
#include "compiler/opt/nf1.h"
#include "compiler/opt/versions.h"

namespace cd4ml::opt {

namespace {

bool mayFail(const ir::Graph& graph, ir::ValueId root) {
  const std::vector<ir::ValueId> needed = valuesNeeded(graph, {root});
  return std::any_of(needed.begin(), needed.end(), [&](ir::ValueId id) {
    const ir::Value& value = graph[id];
    if (value.op != ir::Op::Call) return value.op == ir::Op::Aggregate;
    const ir::KernelRow* row = ir::findKernel(value.name);
    return row == nullptr || row->fails;
  });
}

Tag tagOf(ir::Op op) {
  switch (op) {
    case ir::Op::Input: return Tag::Input;
    case ir::Op::Constant: return Tag::Constant;
    case ir::Op::Call: return Tag::Call;
    case ir::Op::Fit: return Tag::Fit;
    case ir::Op::Encode: return Tag::Encode;
    case ir::Op::Aggregate: return Tag::Aggregate;
    case ir::Op::Lookup: return Tag::Lookup;
  }
  CD4ML_UNREACHABLE("op");
}

std::string_view versionOf(const ir::Value& value) {
  switch (value.op) {
    case ir::Op::Call: return versionOf(Versioned::Call, value.name);
    case ir::Op::Fit: return versionOf(Versioned::Fit, value.name);
    case ir::Op::Encode: return versionOf(Versioned::Encode, value.name);
    case ir::Op::Aggregate: return versionOf(Versioned::Aggregate, value.name);
    case ir::Op::Input:
    case ir::Op::Constant:
    case ir::Op::Lookup: return "1";
  }
  CD4ML_UNREACHABLE("op");
}

void encodeArguments(Hasher& hasher, const std::vector<Digest>& arguments) {
  hasher.u64(arguments.size());
  for (const Digest& argument : arguments) hasher.digest(argument);
}

Digest literalDigest(const ir::Literal& literal) {
  Hasher hasher = begin(Tag::Constant);
  encode(hasher, literal);
  return hasher.finish();
}

/// Options as they are hashed: the list of a membership test is a set.
std::vector<ir::Literal> canonicalOptions(const ir::Value& value) {
  std::vector<ir::Literal> options = value.options;
  if (value.op != ir::Op::Call || !value.name.starts_with("in_set_") || options.empty()) return options;
  auto* list = std::get_if<ir::Literal::List>(&options[0].value);
  if (list == nullptr) return options;
  std::sort(list->begin(), list->end(), [](const ir::Literal& a, const ir::Literal& b) { return literalDigest(a) < literalDigest(b); });
  list->erase(std::unique(list->begin(), list->end()), list->end());
  return options;
}

}  // namespace

bool isCommutative(const ir::Graph& graph, const ir::Value& call) {
  // min and max of floats are not among them: which zero they give may depend on the order.
  constexpr std::array<std::string_view, 15> always = {"add_ii", "mul_ii", "min_ii", "max_ii", "add_ff", "mul_ff", "eq_ff", "eq_ii",
                                                       "eq_cc",  "eq_bb",  "eq_tt",  "ne_ff",  "ne_ii",  "ne_cc",  "ne_bb"};
  if (call.op != ir::Op::Call || call.args.size() != 2) return false;
  if (std::find(always.begin(), always.end(), call.name) != always.end() || call.name == "ne_tt") return true;
  // A side that decides masks the errors of the other, so with errors the order could be seen.
  if (call.name != "and_bb" && call.name != "or_bb") return false;
  return !mayFail(graph, call.args[0]) && !mayFail(graph, call.args[1]);
}

ValueDigests::ValueDigests(const ir::Graph& graph, Input input, Lookup lookup)
    : graph_(graph), input_(std::move(input)), lookup_(std::move(lookup)), known_(graph.values.size()) {}

Digest ValueDigests::of(ir::ValueId value) {
  // In the order of the graph rather than by recursion: expressions may be deep.
  if (known_[value.index].has_value()) return *known_[value.index];
  for (const ir::ValueId needed : valuesNeeded(graph_, {value})) {
    if (!known_[needed.index].has_value()) known_[needed.index] = compute(graph_[needed]);
  }
  return *known_[value.index];
}

Digest ValueDigests::compute(const ir::Value& value) {
  Hasher hasher = begin(tagOf(value.op));
  std::vector<Digest> arguments;
  for (const ir::ValueId argument : value.args) arguments.push_back(*known_[argument.index]);
  switch (value.op) {
    case ir::Op::Input:
      return hasher.digest(input_(value.slot)).finish();
    case ir::Op::Constant:
      encode(hasher, value.type);
      encode(hasher, value.literal);
      return hasher.finish();
    case ir::Op::Lookup:
      CD4ML_CHECK(lookup_ != nullptr);
      hasher.digest(lookup_(value.lookup, value.slot));
      encodeArguments(hasher, arguments);
      return hasher.finish();
    case ir::Op::Call:
      if (isCommutative(graph_, value)) std::sort(arguments.begin(), arguments.end());
      break;
    case ir::Op::Fit:
    case ir::Op::Encode:
    case ir::Op::Aggregate:
      break;
  }
  hasher.string(value.name).string(versionOf(value));
  encode(hasher, value.type);
  encodeArguments(hasher, arguments);
  const std::vector<ir::Literal> options = canonicalOptions(value);
  hasher.u64(options.size());
  for (const ir::Literal& option : options) encode(hasher, option);
  return hasher.finish();
}

std::vector<ir::ValueId> valuesNeeded(const ir::Graph& graph, const std::vector<ir::ValueId>& roots) {
  std::vector<bool> needed(graph.values.size());
  for (const ir::ValueId root : roots) needed[root.index] = true;
  for (std::size_t i = graph.values.size(); i-- > 0;) {
    if (!needed[i]) continue;
    for (const ir::ValueId argument : graph.values[i].args) needed[argument.index] = true;
  }
  std::vector<ir::ValueId> out;
  for (std::uint32_t i = 0; i < needed.size(); ++i) {
    if (needed[i]) out.push_back({i});
  }
  return out;
}

}  // namespace cd4ml::opt
