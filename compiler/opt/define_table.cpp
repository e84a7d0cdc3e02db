#include <algorithm>
#include <optional>

#include "base/internal_check.h"
#include "compiler/opt/counting_leaves.h"
#include "compiler/opt/define_window.h"
#include "compiler/opt/nf1.h"
#include "compiler/opt/table_needs.h"
#include "compiler/opt/value_digest.h"
#include "compiler/opt/versions.h"

namespace cd4ml::opt {

namespace {

/// The digest of one output, forward through the verbs that its backward slice needs: a digest for the row set,
/// which every verb that decides rows extends, and one for each variable that is needed.
class TableSlice {
 public:
  /// Of `output`, a variable that is there after the first `steps` verbs.
  TableSlice(const ir::Pipeline& pipeline, const ir::Table& table, ir::Variable output, std::size_t steps, Leaves& outer)
      : table_(table),
        inputs_(pipeline[table_.from].columns.size()),
        output_(output),
        steps_(steps),
        leaves_(outer, table_.from),
        values_(table_.graph, [this](std::uint32_t variable) { return variableDigest(variable); }),
        variables_(table_.variables),
        rows_(begin(Tag::TableRows).finish()),
        needs_(table_, {output_}, steps) {}

  /// Of the output as a column of the table.
  Digest ofColumn() {
    const Digest variable = ofVariable();
    return begin(Tag::TableColumn).digest(rows_).digest(variable).digest(leaves_.rowsIfUnread()).finish();
  }

  Digest ofVariable() {
    for (std::size_t i = 0; i < steps_; ++i) {
      after_ = &needs_.after(i);
      std::visit([this](const auto& op) { apply(op); }, table_.ops[i]);
    }
    return variableDigest(output_);
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
  void apply(const ir::AsOfOp& op) {
    if (!matters(op, *after_)) return;
    Hasher hasher = begin(Tag::AsOf);
    hasher.digest(rows_).string(versionOf(Versioned::Window, "asof")).u8(op.strictly_before ? 1 : 0);
    hasher.u8(op.within_us ? 1 : 0).u64(static_cast<std::uint64_t>(op.within_us.value_or(0))).u64(static_cast<std::uint64_t>(op.ahead_us));
    addKeys(hasher, op.left_keys, op.right, op.right_keys);
    hasher.digest(variableDigest(op.left_time)).digest(leaves_.slot({op.right, op.right_time}));
    if (op.right_available != ir::no_slot) {
      hasher.u8(1).digest(leaves_.slot({op.right, op.right_available}));
    } else {
      encodeKnownAfter(hasher, op.known_after);
    }
    const Digest join = hasher.finish();
    for (std::size_t c = 0; c < op.results.size(); ++c) {
      if (!(*after_)[op.results[c]]) continue;
      variables_[op.results[c]] = begin(Tag::AsOfColumn).digest(join).digest(leaves_.slot({op.right, op.right_columns[c]})).finish();
    }
  }
  void apply(const ir::DedupeOp& op) {
    Hasher hasher = begin(Tag::Dedupe);
    hasher.digest(rows_).u8(op.keep_last ? 1 : 0).digest(variableDigest(op.by));
    rows_ = addSorted(hasher, op.keys).finish();
  }
  void apply(const ir::SampleOp& op) {
    Hasher hasher = begin(Tag::Sample);
    hasher.string(versionOf(Versioned::Split, "sample")).digest(rows_);
    encode(hasher, op.share);
    hasher.u64(static_cast<std::uint64_t>(op.seed));
    rows_ = addSorted(hasher, op.ids).finish();
  }
  void apply(const ir::UnionOp& op) {
    const bool reads_right = std::any_of(op.results.begin(), op.results.end(), [this](ir::Variable v) { return (*after_)[v]; });
    const Digest before = rows_;
    rows_ = begin(Tag::Union).digest(before).digest(reads_right ? Digest{} : leaves_.rows(op.right)).finish();
    for (std::size_t c = 0; c < op.results.size(); ++c) {
      if (!(*after_)[op.results[c]]) continue;
      const Digest left = variableDigest(op.left[c]);
      variables_[op.results[c]] = begin(Tag::United).digest(before).digest(left).digest(leaves_.slot({op.right, op.right_columns[c]})).finish();
    }
  }
  /// Keys and ids have no order.
  Hasher& addSorted(Hasher& hasher, const std::vector<ir::Variable>& variables) {
    std::vector<Digest> digests;
    for (const ir::Variable variable : variables) digests.push_back(variableDigest(variable));
    std::sort(digests.begin(), digests.end());
    hasher.u64(digests.size());
    for (const Digest& digest : digests) hasher.digest(digest);
    return hasher;
  }
  void apply(const ir::JoinOp& op) {
    if (!matters(op, *after_)) return;
    Hasher hasher = begin(Tag::Join);
    hasher.u8(static_cast<std::uint8_t>(op.kind)).digest(rows_);
    addKeys(hasher, op.left_keys, op.right, op.right_keys);
    const Digest join = hasher.finish();
    if (op.kind != ir::JoinOp::Kind::LookUp) rows_ = join;
    for (std::size_t c = 0; c < op.results.size(); ++c) {
      if (!(*after_)[op.results[c]]) continue;
      variables_[op.results[c]] = begin(Tag::Joined).digest(join).digest(leaves_.slot({op.right, op.right_columns[c]})).finish();
    }
  }

  /// Pairs of keys have no order.
  void addKeys(Hasher& hasher, const std::vector<ir::Variable>& left, ir::NodeId right, const std::vector<std::uint32_t>& right_keys) {
    std::vector<std::pair<Digest, Digest>> keys;
    for (std::size_t k = 0; k < left.size(); ++k) keys.emplace_back(variableDigest(left[k]), leaves_.slot({right, right_keys[k]}));
    std::sort(keys.begin(), keys.end());
    hasher.u64(keys.size());
    for (const auto& [own, other] : keys) hasher.digest(own).digest(other);
  }

  const ir::Table& table_;
  std::size_t inputs_;
  ir::Variable output_;
  std::size_t steps_;
  CountingLeaves leaves_;
  ValueDigests values_;
  std::vector<std::optional<Digest>> variables_;
  Digest rows_;
  TableNeeds needs_;
  const VariableSet* after_ = nullptr;
};

}  // namespace

Digest defineTable(const ir::Pipeline& pipeline, ir::SlotRef slot, Leaves& leaves) {
  const auto& table = std::get<ir::Table>(pipeline[slot.node].body);
  return TableSlice(pipeline, table, table.outputs[slot.slot], table.ops.size(), leaves).ofColumn();
}

Digest defineVariable(const ir::Pipeline& pipeline, ir::NodeId node, ir::Variable variable, std::size_t steps, Leaves& leaves) {
  return TableSlice(pipeline, std::get<ir::Table>(pipeline[node].body), variable, steps, leaves).ofVariable();
}

}  // namespace cd4ml::opt
