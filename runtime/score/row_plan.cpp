#include "runtime/score/row_plan.h"

#include <algorithm>

#include "runtime/score/graph_run.h"

namespace cd4ml::score {

namespace {

constexpr std::uint32_t group_rows = 8;

LevelIndex indexOf(const std::vector<std::string>& levels) {
  LevelIndex index;
  index.reserve(levels.size());
  for (std::size_t i = 0; i < levels.size(); ++i) index.emplace(levels[i], static_cast<std::int32_t>(i));
  return index;
}

bool isSelection(const ir::Value& value) { return value.op == ir::Op::Call && (value.name == "select_bcc" || value.name == "coalesce_cc"); }

}  // namespace

std::unique_ptr<RowPlan> RowPlan::make(const Bundle& bundle, std::vector<ir::ValueId> wanted) {
  if (bundle.model.keyed != nullptr || !bundle.program.history.empty()) return nullptr;
  std::unique_ptr<RowPlan> plan(new RowPlan(bundle));
  plan->wanted = std::move(wanted);
  if (!plan->build()) return nullptr;
  return plan;
}

ir::ValueId RowPlan::rowsOf(ir::ValueId value) const {
  while (!isColumn(value) && lanes::mapsTexts(graph(), value)) value = lanes::categoryArgument(graph(), value);
  return value;
}

std::vector<bool> RowPlan::neededValues() const {
  std::vector<bool> needed(graph().values.size(), false);
  for (const ir::ValueId id : wanted) needed[id.index] = true;
  for (std::size_t i = needed.size(); i-- > 0;) {
    const ir::Value& value = graph().values[i];
    if (!needed[i] || value.op == ir::Op::Fit) continue;
    const std::size_t args = value.op == ir::Op::Encode ? 1 : value.args.size();
    for (std::size_t a = 0; a < args; ++a) needed[value.args[a].index] = true;
  }
  return needed;
}

bool RowPlan::mayBeNull(ir::ValueId value) const {
  value = rowsOf(value);
  if (graph()[value].op == ir::Op::Constant) return std::holds_alternative<std::monostate>(graph()[value].literal.value);
  return !isColumn(value) || columns_.at(value.index);
}

bool RowPlan::needTexts(ir::ValueId category) {
  if (text_of.contains(category.index)) return true;
  const ir::Value& value = graph()[category];
  TextList list{.value = category};
  if (value.op == ir::Op::Constant || value.op == ir::Op::Fit) {
    list.size = 1;
  } else if (isSelection(value) || lanes::mapsTexts(graph(), category)) {
    const std::size_t first = isSelection(value) ? value.args.size() - 2 : 0;
    for (std::size_t a = first; a < value.args.size(); ++a) {
      if (!isSelection(value) && value.args[a] != lanes::categoryArgument(graph(), category)) continue;
      if (!needTexts(value.args[a])) return false;
      const TextList& part = texts[text_of.at(value.args[a].index)];
      list.size += part.size;
      list.by_row = !isSelection(value) && part.by_row;
    }
  } else if (isColumn(category) && value.op != ir::Op::Encode) {
    list.size = group_rows;
    list.by_row = true;
  } else {
    return false;
  }
  text_of[category.index] = static_cast<std::uint32_t>(texts.size());
  steps.push_back({PlanStep::What::FillTexts, static_cast<std::uint32_t>(texts.size())});
  texts.push_back(list);
  return true;
}

bool RowPlan::addHost(ir::ValueId id) {
  const ir::Value& value = graph()[id];
  if (value.op == ir::Op::Lookup || value.type.kind == ir::Kind::Text) return false;
  HostStep step{.value = id};
  bool nulls = false;
  for (const ir::ValueId arg : value.args) {
    const bool text = graph()[arg].type.kind == ir::Kind::Text;
    if (text && graph()[arg].op != ir::Op::Input && graph()[arg].op != ir::Op::Constant) return false;
    nulls = nulls || mayBeNull(arg);
  }
  if (value.op == ir::Op::Encode) {
    const auto fitted = bundle_.fitted.find(id.index);
    if (fitted == bundle_.fitted.end()) return false;
    step.what = HostStep::What::Terms;
    weighers.emplace(id.index, TermWeigher(fitted->second, wordOptions(value).ngrams));
  } else if (value.name == "concat_c") step.what = HostStep::What::Concat;
  else if (value.name == "i_to_c") step.what = HostStep::What::IntToCategory;
  else if (value.name == "t_to_c") step.what = HostStep::What::TextToCategory;
  else if (value.name == "is_null_t") step.what = HostStep::What::IsNull;
  else if (value.name == "is_not_null_t") step.what = HostStep::What::IsNotNull;
  else if (textFunction(value.name, step.function)) step.what = HostStep::What::TextNumber;
  else return false;
  if (step.what == HostStep::What::Concat) {
    for (const ir::ValueId arg : value.args) {
      if (!needTexts(arg)) return false;
    }
  }
  steps.push_back({PlanStep::What::Host, static_cast<std::uint32_t>(hosts.size())});
  hosts.push_back(step);
  const bool never_null = step.what == HostStep::What::IsNull || step.what == HostStep::What::IsNotNull || step.what == HostStep::What::Terms;
  columns_[id.index] = nulls && !never_null;
  widths[id.index] = step.what == HostStep::What::Terms ? encodedWidth(id) : 1;
  return true;
}

bool RowPlan::addLoop(std::vector<ir::ValueId> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  if (values.empty()) return true;
  lanes::Loop loop = lanes::lower(graph(), values, *this);
  for (const lanes::TableSlot& slot : loop.tables) {
    if (slot.what == lanes::TableSlot::What::Shared) {
      for (const ir::ValueId arg : graph()[slot.value].args) {
        if (!needTexts(arg)) return false;
      }
    } else if (!needTexts(slot.category)) {
      return false;
    }
    if (slot.what == lanes::TableSlot::What::Encoded || slot.what == lanes::TableSlot::What::Place) {
      const auto fitted = bundle_.fitted.find(slot.value.index);
      if (fitted == bundle_.fitted.end()) return false;
      if (!encoder_levels.contains(slot.value.index)) encoder_levels[slot.value.index] = indexOf(fitted->second.levels);
    }
  }
  for (const lanes::ParamSlot& slot : loop.params) {
    if (slot.what == lanes::ParamSlot::What::Levels && !needTexts(slot.value)) return false;
  }
  for (const ir::ValueId id : values) columns_[id.index] = false;
  for (const lanes::OutputSlot& slot : loop.outputs) {
    if (slot.is_validity) columns_[slot.value.index] = true;
    else widths[slot.value.index] = std::max(widths[slot.value.index], slot.element + 1);
  }
  steps.push_back({PlanStep::What::Loop, static_cast<std::uint32_t>(loops.size())});
  loops.push_back({std::move(loop), nullptr});
  return true;
}

bool RowPlan::build() {
  const std::vector<bool> needed = neededValues();
  const auto count = static_cast<std::uint32_t>(graph().values.size());
  std::vector<std::uint32_t> depth(count, 0);
  std::uint32_t deepest = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!needed[i]) continue;
    const ir::Value& value = graph().values[i];
    if (value.op == ir::Op::Input) columns_[i] = bundle_.program.inputs[value.slot].type.nullable;
    for (const ir::ValueId arg : value.args) depth[i] = std::max(depth[i], depth[arg.index]);
    if (lanes::runsOnHost(graph(), {i})) deepest = std::max(deepest, ++depth[i]);
  }
  for (std::uint32_t round = 1; round <= deepest; ++round) {
    std::vector<ir::ValueId> now;
    std::vector<ir::ValueId> before;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!needed[i] || depth[i] != round || !lanes::runsOnHost(graph(), {i})) continue;
      now.push_back({i});
      for (const ir::ValueId arg : graph().values[i].args) {
        const ir::ValueId rows = rowsOf(arg);
        if (graph()[rows].op != ir::Op::Constant && !isColumn(rows)) before.push_back(rows);
      }
    }
    if (!addLoop(std::move(before))) return false;
    for (const ir::ValueId id : now) {
      if (!addHost(id)) return false;
    }
  }
  std::vector<ir::ValueId> last;
  for (const ir::ValueId id : wanted) {
    if (graph()[id].type.kind == ir::Kind::Text) return false;
    if (!isColumn(rowsOf(id))) last.push_back(rowsOf(id));
  }
  if (!addLoop(std::move(last))) return false;
  const std::size_t first = bundle_.program.checks.size();
  feature_levels.resize(bundle_.model.features.size());
  for (std::size_t f = 0; f < feature_levels.size(); ++f) {
    if (bundle_.model.features[f].kind != ir::Kind::Category) continue;
    if (!needTexts(wanted[first + f])) return false;
    feature_levels[f] = indexOf(bundle_.model.features[f].levels);
  }
  for (LoopStep& step : loops) step.interpreter = std::make_unique<LoopInterpreter>(step.loop.program);
  return true;
}

}  // namespace cd4ml::score
