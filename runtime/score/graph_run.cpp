#include "runtime/score/graph_run.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <set>

#include "base/internal_check.h"
#include "runtime/score/interpret_loop.h"

namespace cd4ml::score {
namespace {

std::size_t padded(std::size_t bytes) { return (std::max<std::size_t>(bytes, 1) + 63) / 64 * 64; }

std::shared_ptr<std::uint8_t> allocateAligned(std::size_t bytes) {
  auto* memory = static_cast<std::uint8_t*>(std::aligned_alloc(64, padded(bytes)));
  CD4ML_CHECK(memory != nullptr);
  return {memory, [](std::uint8_t* p) { std::free(p); }};
}

std::size_t bytesOf(ir::Kind kind) { return kind == ir::Kind::Bool ? 1 : kind == ir::Kind::Category || kind == ir::Kind::Text ? 4 : 8; }

}  // namespace

Backend interpreterBackend() {
  return {.allocate = allocateAligned,
          .run = [](const lanes::Program& program, const lanes::Arguments& arguments, std::int64_t groups) {
            return LoopInterpreter(program).run(arguments, 0, groups);
          }};
}

std::shared_ptr<std::uint8_t> GraphRun::allocateBits() const {
  const std::size_t bytes = padded(static_cast<std::size_t>(rows() + 7) / 8);
  auto bits = allocate(bytes);
  std::memset(bits.get(), 0xff, bytes);
  return bits;
}

const FittedValue& GraphRun::fitted(ir::ValueId value) const {
  const auto at = request_.fitted.find(value.index);
  CD4ML_CHECK(at != request_.fitted.end());
  return at->second;
}

std::uint32_t GraphRun::encodedWidth(ir::ValueId encode) const { return fitted(encode).width; }

bool GraphRun::isFolded(ir::ValueId encode) const {
  return request_.folded != nullptr && request_.folded->contains(encode.index);
}

ir::ValueId GraphRun::rowsOf(ir::ValueId value) const {
  while (!isColumn(value) && lanes::mapsTexts(graph_, value)) value = lanes::categoryArgument(graph_, value);
  return value;
}

std::vector<bool> GraphRun::neededValues() const {
  std::vector<bool> needed(graph_.values.size(), false);
  for (const ir::ValueId id : request_.wanted) needed[id.index] = true;
  for (std::size_t i = graph_.values.size(); i-- > 0;) {
    const ir::Value& value = graph_.values[i];
    if (!needed[i]) continue;
    if (value.op == ir::Op::Fit) continue;  // a number by now
    // The target of an encoder serves the fit alone.
    const std::size_t args = value.op == ir::Op::Encode ? 1 : value.args.size();
    for (std::size_t a = 0; a < args; ++a) needed[value.args[a].index] = true;
  }
  return needed;
}

void GraphRun::takeInputs(const std::vector<bool>& needed) {
  for (std::uint32_t i = 0; i < graph_.values.size(); ++i) {
    if (!needed[i] || graph_.values[i].op != ir::Op::Input) continue;
    CD4ML_CHECK(graph_.values[i].slot < request_.inputs.size());
    const ColumnView& view = request_.inputs[graph_.values[i].slot];
    CD4ML_CHECK(view.rows >= rows());
    columns_.emplace(i, Held{.view = view});
  }
}

std::vector<ir::ValueId> GraphRun::laneArguments(ir::ValueId host_value) const {
  std::vector<ir::ValueId> out;
  for (ir::ValueId arg : graph_[host_value].args) {
    arg = rowsOf(arg);
    if (graph_[arg].op != ir::Op::Constant && !isColumn(arg)) out.push_back(arg);
  }
  return out;
}

Result<std::vector<Held>> GraphRun::run(std::optional<RowError>& row_error) {
  const std::vector<bool> needed = neededValues();
  takeInputs(needed);
  std::vector<std::uint32_t> depth(graph_.values.size(), 0);
  std::uint32_t deepest = 0;
  for (std::uint32_t i = 0; i < graph_.values.size(); ++i) {
    if (!needed[i]) continue;
    for (const ir::ValueId arg : graph_.values[i].args) depth[i] = std::max(depth[i], depth[arg.index]);
    if (lanes::runsOnHost(graph_, {i})) deepest = std::max(deepest, ++depth[i]);
  }
  for (std::uint32_t round = 1; round <= deepest; ++round) {
    std::vector<ir::ValueId> now;
    std::vector<ir::ValueId> before;
    for (std::uint32_t i = 0; i < graph_.values.size(); ++i) {
      if (!needed[i] || depth[i] != round || !lanes::runsOnHost(graph_, {i})) continue;
      now.push_back({i});
      for (const ir::ValueId arg : laneArguments({i})) before.push_back(arg);
    }
    (void)runLoop(std::move(before), Failing::Kept);
    for (const ir::ValueId id : now) {
      CD4ML_TRY(Held held, runOnHost(*this, id));
      if (held.texts != nullptr) texts_[id.index] = held.texts;
      columns_.emplace(id.index, std::move(held));
      keepFailures(id, hostFailures(id));
    }
  }
  std::vector<ir::ValueId> last;
  for (const ir::ValueId id : request_.wanted) {
    if (graph_[id].type.kind != ir::Kind::Text && !isColumn(rowsOf(id))) last.push_back(rowsOf(id));
  }
  row_error = runLoop(std::move(last), Failing::Told);
  for (const ir::ValueId id : request_.wanted) {
    const FailedRows* failures = failuresOf(id);
    if (failures != nullptr && (!row_error || failures->front().row < row_error->row)) row_error = told(failures->front());
  }
  if (row_error) return makeError("CD5016", row_error->message, graph_[row_error->value].span);
  std::vector<Held> out;
  for (const ir::ValueId id : request_.wanted) out.push_back(result(id));
  return out;
}

Held GraphRun::result(ir::ValueId wanted) {
  if (!isColumn(rowsOf(wanted))) {
    CD4ML_CHECK(graph_[wanted].op == ir::Op::Constant);
    Held held;  // a constant text
    const std::string_view text = constantText(graph_[wanted]).value_or("");
    held.offsets = allocate(static_cast<std::size_t>(rows() + 1) * 8);
    held.values = allocate(static_cast<std::size_t>(rows()) * text.size());
    auto* offsets = reinterpret_cast<std::int64_t*>(held.offsets.get());
    for (std::int64_t r = 0; r <= rows(); ++r) offsets[r] = r * static_cast<std::int64_t>(text.size());
    for (std::int64_t r = 0; r < rows(); ++r) std::copy(text.begin(), text.end(), held.values.get() + offsets[r]);
    if (!constantText(graph_[wanted])) {
      held.validity = allocateBits();
      std::memset(held.validity.get(), 0, static_cast<std::size_t>(rows() + 7) / 8);
    }
    held.view = {ir::Kind::Text, rows(), held.values.get(), offsets, held.validity.get(), nullptr};
    return held;
  }
  Held held = columns_.at(rowsOf(wanted).index);
  held.view.kind = graph_[wanted].type.kind;
  held.view.rows = rows();
  if (graph_[wanted].type.kind != ir::Kind::Category) return held;
  held.texts = texts(wanted);
  auto dictionary = std::make_shared<Dictionary>();
  dictionary->levels.assign(held.texts->begin(), held.texts->end());
  held.view.dictionary = dictionary.get();
  held.owned.push_back(std::move(dictionary));
  return held;
}

std::vector<void*> GraphRun::makeOutputs(const lanes::Loop& loop) {
  std::vector<void*> outputs(loop.outputs.size());
  const std::int64_t stride = (rows() + 7) / 8 * 8;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const lanes::OutputSlot& slot = loop.outputs[i];
    Held& held = columns_[slot.value.index];
    const ir::Kind kind = graph_[slot.value].type.kind;
    const std::size_t width = loop.values.at(slot.value.index).lanes.size();
    if (slot.is_validity) {
      held.validity = allocate(static_cast<std::size_t>(stride / 8));
      held.view.validity = held.validity.get();
      outputs[i] = held.validity.get();
      continue;
    }
    if (held.values == nullptr) {
      held.values = allocate(static_cast<std::size_t>(stride) * bytesOf(kind) * width);
      held.stride = stride;
      held.width = static_cast<std::uint32_t>(width);
      held.view.kind = kind;
      held.view.rows = rows();
      held.view.values = held.values.get();
    }
    outputs[i] = held.values.get() + static_cast<std::size_t>(slot.element * stride) * bytesOf(kind);
  }
  return outputs;
}

std::optional<RowError> GraphRun::runLoop(std::vector<ir::ValueId> values, Failing failing) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  if (values.empty()) return std::nullopt;
  const lanes::Loop loop = lanes::lower(graph_, values, *this);
  std::vector<const void*> columns;
  for (const lanes::ColumnSlot& slot : loop.columns) columns.push_back(columnPointer(slot));
  std::vector<std::shared_ptr<void>> tables;
  std::vector<const void*> table_pointers;
  for (const lanes::TableSlot& slot : loop.tables) {
    tables.push_back(makeTable(slot));
    table_pointers.push_back(tables.back().get());
  }
  std::vector<std::int64_t> params;
  for (const lanes::ParamSlot& slot : loop.params) params.push_back(paramBits(slot));
  const std::vector<void*> outputs = makeOutputs(loop);
  for (const ir::ValueId id : values) {  // an encoder without levels has no lanes
    Held& held = columns_[id.index];
    held.view.kind = graph_[id].type.kind;
    held.view.rows = rows();
    if (loop.values.at(id.index).lanes.empty()) held.width = 0;
  }
  const lanes::Arguments arguments{columns.data(), table_pointers.data(), params.data(), outputs.data()};
  if (rows() == 0 || !backend_.run(loop.program, arguments, (rows() + 7) / 8)) return std::nullopt;
  if (failing == Failing::Told) return explain(loop, arguments, values);
  for (auto& [value, failures] : explainAll(loop, arguments, values)) keepFailures({value}, std::move(failures));
  return std::nullopt;
}

std::int64_t GraphRun::paramBits(const lanes::ParamSlot& slot) {
  switch (slot.what) {
    case lanes::ParamSlot::What::Number: return std::bit_cast<std::int64_t>(fitted(slot.value).number);
    case lanes::ParamSlot::What::Integer: return fitted(slot.value).integer;
    case lanes::ParamSlot::What::There: return fitted(slot.value).null ? 0 : -1;
    case lanes::ParamSlot::What::Levels: return static_cast<std::int64_t>(texts(slot.value)->size());
  }
  return 0;
}

const void* GraphRun::columnPointer(const lanes::ColumnSlot& slot) const {
  switch (slot.what) {
    case lanes::ColumnSlot::What::Values: return columns_.at(slot.value.index).view.values;
    case lanes::ColumnSlot::What::Validity: return columns_.at(slot.value.index).view.validity;
    case lanes::ColumnSlot::What::Failed: return columns_.at(slot.value.index).failed.get();
    case lanes::ColumnSlot::What::Fold: return request_.folded->at(slot.value.index).fit_of_row.get();
  }
  return nullptr;
}

Result<std::vector<Held>> runGraph(const GraphRequest& request, const Backend& backend, std::optional<RowError>& row_error) {
  row_error.reset();
  return GraphRun(request, backend).run(row_error);
}

}  // namespace cd4ml::score
