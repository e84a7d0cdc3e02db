/// FeatureIR: typed expressions over the columns of one row set.
///
/// A `Graph` is a list of values in topological order (arguments come before their users), append-only, hash-consed
/// by the optimiser. It is what is hashed and what is lowered: the interpreter (`runtime/features`), the JIT
/// (`compiler/codegen`) and the scorer (`runtime/score`) read this very structure. No names, no units, no text
/// positions take part in its identity; spans are carried for messages only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/span.h"
#include "compiler/ir/type.h"

namespace cd4ml::ir {

struct ValueId {
  std::uint32_t index = UINT32_MAX;
  [[nodiscard]] bool valid() const { return index != UINT32_MAX; }
  friend auto operator<=>(const ValueId&, const ValueId&) = default;
};

/// A compile-time constant. Null is std::monostate; Int, Date, Timestamp, Duration are int64; Text and Category text.
struct Literal {
  using List = std::vector<Literal>;
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List> value;
  friend bool operator==(const Literal&, const Literal&) = default;
};
[[nodiscard]] std::string literalText(const Literal& literal);

enum class Op : std::uint8_t {
  Input,      ///< column `slot` of the owner's input list
  Constant,   ///< `literal`
  Call,       ///< kernel `name` (a row of stdlib/kernels.def) on `args`, with literal `options` in the kernel's order
  Fit,        ///< scalar fitted statistic `name` (mean std median min max quantile mode count…) of args[0] over training
              ///< rows, the same value in every row; options as in stdlib/builtins.def
  Encode,     ///< encoder `name` (one_hot ordinal target_encode woe tfidf) of args[0]; those that use the target have it as args[1]
  Aggregate,  ///< aggregate `name` (count sum mean …) over a group or a whole row set; args[0] if it takes one
  Lookup,     ///< column `slot` of look-up snapshot `lookup` at the key values `args`; null where no key matches
};

struct Value {
  Op op = Op::Constant;
  Type type;
  Span span{};
  std::string name{};              ///< kernel, statistic, encoder or aggregate
  std::vector<ValueId> args{};
  std::vector<Literal> options{};  ///< all options, defaults written out, in the order of the builtin's row
  Literal literal{};
  std::uint32_t slot = 0;
  std::uint32_t lookup = 0;
};

struct Graph {
  std::vector<Value> values;

  [[nodiscard]] const Value& operator[](ValueId id) const { return values[id.index]; }
  ValueId add(Value value) {
    values.push_back(std::move(value));
    return {static_cast<std::uint32_t>(values.size() - 1)};
  }
};

/// One line a value: `%3 : float = call log1p_f(%1)`. `parseGraph` reads it back (spans are lost).
[[nodiscard]] std::string printGraph(const Graph& graph);
/// Arguments precede users, slots and kernels exist, types fit the kernels. Empty: all is well; else what is wrong.
[[nodiscard]] std::string verifyGraph(const Graph& graph, std::uint32_t input_count);

}  // namespace cd4ml::ir
