/// The state of one lowering; its steps are split over lower*.cpp.
#pragma once

#include "compiler/lanes/lower.h"

namespace cd4ml::lanes {

class Lowering {
 public:
  Lowering(const ir::Graph& graph, const Facts& facts) : graph_(graph), facts_(facts) {}

  const Lowered& value(ir::ValueId id);
  void output(ir::ValueId id);
  Loop finish();

 private:
  Lowered lowerValue(ir::ValueId id);
  Lowered lowerColumn(ir::ValueId id);
  Lowered lowerConstant(const ir::Value& value);
  Lowered lowerFit(ir::ValueId id);
  Lowered lowerEncode(ir::ValueId id);
  Lowered lowerCall(ir::ValueId id);
  /// Calls that see nulls or errors of their arguments; false: none of them.
  bool lowerSpecial(ir::ValueId id, Lowered& out);
  bool lowerCategoryCall(ir::ValueId id, Lowered& out);
  bool lowerListCall(ir::ValueId id, Lowered& out);
  Lowered lowerKleene(const ir::Value& value, Lane decided_by);
  Lowered lowerSelect(ir::ValueId id);
  Lowered lowerCoalesce(ir::ValueId id);
  Lowered lowerScaler(const ir::Value& value, const char* kernel);
  Lowered strict(const ir::Value& value, Type type, const std::string& kernel, std::vector<Lane> args);
  /// Null and failed masks of a value that needs all its arguments.
  Lowered needsAll(const ir::Value& value);

  Lane both(Lane a, Lane b);    ///< no_lane: all true
  Lane either(Lane a, Lane b);  ///< no_lane: all false
  Lane negate(Lane a) { return build_.call(Type::Mask, "not_b", {a}); }
  Lane select(Type type, Lane condition, Lane a, Lane b);
  Lane allTrue() { return build_.constant(Type::Mask, -1); }
  Lane allFalse() { return build_.constant(Type::Mask, 0); }
  Lane loadSlot(Op op, Type type, ColumnSlot slot);
  Lane param(Type type, ParamSlot slot);
  Lane gather(Type type, TableSlot slot, Lane index);
  Lane tableIndex(ir::ValueId category);

  const ir::Graph& graph_;
  const Facts& facts_;
  Builder build_;
  Loop loop_;
};

/// Lane type of a kind that a lane holds.
[[nodiscard]] Type laneType(ir::Kind kind);

}  // namespace cd4ml::lanes
