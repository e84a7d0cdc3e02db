#include "compiler/lanes/lower.h"

#include <algorithm>
#include <bit>

#include "base/internal_check.h"
#include "compiler/lanes/lowering.h"

namespace cd4ml::lanes {

Type laneType(ir::Kind kind) {
  switch (kind) {
    case ir::Kind::Float:
    case ir::Kind::Vector: return Type::Float;
    case ir::Kind::Bool: return Type::Mask;
    case ir::Kind::Int:
    case ir::Kind::Date:
    case ir::Kind::Timestamp:
    case ir::Kind::Duration:
    case ir::Kind::Category:
    case ir::Kind::Text:
    case ir::Kind::Null: return Type::Int;
    case ir::Kind::Error: break;
  }
  CD4ML_UNREACHABLE("kind without lanes");
}

namespace {

bool isNullConstant(const ir::Value& value) {
  return value.op == ir::Op::Constant && std::holds_alternative<std::monostate>(value.literal.value);
}

}  // namespace

ir::ValueId categoryArgument(const ir::Graph& graph, ir::ValueId id) {
  const std::vector<ir::ValueId>& args = graph[id].args;
  ir::ValueId found = args.front();
  for (const ir::ValueId arg : args) {
    if (isNullConstant(graph[arg])) found = arg;
  }
  for (const ir::ValueId arg : args) {
    if (graph[arg].op != ir::Op::Constant) found = arg;
  }
  return found;
}

bool mapsTexts(const ir::Graph& graph, ir::ValueId id) {
  const ir::Value& value = graph[id];
  if (value.op != ir::Op::Call || value.type.kind != ir::Kind::Category || value.args.empty()) return false;
  if (value.name.starts_with("select_") || value.name.starts_with("coalesce_") || value.name.ends_with("_to_c")) return false;
  const ir::ValueId argument = categoryArgument(graph, id);
  return std::all_of(value.args.begin(), value.args.end(), [&](ir::ValueId arg) {
    return arg == argument || (graph[arg].op == ir::Op::Constant && !isNullConstant(graph[arg]));
  });
}

bool runsOnHost(const ir::Graph& graph, ir::ValueId id) {
  const ir::Value& value = graph[id];
  if (value.op == ir::Op::Lookup) return true;
  if (value.op == ir::Op::Encode) return graph[value.args[0]].type.kind == ir::Kind::Text;
  if (value.op != ir::Op::Call) return false;
  if (value.type.kind == ir::Kind::Text) return true;
  if (value.name == "concat_c" || value.name == "i_to_c" || value.name == "t_to_c") return !mapsTexts(graph, id);
  const std::string_view letters = std::string_view(value.name).substr(value.name.rfind('_') + 1);
  return letters == "t" || letters == "tt";
}

Lane Lowering::both(Lane a, Lane b) {
  if (a == no_lane || a == b) return b;
  if (b == no_lane) return a;
  return build_.call(Type::Mask, "both_bb", {std::min(a, b), std::max(a, b)});
}

Lane Lowering::either(Lane a, Lane b) {
  if (a == no_lane || a == b) return b;
  if (b == no_lane) return a;
  return build_.call(Type::Mask, "either_bb", {std::min(a, b), std::max(a, b)});
}

Lane Lowering::select(Type type, Lane condition, Lane a, Lane b) {
  if (a == b) return a;
  const char* kernel = type == Type::Float ? "select_bff" : type == Type::Int ? "select_bii" : "select_bbb";
  return build_.call(type, kernel, {condition, a, b});
}

Lane Lowering::loadSlot(Op op, Type type, ColumnSlot slot) {
  auto& all = loop_.columns;
  auto at = std::find_if(all.begin(), all.end(), [&](const ColumnSlot& s) { return s.what == slot.what && s.value == slot.value; });
  if (at == all.end()) at = all.insert(all.end(), slot);
  return build_.add({.op = op, .type = type, .slot = static_cast<std::uint32_t>(at - all.begin())});
}

Lane Lowering::param(Type type, ParamSlot slot) {
  auto& all = loop_.params;
  auto at = std::find_if(all.begin(), all.end(), [&](const ParamSlot& s) { return s.what == slot.what && s.value == slot.value; });
  if (at == all.end()) at = all.insert(all.end(), slot);
  return build_.add({.op = Op::Param, .type = type, .slot = static_cast<std::uint32_t>(at - all.begin())});
}

Lane Lowering::gather(Type type, TableSlot slot, Lane index) {
  const auto number = static_cast<std::uint32_t>(loop_.tables.size());
  loop_.tables.push_back(slot);
  return build_.add({.op = Op::Gather, .type = type, .slot = number, .args = {index}});
}

Lane Lowering::tableIndex(ir::ValueId category) {
  const Lowered code = value(category);
  const Lane levels = param(Type::Int, {ParamSlot::What::Levels, category});
  return build_.call(Type::Int, "table_index_iib", {code.lanes[0], levels, code.there == no_lane ? allTrue() : code.there});
}

const Lowered& Lowering::value(ir::ValueId id) {
  if (const auto at = loop_.values.find(id.index); at != loop_.values.end()) return at->second;
  Lowered lowered = lowerValue(id);
  return loop_.values.emplace(id.index, std::move(lowered)).first->second;
}

Lowered Lowering::lowerValue(ir::ValueId id) {
  if (facts_.isColumn(id)) return lowerColumn(id);
  switch (graph_[id].op) {
    case ir::Op::Constant: return lowerConstant(graph_[id]);
    case ir::Op::Fit: return lowerFit(id);
    case ir::Op::Encode: return lowerEncode(id);
    case ir::Op::Call: return lowerCall(id);
    case ir::Op::Input:
    case ir::Op::Aggregate:
    case ir::Op::Lookup: break;
  }
  CD4ML_UNREACHABLE("a value that no loop computes");
}

Lowered Lowering::lowerColumn(ir::ValueId id) {
  const ColumnSlot slot{ColumnSlot::What::Values, id};
  Lowered out;
  switch (laneType(graph_[id].type.kind)) {
    case Type::Float: out.lanes = {loadSlot(Op::LoadWord, Type::Float, slot)}; break;
    case Type::Mask: out.lanes = {build_.call(Type::Mask, "i_to_b", {loadSlot(Op::LoadByte, Type::Int, slot)})}; break;
    case Type::Int: {
      const bool is_code = graph_[id].type.kind == ir::Kind::Category;
      out.lanes = {loadSlot(is_code ? Op::LoadCode : Op::LoadWord, Type::Int, slot)};
      break;
    }
  }
  if (facts_.hasNulls(id)) out.there = loadSlot(Op::LoadBits, Type::Mask, {ColumnSlot::What::Validity, id});
  if (facts_.hasFailures(id)) out.failed = loadSlot(Op::LoadBits, Type::Mask, {ColumnSlot::What::Failed, id});
  return out;
}

Lowered Lowering::lowerConstant(const ir::Value& value) {
  const Type type = laneType(value.type.kind);
  const auto& literal = value.literal.value;
  if (std::holds_alternative<std::monostate>(literal)) return {{build_.constant(type, 0)}, allFalse(), no_lane};
  if (const auto* number = std::get_if<double>(&literal)) return {{build_.constant(*number)}, no_lane, no_lane};
  if (const auto* flag = std::get_if<bool>(&literal)) return {{build_.constant(Type::Mask, *flag ? -1 : 0)}, no_lane, no_lane};
  if (const auto* integer = std::get_if<std::int64_t>(&literal)) {
    if (type == Type::Float) return {{build_.constant(static_cast<double>(*integer))}, no_lane, no_lane};
    return {{build_.constant(type, *integer)}, no_lane, no_lane};
  }
  return {{build_.constant(Type::Int, 0)}, no_lane, no_lane};  // a text: the only entry of its list
}

Lowered Lowering::lowerFit(ir::ValueId id) {
  const ir::Value& fit = graph_[id];
  Lane lane = no_lane;
  switch (laneType(fit.type.kind)) {
    case Type::Float: lane = param(Type::Float, {ParamSlot::What::Number, id}); break;
    case Type::Int: lane = fit.type.kind == ir::Kind::Category ? build_.constant(Type::Int, 0) : param(Type::Int, {ParamSlot::What::Integer, id}); break;
    case Type::Mask: lane = build_.call(Type::Mask, "i_to_b", {param(Type::Int, {ParamSlot::What::Integer, id})}); break;
  }
  return {{lane}, param(Type::Mask, {ParamSlot::What::There, id}), no_lane};
}

Lowered Lowering::lowerEncode(ir::ValueId id) {
  const ir::Value& encode = graph_[id];
  const ir::ValueId category = encode.args[0];
  Lane index = tableIndex(category);
  Lowered out;
  out.failed = value(category).failed;
  const std::uint32_t width = facts_.encodedWidth(id);
  if (encode.name == "one_hot") {
    const Lane place = gather(Type::Int, {TableSlot::What::Place, id, category, 0}, index);
    for (std::uint32_t k = 0; k < width; ++k) {
      const Lane hit = build_.call(Type::Mask, "eq_ii", {place, build_.constant(Type::Int, k)});
      out.lanes.push_back(build_.call(Type::Float, "b_to_f", {hit}));
    }
    return out;
  }
  if (facts_.isFolded(id)) {
    const Lane fold = loadSlot(Op::LoadByte, Type::Int, {ColumnSlot::What::Fold, id});
    const Lane levels = param(Type::Int, {ParamSlot::What::Levels, category});
    const Lane stride = build_.call(Type::Int, "add_ii", {levels, build_.constant(Type::Int, 1)});
    index = build_.call(Type::Int, "add_ii", {build_.call(Type::Int, "mul_ii", {fold, stride}), index});
  }
  for (std::uint32_t k = 0; k < width; ++k) {
    out.lanes.push_back(gather(Type::Float, {TableSlot::What::Encoded, id, category, k}, index));
  }
  if (encode.name == "ordinal") out.there = value(category).there;
  return out;
}

void Lowering::output(ir::ValueId id) {
  const Lowered lowered = value(id);
  const ir::Kind kind = graph_[id].type.kind;
  const bool is_code = kind == ir::Kind::Category || kind == ir::Kind::Text;  // a literal text that stands for a category
  const Form form = kind == ir::Kind::Bool ? Form::Byte : is_code ? Form::Code : Form::Word;
  for (std::uint32_t k = 0; k < lowered.lanes.size(); ++k) {
    build_.program.stores.push_back({lowered.lanes[k], form});
    loop_.outputs.push_back({id, k, false});
  }
  if (lowered.there != no_lane) {
    build_.program.stores.push_back({lowered.there, Form::Bits});
    loop_.outputs.push_back({id, 0, true});
  }
  build_.program.failed = either(build_.program.failed, lowered.failed);
}

Loop Lowering::finish() {
  build_.program.columns = static_cast<std::uint32_t>(loop_.columns.size());
  build_.program.tables = static_cast<std::uint32_t>(loop_.tables.size());
  build_.program.params = static_cast<std::uint32_t>(loop_.params.size());
  loop_.program = std::move(build_.program);
  return std::move(loop_);
}

Loop lower(const ir::Graph& graph, const std::vector<ir::ValueId>& wanted, const Facts& facts) {
  Lowering lowering(graph, facts);
  for (const ir::ValueId id : wanted) lowering.output(id);
  return lowering.finish();
}

}  // namespace cd4ml::lanes
