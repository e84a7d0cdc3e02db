#include <algorithm>
#include <optional>

#include "base/internal_check.h"
#include "compiler/opt/counting_leaves.h"
#include "compiler/opt/define_window.h"
#include "compiler/opt/nf1.h"
#include "compiler/opt/table_needs.h"
#include "compiler/opt/value_digest.h"

namespace cd4ml::opt {

namespace {

/// The digest of one output, forward through the verbs that its backward slice needs: a digest for the row set,
/// which every verb that decides rows extends, and one for each variable that is needed.
class TableSlice {
 public:
  TableSlice(const ir::Pipeline& pipeline, ir::SlotRef slot, Leaves& outer)
      : table_(std::get<ir::Table>(pipeline[slot.node].body)),
        inputs_(pipeline[table_.from].columns.size()),
        output_(table_.outputs[slot.slot]),
        leaves_(outer, table_.from),
        values_(table_.graph, [this](std::uint32_t variable) { return variableDigest(variable); }),
        variables_(table_.variables),
        rows_(begin(Tag::TableRows).finish()),
        needs_(table_, {output_}) {}

  Digest digest() {
    for (std::size_t i = 0; i < table_.ops.size(); ++i) {
      after_ = &needs_.after(i);
      std::visit([this](const auto& op) { apply(op); }, table_.ops[i]);
    }
    Hasher hasher = begin(Tag::TableColumn);
    hasher.digest(rows_).digest(variableDigest(output_));
    return hasher.digest(leaves_.rowsIfUnread()).finish();
  }

 private:
  Digest variableDigest(ir::Variable variable) {
    if (variable < inputs_) return leaves_.slot({table_.from, variable});
    CD4ML_CHECK(variables_[variable].has_value());
    return *variables_[variable];
  }

  void apply(const ir::FilterOp& op) { rows_ = begin(Tag::Filter).digest(rows_).digest(values_.of(op.condition)).finish(); }
  void apply(const ir::RequireOp& op) {
    rows_ = begin(Tag::Require).digest(rows_).digest(values_.of(op.condition)).u8(op.warning ? 1 : 0).finish();
  }
  void apply(const ir::DeriveOp& op) {
    if (!(*after_)[op.result]) return;
    // The rows belong to it: over other rows it might fail.
    variables_[op.result] = begin(Tag::Derive).digest(rows_).digest(values_.of(op.value)).finish();
  }
  void apply(const ir::GroupOp& op) {
    Hasher hasher = begin(Tag::Group);
    hasher.digest(rows_).u64(op.keys.size());
    for (const ir::ValueId key : op.keys) hasher.digest(values_.of(key));
    rows_ = hasher.finish();
    for (std::size_t k = 0; k < op.keys.size(); ++k) {
      variables_[op.key_results[k]] = begin(Tag::GroupKey).digest(rows_).u64(k).finish();
    }
    for (std::size_t a = 0; a < op.aggregates.size(); ++a) {
      if (!(*after_)[op.aggregate_results[a]]) continue;
      variables_[op.aggregate_results[a]] = begin(Tag::GroupAggregate).digest(rows_).digest(values_.of(op.aggregates[a])).finish();
    }
  }
  void apply(const ir::WindowOp& op) {
    if (!(*after_)[op.result]) return;
    const auto own = [this](std::uint32_t variable) { return variableDigest(variable); };
    variables_[op.result] = defineWindow(op.window, {.current = own, .folded = own, .rows = rows_}, leaves_);
  }
  static void apply(const ir::AsOfOp&) { CD4ML_UNREACHABLE("the checker makes no as-of joins yet"); }
  static void apply(const ir::DedupeOp&) { CD4ML_UNREACHABLE("the checker makes no dedupe yet"); }
  static void apply(const ir::SampleOp&) { CD4ML_UNREACHABLE("the checker makes no sample yet"); }
  static void apply(const ir::UnionOp&) { CD4ML_UNREACHABLE("the checker makes no union yet"); }
  void apply(const ir::JoinOp& op) {
    if (!matters(op, *after_)) return;
    std::vector<std::pair<Digest, Digest>> keys;
    for (std::size_t k = 0; k < op.left_keys.size(); ++k) {
      keys.emplace_back(variableDigest(op.left_keys[k]), leaves_.slot({op.right, op.right_keys[k]}));
    }
    std::sort(keys.begin(), keys.end());
    Hasher hasher = begin(Tag::Join);
    hasher.u8(static_cast<std::uint8_t>(op.kind)).digest(rows_).u64(keys.size());
    for (const auto& [left, right] : keys) hasher.digest(left).digest(right);
    const Digest join = hasher.finish();
    if (op.kind != ir::JoinOp::Kind::LookUp) rows_ = join;
    for (std::size_t c = 0; c < op.results.size(); ++c) {
      if (!(*after_)[op.results[c]]) continue;
      variables_[op.results[c]] = begin(Tag::Joined).digest(join).digest(leaves_.slot({op.right, op.right_columns[c]})).finish();
    }
  }

  const ir::Table& table_;
  std::size_t inputs_;
  ir::Variable output_;
  CountingLeaves leaves_;
  ValueDigests values_;
  std::vector<std::optional<Digest>> variables_;
  Digest rows_;
  TableNeeds needs_;
  const VariableSet* after_ = nullptr;
};

}  // namespace

Digest defineTable(const ir::Pipeline& pipeline, ir::SlotRef slot, Leaves& leaves) {
  return TableSlice(pipeline, slot, leaves).digest();
}

}  // namespace cd4ml::opt
