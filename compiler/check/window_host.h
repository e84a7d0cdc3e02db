/// The windows of one table or features node, as its expressions give them up.
#pragma once

#include <functional>

#include "compiler/check/context.h"

namespace cd4ml::check {

class OwnerWindows final : public WindowHost {
 public:
  /// `from`: the node whose columns are the owner's first slots; `rows`: the node whose rows are the owner's, if there
  /// is one. `add` keeps a window and gives its slot; `seen` are those that an equal one may stand for.
  using Add = std::function<std::uint32_t(ir::Window)>;
  using Seen = std::function<std::vector<std::pair<std::uint32_t, const ir::Window*>>()>;
  OwnerWindows(Context& context, ir::NodeId from, ir::NodeId rows, Add add, Seen seen)
      : context_(context), from_(from), rows_(rows), add_(std::move(add)), seen_(std::move(seen)) {}

  std::uint32_t take(ir::Window window) override;
  [[nodiscard]] ir::NodeId find(std::string_view name) const override;
  [[nodiscard]] Scope rowsOf(ir::NodeId node) const override;
  [[nodiscard]] ir::NodeId ownNode() const override { return rows_; }
  [[nodiscard]] std::vector<ir::SlotRef> endsOf(ir::NodeId node, std::uint32_t time_slot) const override;

 private:
  Context& context_;
  ir::NodeId from_;
  ir::NodeId rows_;
  Add add_;
  Seen seen_;
};

}  // namespace cd4ml::check
