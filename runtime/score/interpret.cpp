#include "runtime/score/interpret.h"

#include <cstring>

#include "runtime/score/run_graph.h"

namespace cd4ml::score {

Block makeBlock(ColumnView view, std::vector<std::shared_ptr<void>> owned) {
  Block block;
  block.view_ = view;
  block.owned_ = std::move(owned);
  return block;
}

namespace {

/// Copies what belongs to an input, so that the block owns all it shows.
void copyBuffer(const void*& pointer, std::size_t bytes, const Backend& backend, std::vector<std::shared_ptr<void>>& owned) {
  auto buffer = backend.allocate(bytes);
  std::memcpy(buffer.get(), pointer, bytes);
  pointer = buffer.get();
  owned.push_back(std::move(buffer));
}

void ownBuffers(Held& held, const Backend& backend) {
  ColumnView& view = held.view;
  const auto rows = static_cast<std::size_t>(view.rows);
  if (view.kind == ir::Kind::Text) {
    const std::int64_t* offsets = view.offsets;
    const void* bytes = static_cast<const char*>(view.values) + offsets[0];
    copyBuffer(bytes, static_cast<std::size_t>(offsets[rows] - offsets[0]), backend, held.owned);
    view.values = static_cast<const char*>(bytes) - offsets[0];
    const void* copied = offsets;
    copyBuffer(copied, (rows + 1) * 8, backend, held.owned);
    view.offsets = static_cast<const std::int64_t*>(copied);
  } else {
    copyBuffer(view.values, rows * (view.kind == ir::Kind::Bool ? 1 : view.kind == ir::Kind::Category ? 4 : 8), backend, held.owned);
  }
  if (view.validity == nullptr) return;
  const void* bits = view.validity;
  copyBuffer(bits, (rows + 7) / 8, backend, held.owned);
  view.validity = static_cast<const std::uint8_t*>(bits);
}

}  // namespace

Result<std::vector<std::shared_ptr<const Block>>> interpret(const ir::Graph& graph, std::span<const ir::ValueId> wanted,
                                                            std::span<const ColumnView> inputs, std::int64_t rows,
                                                            const FittedState& fitted, const LookupSnapshots* lookups,
                                                            std::optional<RowError>& row_error) {
  const Backend backend = interpreterBackend();
  const GraphRequest request{.graph = graph, .wanted = wanted, .inputs = inputs, .rows = rows, .fitted = fitted, .lookups = lookups};
  CD4ML_TRY(std::vector<Held> columns, runGraph(request, backend, row_error));
  std::vector<std::shared_ptr<const Block>> blocks;
  for (Held& held : columns) {
    const bool computed = held.values != nullptr || held.view.values == nullptr;
    if (!computed) ownBuffers(held, backend);
    for (auto* buffer : {&held.values, &held.offsets, &held.validity}) {
      if (*buffer != nullptr) held.owned.push_back(std::move(*buffer));
    }
    if (held.texts != nullptr) held.owned.push_back(std::const_pointer_cast<std::vector<std::string>>(held.texts));
    blocks.push_back(std::make_shared<const Block>(makeBlock(held.view, std::move(held.owned))));
  }
  return blocks;
}

}  // namespace cd4ml::score
