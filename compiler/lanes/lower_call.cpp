#include "base/internal_check.h"
#include "compiler/ir/kernel_table.h"
#include "compiler/lanes/lowering.h"

namespace cd4ml::lanes {

Lowered Lowering::needsAll(const ir::Value& call) {
  Lowered out;
  for (const ir::ValueId arg : call.args) {
    const Lowered& a = value(arg);
    out.there = both(out.there, a.there);
    out.failed = either(out.failed, a.failed);
  }
  return out;
}

Lowered Lowering::strict(const ir::Value& call, Type type, const std::string& kernel, std::vector<Lane> args) {
  Lowered out = needsAll(call);
  const ir::KernelRow* row = ir::findKernel(call.name);
  if (row != nullptr && row->fails) {
    const Lane own = build_.call(Type::Mask, kernel + "_fails", args);
    out.failed = either(out.failed, both(own, out.there));
  }
  out.lanes = {build_.call(type, kernel, std::move(args))};
  return out;
}

Lowered Lowering::lowerCall(ir::ValueId id) {
  Lowered out;
  if (lowerSpecial(id, out) || lowerCategoryCall(id, out) || lowerListCall(id, out)) return out;
  const ir::Value& call = graph_[id];
  std::vector<Lane> args;
  for (const ir::ValueId arg : call.args) args.push_back(value(arg).lanes[0]);
  for (const ir::Literal& option : call.options) {
    const auto* integer = std::get_if<std::int64_t>(&option.value);
    CD4ML_CHECK(integer != nullptr);
    args.push_back(build_.constant(Type::Int, *integer));
  }
  return strict(call, laneType(call.type.kind), call.name, std::move(args));
}

bool Lowering::lowerSpecial(ir::ValueId id, Lowered& out) {
  const ir::Value& call = graph_[id];
  const std::string_view name = call.name;
  if (name == "and_bb") return out = lowerKleene(call, 0), true;
  if (name == "or_bb") return out = lowerKleene(call, 1), true;
  if (name.starts_with("select_")) return out = lowerSelect(id), true;
  if (name.starts_with("coalesce_")) return out = lowerCoalesce(id), true;
  if (name == "standardize_fff") return out = lowerScaler(call, "standardize_fffb"), true;
  if (name == "min_max_fff") return out = lowerScaler(call, "min_max_fffb"), true;
  if (!name.starts_with("is_null_") && !name.starts_with("is_not_null_")) return false;
  const Lowered argument = value(call.args[0]);
  const Lane there = argument.there == no_lane ? allTrue() : argument.there;
  out.lanes = {name.starts_with("is_null_") ? negate(there) : there};
  out.failed = argument.failed;
  return true;
}

/// A false side decides `and`, a true side `or`; what decides masks the other side's null and error.
Lowered Lowering::lowerKleene(const ir::Value& call, Lane decided_by) {
  const Lowered a = value(call.args[0]);
  const Lowered b = value(call.args[1]);
  const auto decides = [&](const Lowered& side) {
    Lane d = decided_by == 0 ? negate(side.lanes[0]) : side.lanes[0];
    d = both(d, side.there);
    return side.failed == no_lane ? d : both(d, negate(side.failed));
  };
  Lowered out;
  const Lane a_decides = decides(a);
  const Lane b_decides = decides(b);
  if (decided_by == 0) {
    out.lanes = {both(both(a.lanes[0], a.there), both(b.lanes[0], b.there))};
  } else {
    out.lanes = {either(a_decides, b_decides)};
  }
  if (a.there != no_lane || b.there != no_lane) out.there = either(either(a_decides, b_decides), both(a.there, b.there));
  if (a.failed != no_lane) out.failed = both(a.failed, negate(b_decides));
  if (b.failed != no_lane) out.failed = either(out.failed, both(b.failed, negate(a_decides)));
  return out;
}

Lowered Lowering::lowerSelect(ir::ValueId id) {
  const ir::Value& call = graph_[id];
  const Lowered c = value(call.args[0]);
  const Lowered a = value(call.args[1]);
  const Lowered b = value(call.args[2]);
  const Lane condition = both(c.lanes[0], c.there);
  Lowered out;
  Lane other = b.lanes[0];
  if (call.type.kind == ir::Kind::Category) {  // the texts of `else` follow those of `then`
    other = build_.call(Type::Int, "add_ii", {other, param(Type::Int, {ParamSlot::What::Levels, call.args[1]})});
  }
  out.lanes = {select(laneType(call.type.kind), condition, a.lanes[0], other)};
  if (a.there != no_lane || b.there != no_lane) {
    out.there = select(Type::Mask, condition, a.there == no_lane ? allTrue() : a.there, b.there == no_lane ? allTrue() : b.there);
  }
  if (a.failed != no_lane || b.failed != no_lane) {
    out.failed = select(Type::Mask, condition, a.failed == no_lane ? allFalse() : a.failed, b.failed == no_lane ? allFalse() : b.failed);
  }
  out.failed = either(out.failed, c.failed);
  return out;
}

Lowered Lowering::lowerCoalesce(ir::ValueId id) {
  const ir::Value& call = graph_[id];
  const Lowered a = value(call.args[0]);
  const Lowered b = value(call.args[1]);
  if (a.there == no_lane) return a;
  Lane other = b.lanes[0];
  if (call.type.kind == ir::Kind::Category) {
    other = build_.call(Type::Int, "add_ii", {other, param(Type::Int, {ParamSlot::What::Levels, call.args[0]})});
  }
  Lowered out;
  out.lanes = {select(laneType(call.type.kind), a.there, a.lanes[0], other)};
  if (b.there != no_lane) out.there = either(a.there, b.there);
  if (b.failed != no_lane) out.failed = both(b.failed, negate(a.there));
  out.failed = either(out.failed, a.failed);
  return out;
}

Lowered Lowering::lowerScaler(const ir::Value& call, const char* kernel) {
  const Lowered x = value(call.args[0]);
  const Lowered a = value(call.args[1]);
  const Lowered b = value(call.args[2]);
  const Lane known = both(a.there, b.there);
  Lowered out;
  out.lanes = {build_.call(Type::Float, kernel, {x.lanes[0], a.lanes[0], b.lanes[0], known == no_lane ? allTrue() : known})};
  out.there = x.there;
  out.failed = either(x.failed, either(a.failed, b.failed));
  return out;
}

bool Lowering::lowerCategoryCall(ir::ValueId id, Lowered& out) {
  const ir::Value& call = graph_[id];
  if (mapsTexts(graph_, id)) {
    out = value(categoryArgument(graph_, id));
    return true;
  }
  if (call.name == "eq_cc" || call.name == "ne_cc") {
    out = needsAll(call);
    const Lane a = gather(Type::Int, {TableSlot::What::Shared, id, call.args[0], 0}, tableIndex(call.args[0]));
    const Lane b = gather(Type::Int, {TableSlot::What::Shared, id, call.args[1], 1}, tableIndex(call.args[1]));
    out.lanes = {build_.call(Type::Mask, call.name == "eq_cc" ? "eq_ii" : "ne_ii", {a, b})};
    return true;
  }
  if (call.args.empty() || !call.name.ends_with("_c")) return false;
  out = needsAll(call);
  const Lane entry = gather(Type::Int, {TableSlot::What::Function, id, call.args[0], 0}, tableIndex(call.args[0]));
  out.lanes = {laneType(call.type.kind) == Type::Mask ? build_.call(Type::Mask, "i_to_b", {entry}) : entry};
  return true;
}

/// Kernels with a list of literals: one step an entry.
bool Lowering::lowerListCall(ir::ValueId id, Lowered& out) {
  const ir::Value& call = graph_[id];
  const bool is_bucket = call.name == "bucket_f";
  if (!is_bucket && call.name != "in_set_f" && call.name != "in_set_i") return false;
  const auto* list = std::get_if<ir::Literal::List>(&call.options.at(0).value);
  CD4ML_CHECK(list != nullptr);
  out = needsAll(call);
  const Lane x = value(call.args[0]).lanes[0];
  const bool is_int = call.name == "in_set_i";
  Lane result = is_bucket ? build_.constant(Type::Int, 0) : allFalse();
  for (const ir::Literal& entry : *list) {
    const Lane item = lowerConstant({.type = {.kind = is_int ? ir::Kind::Int : ir::Kind::Float}, .literal = entry}).lanes[0];
    result = is_bucket ? build_.call(Type::Int, "bucket_step_if", {result, x, item})
                       : either(result, build_.call(Type::Mask, is_int ? "eq_ii" : "eq_ff", {x, item}));
  }
  out.lanes = {result};
  return true;
}

}  // namespace cd4ml::lanes
