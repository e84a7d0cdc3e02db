// As-of joins: the latest right row that is known at the row's time.
#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "compiler/check/join_sides.h"

namespace cd4ml::check {
namespace {

using diag::Code;

class AsOfChecker {
 public:
  AsOfChecker(TableState& state, const syntax::JoinVerb& verb) : state_(state), verb_(verb), sides_(state, verb) {}

  void check() {
    op_.within_us = duration(verb_.within, "within");
    op_.ahead_us = duration(verb_.ahead, "ahead").value_or(0);
    const ScopeColumn* left_time = timeOf(state_.visible);
    const ScopeColumn* right_time = timeOf(sides_.scope);
    const ScopeColumn* available = sides_.rightOf(ir::Role::Available);
    sides_.checkKeys();
    Taint left = sides_.left_taint;
    Taint right = sides_.right_taint;
    if (left_time != nullptr) mergeTaint(left, left_time->taint);
    if (right_time != nullptr) mergeTaint(right, right_time->taint);
    if (available != nullptr) mergeTaint(right, available->taint);
    const bool complete = left_time != nullptr && right_time != nullptr;
    if (complete) {
      op_.left_time = left_time->slot;
      op_.right_time = right_time->slot;
      if (available != nullptr) op_.right_available = available->slot;
      op_.known_after = delayOf(sides_.scope);
    }
    sides_.addColumns(JoinSides::Nulls::Possible, [&](const ScopeColumn& column) { return taintOf(column, left, right); });
    if (complete) emit();
  }

 private:
  std::optional<std::int64_t> duration(syntax::ExprId expr, std::string_view clause) {
    if (!expr.valid()) return std::nullopt;
    constexpr std::int64_t longest = std::int64_t{1} << 60;
    const std::optional<std::int64_t> us = state_.context.expressions.constantDuration(expr);
    if (!us || (*us > 0 && *us <= longest)) return us;
    state_.context.report(Code::OutOfRange, state_.context.span(expr), fmt::format("`{}` takes a positive duration", clause));
    return std::nullopt;
  }

  /// The column of `@time`; null: there is none (reported), or nothing is known of it.
  const ScopeColumn* timeOf(const Scope& side) {
    const ScopeColumn* time = columnOfRole(side, ir::Role::Time);
    if (time != nullptr) return time->type.isError() ? nullptr : time;
    if (side.isUnsure()) return nullptr;
    diag::Diagnostic& diagnostic = state_.context.report(Code::AsOfNeedsTime, verb_.span, fmt::format("an as-of join needs a `@time` column on both sides, `{}` has none", side.owner));
    diagnostic.help.emplace_back("mark the column where it is declared: `at: timestamp @time`");
    diagnostic.cause = "time of " + side.owner;
    return nullptr;
  }

  /// Values of rows at least `ahead` before; what chooses them makes no label of its columns.
  Taint taintOf(const ScopeColumn& column, const Taint& left, const Taint& right) const {
    Taint taint = column.taint;
    mergeTaint(taint, sides_.scope.row_taint);
    mergeTaint(taint, taintOfRows(right));
    taint = taintOfEarlier(std::move(taint), op_.ahead_us);
    mergeTaint(taint, taintOfRows(left));
    return taintThrough(taint, verb_.prefix ? verb_.prefix->text + "_" + column.name : column.name, verb_.span);
  }

  void emit() {
    op_.right = sides_.right;
    op_.left_keys = sides_.left_keys;
    op_.right_keys = sides_.right_keys;
    op_.right_columns = sides_.right_columns;
    op_.results = sides_.results;
    op_.span = verb_.span;
    op_.strictly_before = op_.ahead_us == 0 && sharesSource();
    state_.table.ops.emplace_back(std::move(op_));
  }

  /// Both sides' rows come from one source: then a row could find itself.
  [[nodiscard]] bool sharesSource() const {
    std::set<ir::NodeId> left;
    addSources(state_.table.from, left);
    for (const ir::TableOp& op : state_.table.ops) {
      if (const auto* more = std::get_if<ir::UnionOp>(&op)) addSources(more->right, left);
    }
    std::set<ir::NodeId> right;
    addSources(sides_.right, right);
    return std::ranges::any_of(left, [&](ir::NodeId node) { return right.contains(node); });
  }

  /// The sources whose rows those of a node are, go into or were made from.
  void addSources(ir::NodeId id, std::set<ir::NodeId>& sources) const {
    std::vector<ir::NodeId> open{id};
    std::set<ir::NodeId> seen;
    while (!open.empty()) {
      const ir::NodeId node = open.back();
      open.pop_back();
      if (!node.valid() || !seen.insert(node).second) continue;
      const ir::NodeBody& body = state_.context.pipeline[node].body;
      if (const auto* table = std::get_if<ir::Table>(&body)) {
        open.push_back(table->from);
        for (const ir::TableOp& op : table->ops) {
          if (const auto* more = std::get_if<ir::UnionOp>(&op)) open.push_back(more->right);
        }
      } else if (const auto* features = std::get_if<ir::Features>(&body)) {
        open.push_back(features->from);
      } else if (const auto* stage = std::get_if<ir::Stage>(&body)) {
        for (const ir::Stage::Input& input : stage->inputs) open.push_back(input.node);
      } else if (const auto* source = std::get_if<ir::Source>(&body)) {
        sources.insert(node);
        open.push_back(source->stage);
      }
    }
  }

  TableState& state_;
  const syntax::JoinVerb& verb_;
  JoinSides sides_;
  ir::AsOfOp op_;
};

}  // namespace

void checkAsOf(TableState& state, const syntax::JoinVerb& verb) { AsOfChecker(state, verb).check(); }

}  // namespace cd4ml::check
