#include "runtime/engine/run_window.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/opt/define_window.h"
#include "runtime/data/key_index.h"
#include "runtime/data/value_text.h"

namespace cd4ml::engine {

namespace {

/// Slots of another node that a window reads.
Slots slotsOfNode(const ir::Window& window) {
  std::set<std::uint32_t> slots(window.folded_keys.begin(), window.folded_keys.end());
  slots.insert(window.folded_time);
  if (window.folded_available != ir::no_slot) slots.insert(window.folded_available);
  for (const ir::Value& value : window.graph.values) {
    if (value.op == ir::Op::Input && value.slot < window.row_base) slots.insert(value.slot);
  }
  return {slots.begin(), slots.end()};
}

std::vector<data::Column> pick(std::span<const data::Column> columns, const std::vector<std::uint32_t>& slots) {
  std::vector<data::Column> out;
  for (const std::uint32_t slot : slots) out.push_back(columns[slot]);
  return out;
}

/// "origin = \"SFO\" at 2001-01-13T10:00:00Z".
std::string describeRow(const ir::Window& window, const WindowColumns& current, std::int32_t row) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < window.current_keys.size(); ++k) names.push_back(fmt::format("key {}", k + 1));
  const std::vector<data::Column> keys = pick(current.columns, window.current_keys);
  const std::string key = data::keyText(keys, names, row);
  return fmt::format("{}{}at {}", key, key.empty() ? "" : " ", data::valueText(current.columns[window.current_time], row));
}

}  // namespace

Result<std::shared_ptr<const data::WindowOrder>> WindowRunner::orderOf(const ir::Window& window, const WindowColumns& current,
                                                                       const WindowColumns& folded) {
  std::vector<std::uint32_t> key{window.node.index, window.current_time, window.folded_time};
  for (std::size_t k = 0; k < window.current_keys.size(); ++k) key.insert(key.end(), {window.current_keys[k], window.folded_keys[k]});
  std::shared_ptr<const data::WindowOrder>& order = orders_[key];
  if (order == nullptr) {
    order = std::make_shared<data::WindowOrder>(data::WindowSide{pick(current.columns, window.current_keys), current.columns[window.current_time]},
                                                data::WindowSide{pick(folded.columns, window.folded_keys), folded.columns[window.folded_time]});
  }
  return order;
}

Result<data::Column> WindowRunner::argumentOf(const ir::Window& window, const WindowColumns& folded) {
  const ir::Value& value = window.graph[window.argument];
  if (value.op == ir::Op::Input) return folded.columns[value.slot];
  CD4ML_TRY(std::vector<data::Column> out,
            features::compute(window.graph, std::span(&window.argument, 1), folded.columns, folded.rows, run_.execute()));
  return std::move(out[0]);
}

Result<data::Column> WindowRunner::fold(const ir::Window& window, const WindowColumns& current, const WindowColumns& own) {
  std::vector<data::Column> of_node;
  WindowColumns folded = own;
  if (window.node.valid()) {
    CD4ML_TRY(of_node, fetchSparse(run_, window.node, slotsOfNode(window)));
    folded = {of_node, of_node[window.folded_time].rows};
  }
  data::WindowRequest request;
  request.window = &window;
  request.threads = run_.threads();
  CD4ML_TRY(request.order, orderOf(window, current, folded));
  if (window.folded_available != ir::no_slot) request.available = folded.columns[window.folded_available];
  if (window.argument.valid() && window.row_inputs.empty()) {
    CD4ML_TRY(request.argument, argumentOf(window, folded));
  }
  if (!window.row_inputs.empty()) {
    request.argument_of = [&](std::span<const std::int32_t> current_rows, std::span<const std::int32_t> folded_rows) -> Result<data::Column> {
      std::vector<data::Column> inputs(window.row_base + window.row_inputs.size());
      for (const std::uint32_t slot : inputsRead(window.graph, std::span(&window.argument, 1))) {
        const bool is_own = slot >= window.row_base;
        inputs[slot] = is_own ? data::take(current.columns[window.row_inputs[slot - window.row_base]], current_rows)
                              : data::take(folded.columns[slot], folded_rows);
      }
      CD4ML_TRY(std::vector<data::Column> out, features::compute(window.graph, std::span(&window.argument, 1), inputs,
                                                                 static_cast<std::int64_t>(current_rows.size()), run_.execute()));
      return std::move(out[0]);
    };
    request.threads = 1;  // the computation of arguments has its own
  }
  if (window.direction == ir::Window::Direction::Ahead) {
    CD4ML_TRY(const std::int64_t newest, newestTime(run_, window.ends));
    request.data_end = std::max(newest, request.order->newest());
  }
  request.describe = [&](std::int32_t row) { return describeRow(window, current, row); };
  return data::foldWindow(request);
}

Result<std::int64_t> newestTime(Run& run, const std::vector<ir::SlotRef>& ends) {
  std::int64_t newest = data::WindowOrder::no_time;
  for (const ir::SlotRef& end : ends) {
    CD4ML_TRY(const std::vector<data::Column> time, fetchColumns(run, end.node, {end.slot}));
    for (const std::int64_t t : data::eventTimes(time[0])) newest = std::max(newest, t);
  }
  return newest;
}

namespace {

/// The windows that `slots` read, in order: a window's own windows come before it.
std::vector<std::uint32_t> windowsUnder(std::uint32_t columns, const ir::Features& features, const Slots& slots) {
  std::vector<bool> needed(features.windows.size(), false);
  for (const std::uint32_t slot : slots) {
    if (slot >= columns) needed[slot - columns] = true;
  }
  for (std::size_t w = needed.size(); w-- > 0;) {
    if (!needed[w]) continue;
    for (const std::uint32_t slot : opt::ownSlotsRead(features.windows[w])) {
      if (slot >= columns) needed[slot - columns] = true;
    }
  }
  std::vector<std::uint32_t> out;
  for (std::uint32_t w = 0; w < needed.size(); ++w) {
    if (needed[w]) out.push_back(w);
  }
  return out;
}

}  // namespace

Slots columnsUnder(const Run& run, const ir::Features& features, const Slots& slots) {
  const auto columns = static_cast<std::uint32_t>(run.node(features.from).columns.size());
  std::set<std::uint32_t> under;
  for (const std::uint32_t slot : slots) {
    if (slot < columns) under.insert(slot);
  }
  for (const std::uint32_t w : windowsUnder(columns, features, slots)) {
    for (const std::uint32_t slot : opt::ownSlotsRead(features.windows[w])) {
      if (slot < columns) under.insert(slot);
    }
  }
  return {under.begin(), under.end()};
}

Status addWindows(Run& run, const ir::Features& features, const Slots& slots, std::vector<data::Column>& inputs, std::int64_t rows) {
  const auto columns = static_cast<std::uint32_t>(run.node(features.from).columns.size());
  const std::vector<std::uint32_t> windows = windowsUnder(columns, features, slots);
  if (windows.empty()) return Done{};
  inputs.resize(columns + features.windows.size());
  WindowRunner runner(run);
  for (const std::uint32_t w : windows) {
    CD4ML_TRY_VOID(run.checkCancelled());
    const WindowColumns own{std::span<const data::Column>(inputs), rows};
    CD4ML_TRY(inputs[columns + w], runner.fold(features.windows[w], own, own));
  }
  return Done{};
}

}  // namespace cd4ml::engine
