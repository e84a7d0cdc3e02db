/// All columns that a monitor may look at, on all rows of a pass: raw inputs, columns of the rows' node, features and
/// predictions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/engine/inspect_rows.h"
#include "runtime/engine/watched_features.h"
#include "runtime/monitor/baseline.h"

namespace cd4ml::engine {

/// What a monitor watches, found in the pipeline.
struct Subject {
  ir::NodeId monitor;
  ir::NodeId deploy;    ///< invalid: a source or a table is watched
  ir::NodeId features;  ///< of the deploy's model
  ir::NodeId rows;      ///< the node whose columns conditions read
  ir::NodeId base;      ///< S
};
[[nodiscard]] Subject subjectOf(const Run& run, ir::NodeId monitor);

/// A column or value on all rows, or why it is not there.
struct Computed {
  std::optional<data::Column> column;
  std::string reason;
};

class Material {
 public:
  struct Item {
    std::string name;
    monitor::Role role = monitor::Role::Input;
    data::Column column;
    bool on_good = false;   ///< it holds the good rows alone
  };

  /// `scorer` may be null.
  static Result<Material> make(Run& run, const Subject& subject, const score::RowScorer* scorer, const score::LookupSnapshots* lookups,
                               InspectedRows rows, bool rows_at_hand);

  [[nodiscard]] const InspectedRows& rows() const { return rows_; }
  [[nodiscard]] const std::vector<Item>& items() const { return items_; }
  [[nodiscard]] const Item* find(std::string_view name, monitor::Role role) const;
  /// An item on these rows; rows that could not be scored are left out where the model had to.
  [[nodiscard]] data::Column on(const Item& item, const std::vector<std::int32_t>& rows) const;
  /// Column `slot` of the rows' node.
  [[nodiscard]] const Computed& column(std::uint32_t slot) const { return columns_[slot]; }
  /// Predictions and target of the rows that have been scored; nothing without a model.
  [[nodiscard]] const WatchedModel* model() const { return model_ ? &*model_ : nullptr; }
  [[nodiscard]] ir::Task task() const { return task_; }
  [[nodiscard]] const std::vector<std::string>& classes() const { return classes_; }
  [[nodiscard]] ir::Kind targetKind() const { return target_kind_; }
  [[nodiscard]] const std::string& noModel() const { return no_model_; }
  [[nodiscard]] const Computed& target() const { return target_; }
  [[nodiscard]] const Computed& weight() const { return weight_; }
  /// Of these rows, places among the scored ones.
  [[nodiscard]] std::vector<std::int32_t> goodPlaces(const std::vector<std::int32_t>& rows) const;

 private:
  InspectedRows rows_;
  std::vector<Item> items_;
  std::vector<Computed> columns_;
  std::optional<WatchedModel> model_;
  ir::Task task_ = ir::Task::Regression;
  std::vector<std::string> classes_;
  ir::Kind target_kind_ = ir::Kind::Float;
  std::string no_model_;
  Computed target_;
  Computed weight_;
  std::vector<std::int32_t> place_of_row_;  ///< among the good rows; -1
};

}  // namespace cd4ml::engine
