#include "runtime/features/backend.h"

#include <algorithm>
#include <atomic>

#include <fmt/format.h>

#include "base/parallel.h"
#include "runtime/jit/compiled_loop.h"
#include "runtime/score/interpret_loop.h"

namespace cd4ml::features {
namespace {

constexpr std::int64_t morsel_groups = 512;  // 4,096 rows: a morsel of a few dozen columns stays in the L2 cache
constexpr std::int64_t compile_from_groups = 32'768 / 8;

template <class Run>
bool runMorsels(int threads, std::int64_t groups, const Run& run) {
  std::atomic<bool> failed{false};
  const auto morsels = static_cast<std::size_t>((groups + morsel_groups - 1) / morsel_groups);
  parallelFor(threads, morsels, [&](std::size_t m) {
    const std::int64_t begin = static_cast<std::int64_t>(m) * morsel_groups;
    if (run(begin, std::min(groups, begin + morsel_groups))) failed = true;
  });
  return failed;
}

bool compiles(const ExecuteOptions& options, std::int64_t groups) {
  switch (options.mode) {
    case ExecuteOptions::Mode::Auto: return groups >= compile_from_groups;
    case ExecuteOptions::Mode::Interpret: return false;
    case ExecuteOptions::Mode::Compile: return true;
  }
  return false;
}

bool reads(const ir::Graph& graph, ir::ValueId root, ir::ValueId value) {
  std::vector<bool> needed(root.index + 1, false);
  needed[root.index] = true;
  for (std::uint32_t i = root.index + 1; i-- > value.index;) {
    if (!needed[i]) continue;
    if (i == value.index) return true;
    for (const ir::ValueId arg : graph.values[i].args) needed[arg.index] = true;
  }
  return false;
}

/// ", `share` of `clean`": the first wanted value for which the failed one was computed.
std::string placeOf(const score::GraphRequest& request, ir::ValueId failed, const ExecuteOptions& options) {
  if (!options.nameOf) return {};
  for (const ir::ValueId wanted : request.wanted) {
    if (wanted.index < failed.index || !reads(request.graph, wanted, failed)) continue;
    const std::string name = options.nameOf(wanted);
    return name.empty() ? name : ", " + name;
  }
  return {};
}

}  // namespace

score::Backend makeBackend(const ExecuteOptions& options) {
  const auto run = [options](const lanes::Program& program, const lanes::Arguments& arguments, std::int64_t groups) {
    if (compiles(options, groups)) {
      if (const auto loop = jit::compileLoop(program, options.object_cache)) {
        return runMorsels(options.threads, groups, [&](std::int64_t begin, std::int64_t end) {
          return loop->run(arguments, begin, end);
        });
      }
    }
    const score::LoopInterpreter interpreter(program);
    return runMorsels(options.threads, groups, [&](std::int64_t begin, std::int64_t end) {
      return interpreter.run(arguments, begin, end);
    });
  };
  return {.allocate = data::allocateBuffer, .run = run};
}

Result<std::vector<score::Held>> runColumns(const score::GraphRequest& request, const ExecuteOptions& options) {
  std::optional<score::RowError> row_error;
  auto columns = score::runGraph(request, makeBackend(options), row_error);
  if (!row_error) return columns;
  return makeError("CD5016", fmt::format("row {}{}: {}", row_error->row + 1, placeOf(request, row_error->value, options), row_error->message),
                   request.graph[row_error->value].span);
}

std::vector<score::ColumnView> viewsOf(std::span<const data::Column> inputs) {
  std::vector<score::ColumnView> views;
  for (const data::Column& column : inputs) views.push_back(column.view());
  return views;
}

data::Column toColumn(score::Held held, const ir::Type& type, std::span<const data::Column> inputs) {
  data::Column out;
  out.type = type;
  if (type.kind == ir::Kind::Vector) out.type.width = held.width;
  out.rows = held.view.rows;
  out.stride = type.kind == ir::Kind::Vector ? (out.rows + 7) / 8 * 8 : 0;
  if (held.values != nullptr) out.readable = data::readableRows(type.kind, out.rows);
  // A buffer that the run did not make is that of an input.
  for (const data::Column& input : inputs) {
    const void* values = held.view.values;
    if (held.values == nullptr && values != nullptr && input.values.get() == values) held.values = std::const_pointer_cast<std::uint8_t>(input.values);
    const auto* offsets = reinterpret_cast<const std::uint8_t*>(held.view.offsets);
    if (held.offsets == nullptr && offsets != nullptr && input.offsets.get() == offsets) held.offsets = std::const_pointer_cast<std::uint8_t>(input.offsets);
    if (held.validity == nullptr && held.view.validity != nullptr && input.validity.get() == held.view.validity) {
      held.validity = std::const_pointer_cast<std::uint8_t>(input.validity);
    }
    if (input.values == held.values) out.readable = input.readable;
    if (input.values == held.values) out.keep_alive.insert(out.keep_alive.end(), input.keep_alive.begin(), input.keep_alive.end());
  }
  out.values = held.values == nullptr ? data::allocateBuffer(0) : std::move(held.values);
  out.offsets = std::move(held.offsets);
  out.validity = std::move(held.validity);
  if (type.kind == ir::Kind::Category) out.levels = held.texts;
  return data::finishColumn(std::move(out));
}

}  // namespace cd4ml::features
