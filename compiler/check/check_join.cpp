#include <fmt/format.h>

#include "compiler/check/table_state.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;

constexpr auto role_pii = static_cast<std::uint8_t>(ir::Role::Pii);

class JoinChecker {
 public:
  JoinChecker(TableState& state, const syntax::JoinVerb& verb) : state_(state), verb_(verb) {}

  void check() {
    Context& context = state_.context;
    if (verb_.kind == syntax::JoinVerb::Kind::AsOf) {
      context.notSupported(verb_.span, "`asof`");
      state_.visible.open_schema = true;
      return;
    }
    if (context.isPart(verb_.node)) {
      context.notSupported(context.span(verb_.node), "a join with a part of a node");
    }
    op_.kind = kindOf(verb_.kind);
    op_.span = verb_.span;
    op_.right = context.find(verb_.node, Construct::Source | Construct::Table);
    right_ = scopeOf(context, op_.right, Place::Row);
    for (const syntax::JoinKey& key : verb_.keys) checkKey(key);
    addColumns();
    state_.visible.open_schema = state_.visible.open_schema || right_.open_schema;
    if (op_.kind == ir::JoinOp::Kind::Inner) {
      mergeTaint(state_.visible.row_taint, taintOfRows(key_taint_));
      mergeTaint(state_.visible.row_taint, right_.row_taint);
    }
    state_.table.ops.emplace_back(op_);
    if (op_.kind != ir::JoinOp::Kind::LookUp) state_.startRows();
  }

 private:
  static ir::JoinOp::Kind kindOf(syntax::JoinVerb::Kind kind) {
    switch (kind) {
      case syntax::JoinVerb::Kind::LookUp:
      case syntax::JoinVerb::Kind::AsOf: return ir::JoinOp::Kind::LookUp;
      case syntax::JoinVerb::Kind::Inner: return ir::JoinOp::Kind::Inner;
      case syntax::JoinVerb::Kind::Many: return ir::JoinOp::Kind::Many;
    }
    return ir::JoinOp::Kind::LookUp;
  }

  void checkKey(const syntax::JoinKey& key) {
    const ScopeColumn* left = state_.require(key.left);
    const ScopeColumn* right = right_.find(key.right.text);
    if (right == nullptr) reportUnknownColumn(state_.context, key.right, right_);
    if (left == nullptr || right == nullptr) return;
    mergeTaint(key_taint_, left->taint);
    op_.left_keys.push_back(left->slot);
    op_.right_keys.push_back(right->slot);
    const ir::Type& a = left->type;
    const ir::Type& b = right->type;
    if (a.isError() || b.isError() || (a.kind == b.kind && a.unit == b.unit)) return;
    diag::Diagnostic& diagnostic =
        state_.context.report(Code::JoinKeyTypes, key.left.span,
                              fmt::format("the keys of a join have one type, `{}` is {} and `{}` is {}", key.left.text,
                                          ir::typeText(a), key.right.text, ir::typeText(b)));
    diagnostic.labels.push_back({left->span, fmt::format("`{}` is declared here", key.left.text)});
    diagnostic.labels.push_back({right->span, fmt::format("`{}` is declared here", key.right.text)});
    diagnostic.help.emplace_back("derive a column of the other's type first");
  }

  [[nodiscard]] bool isKey(std::uint32_t slot) const {
    for (const std::uint32_t key : op_.right_keys) {
      if (key == slot) return true;
    }
    return false;
  }

  /// Right columns but the keys; null where nothing matches. Their roles stay behind, @pii excepted.
  void addColumns() {
    for (const ScopeColumn& column : right_.columns) {
      if (isKey(column.slot)) continue;
      ScopeColumn added = column;
      if (verb_.prefix) added.name = verb_.prefix->text + "_" + column.name;
      if (const ScopeColumn* taken = state_.find(added.name)) {
        reportClash(added, *taken);
        continue;
      }
      added.slot = state_.newVariable();
      state_.docs[added.slot] = state_.context.pipeline[op_.right].columns[column.slot].doc;
      added.roles &= role_pii;
      if (op_.kind != ir::JoinOp::Kind::Inner && !added.type.isError()) added.type.nullable = true;
      mergeTaint(added.taint, key_taint_);
      op_.right_columns.push_back(column.slot);
      op_.results.push_back(added.slot);
      state_.visible.columns.push_back(std::move(added));
    }
  }

  void reportClash(const ScopeColumn& column, const ScopeColumn& taken) {
    const std::string node = state_.context.pipeline[op_.right].name;
    diag::Diagnostic& diagnostic = state_.context.report(
        Code::ColumnExists, verb_.span, fmt::format("the join brings a column `{}` that is there already", column.name));
    diagnostic.labels.push_back({column.span, fmt::format("`{}` of `{}`", column.name, node)});
    diagnostic.labels.push_back({taken.span, "the one that is there"});
    if (verb_.prefix) {
      diagnostic.help.emplace_back("choose another prefix after `as`");
      return;
    }
    diagnostic.help.push_back(fmt::format("add `as {}` to name it `{}_{}`", node, node, column.name));
    diagnostic.fixes.push_back(
        {fmt::format("add `as {}`", node), {{{verb_.span.file, verb_.span.end, verb_.span.end}, fmt::format(" as {}", node)}}});
  }

  TableState& state_;
  const syntax::JoinVerb& verb_;
  ir::JoinOp op_;
  Scope right_;
  Taint key_taint_;
};

}  // namespace

void checkJoin(TableState& state, const syntax::JoinVerb& verb) { JoinChecker(state, verb).check(); }

}  // namespace cd4ml::check
