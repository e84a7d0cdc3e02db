/// When a row is known, told from its times: a time column proves that the row is known so long after the value that stands
/// there. A row as it was read is known at its `@time` (or at its `@available`), a truncation of that time is known one step
/// later, a group at the latest of its rows.
///
/// Only what is proved is kept: a column about which nothing is known has no `KnownAfter`.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/ir/pipeline.h"

namespace cd4ml::check {

struct Scope;
struct ScopeColumn;

struct KnownAfter {
  ir::Period after{};  ///< the row is known at the latest at `(value + us) + months`
  ir::Period grid{};   ///< the values are starts of such periods, as `trunc` makes them; zero: they need not be
  friend bool operator==(const KnownAfter&, const KnownAfter&) = default;
};

/// Of rows as a source gives them: known at `@available`, else at `@time`, else no one says and each time may be meant.
[[nodiscard]] std::vector<std::optional<KnownAfter>> knownOfSource(std::span<const ir::Column> columns);
/// What a value over the columns of `scope`, or an aggregate over groups of its rows, proves.
[[nodiscard]] std::optional<KnownAfter> knownAfter(const ir::Graph& graph, ir::ValueId value, const Scope& scope);
/// What the column of `union` proves of rows of both sides.
[[nodiscard]] std::optional<KnownAfter> knownOnBoth(const std::optional<KnownAfter>& a, const std::optional<KnownAfter>& b);
/// The user says that rows are known at the values of `column`: what the other columns prove is of no use any more.
void sayKnownAt(Scope& scope, ScopeColumn& column);

/// How long after its `@time` a row is known; zero where a column `@available` says when.
[[nodiscard]] ir::Period delayOf(const Scope& scope);
/// Rows of `right` of the key `right_key` are known as early as the row of `left` itself whose key is `left_key`.
[[nodiscard]] bool isKnownTogether(const Scope& left, const ScopeColumn& left_key, const ScopeColumn& right_key);
/// "1d", "1mo", "1d and 1mo".
[[nodiscard]] std::string periodText(const ir::Period& period);

}  // namespace cd4ml::check
