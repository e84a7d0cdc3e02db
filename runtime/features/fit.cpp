#include <algorithm>

#include <fmt/format.h>

#include "base/internal_check.h"
#include "base/parallel.h"
#include "runtime/features/backend.h"
#include "runtime/features/encoders.h"
#include "runtime/features/out_of_fold.h"

namespace cd4ml::features {
namespace {

bool isFitted(const ir::Value& value) { return value.op == ir::Op::Fit || value.op == ir::Op::Encode; }

std::vector<bool> neededBy(const ir::Graph& graph, std::span<const ir::ValueId> wanted) {
  std::vector<bool> needed(graph.values.size(), false);
  for (const ir::ValueId id : wanted) needed[id.index] = true;
  for (std::size_t i = graph.values.size(); i-- > 0;) {
    if (!needed[i]) continue;
    for (const ir::ValueId arg : graph.values[i].args) needed[arg.index] = true;
  }
  return needed;
}

/// How many fits must come before a value: those that the arguments of its own fit need.
std::vector<std::uint32_t> fitDepths(const ir::Graph& graph) {
  std::vector<std::uint32_t> depth(graph.values.size(), 0);
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    for (const ir::ValueId arg : graph.values[i].args) depth[i] = std::max(depth[i], depth[arg.index]);
    if (isFitted(graph.values[i])) ++depth[i];
  }
  return depth;
}

/// Columns of the arguments of fits, computed on the rows that the training part spans.
class FitArguments {
 public:
  FitArguments(const ir::Graph& graph, const std::vector<std::uint32_t>& fits, const score::FittedState& fitted,
               std::span<const score::ColumnView> inputs, std::int64_t rows, const ExecuteOptions& options)
      : graph_(graph), fitted_(fitted), inputs_(inputs), rows_(rows), options_(options) {
    for (const std::uint32_t fit : fits) {
      for (const ir::ValueId arg : graph.values[fit].args) wanted_.push_back(arg);
    }
    std::sort(wanted_.begin(), wanted_.end());
    wanted_.erase(std::unique(wanted_.begin(), wanted_.end()), wanted_.end());
  }
  Status compute() {
    const score::GraphRequest request{.graph = graph_, .wanted = wanted_, .inputs = inputs_, .rows = rows_, .fitted = fitted_, .lookups = options_.lookups};
    CD4ML_TRY(held_, runColumns(request, options_));
    return Done{};
  }
  [[nodiscard]] const score::ColumnView& of(ir::ValueId id) const {
    const auto at = std::lower_bound(wanted_.begin(), wanted_.end(), id);
    return held_[static_cast<std::size_t>(at - wanted_.begin())].view;
  }

 private:
  const ir::Graph& graph_;
  const score::FittedState& fitted_;
  std::span<const score::ColumnView> inputs_;
  std::int64_t rows_;
  const ExecuteOptions& options_;
  std::vector<ir::ValueId> wanted_;
  std::vector<score::Held> held_;
};

/// The numbers of each target that some encoder uses, by the target's value.
using Targets = std::map<std::uint32_t, TargetNumbers>;

Targets targetsOf(const ir::Graph& graph, const std::vector<std::uint32_t>& fits, const FitArguments& arguments, const RowSet& train) {
  Targets out;
  for (const std::uint32_t index : fits) {
    const ir::Value& value = graph.values[index];
    if (value.op != ir::Op::Encode || value.args.size() < 2 || out.contains(value.args[1].index)) continue;
    out.emplace(value.args[1].index, targetNumbers(arguments.of(value.args[1]), train));
  }
  return out;
}

Result<score::FittedValue> fitOne(const ir::Graph& graph, std::uint32_t index, const FitArguments& arguments, const Targets& targets,
                                  const RowSet& train) {
  const ir::Value& value = graph.values[index];
  if (value.op == ir::Op::Fit) {
    return fitStatistic(value, value.args.empty() ? nullptr : &arguments.of(value.args[0]), train);
  }
  const std::vector<std::string>* closed = graph[value.args[0]].type.levels.get();
  const TargetNumbers* target = value.args.size() < 2 ? nullptr : &targets.at(value.args[1].index);
  return fitEncoder(value, arguments.of(value.args[0]), closed, target, train);
}

/// Rows up to the last training row.
std::int64_t spanOf(const RowSet& train, std::int64_t rows) {
  if (train.indices.empty()) return std::min(rows, train.begin + train.count);
  return static_cast<std::int64_t>(*std::max_element(train.indices.begin(), train.indices.end())) + 1;
}

}  // namespace

Result<score::FittedState> fit(const ir::Graph& graph, std::span<const ir::ValueId> wanted, std::span<const data::Column> inputs,
                               std::int64_t rows, const RowSet& train, std::span<const std::uint64_t> row_ids,
                               const ExecuteOptions& options) {
  static_cast<void>(row_ids);  // the full fit needs no folds
  const std::vector<bool> needed = neededBy(graph, wanted);
  const std::vector<std::uint32_t> depth = fitDepths(graph);
  const std::vector<score::ColumnView> views = viewsOf(inputs);
  std::map<std::uint32_t, std::vector<std::uint32_t>> rounds;
  for (std::uint32_t i = 0; i < graph.values.size(); ++i) {
    if (needed[i] && isFitted(graph.values[i])) rounds[depth[i]].push_back(i);
  }
  score::FittedState state;
  for (const auto& [round, fits] : rounds) {
    FitArguments arguments(graph, fits, state, views, spanOf(train, rows), options);
    CD4ML_TRY_VOID(arguments.compute());
    const Targets targets = targetsOf(graph, fits, arguments, train);
    std::vector<std::optional<Result<score::FittedValue>>> results(fits.size());
    parallelFor(options.threads, fits.size(), [&](std::size_t i) { results[i] = fitOne(graph, fits[i], arguments, targets, train); });
    for (std::size_t i = 0; i < fits.size(); ++i) {
      CD4ML_TRY(state[fits[i]], std::move(*results[i]));
    }
  }
  return state;
}

int foldOf(std::uint64_t row_id, std::int64_t seed) {
  // A finalizer in the manner of splitmix64 (Steele, Lea and Flood 2014).
  std::uint64_t z = row_id + 0x9e3779b97f4a7c15U * (static_cast<std::uint64_t>(seed) + 1);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  z ^= z >> 31U;
  return static_cast<int>((static_cast<unsigned __int128>(z) * fold_count) >> 64U);
}

namespace {

struct Folds {
  data::Scratch<std::uint8_t> of_train;         ///< by training row
  std::shared_ptr<std::uint8_t> fit_of_row;  ///< by row; those outside the training part take the full fit
};

Folds placeInFolds(std::span<const std::uint64_t> row_ids, std::int64_t rows, const RowSet& train, std::int64_t seed) {
  Folds out{data::Scratch<std::uint8_t>(static_cast<std::size_t>(train.size())), data::allocateBuffer(static_cast<std::size_t>(rows))};
  std::fill_n(out.fit_of_row.get(), (rows + 63) / 64 * 64, static_cast<std::uint8_t>(fold_count));
  for (std::size_t i = 0; i < out.of_train.size(); ++i) {
    const std::int64_t row = trainRow(train, static_cast<std::int64_t>(i));
    out.of_train[i] = static_cast<std::uint8_t>(foldOf(row_ids[static_cast<std::size_t>(row)], seed));
    out.fit_of_row.get()[row] = out.of_train[i];
  }
  return out;
}

}  // namespace

Result<std::map<std::uint32_t, score::FoldedEncode>> foldEncoders(const ir::Graph& graph, std::span<const ir::ValueId> wanted,
                                                                  std::span<const score::ColumnView> inputs, std::int64_t rows,
                                                                  const RowSet& train, const score::FittedState& fitted,
                                                                  std::span<const std::uint64_t> row_ids, const ExecuteOptions& options) {
  std::map<std::uint32_t, score::FoldedEncode> folded;
  const std::vector<bool> needed = neededBy(graph, wanted);
  std::vector<std::uint32_t> encoders;
  for (std::uint32_t i = 0; i < graph.values.size(); ++i) {
    const ir::Value& value = graph.values[i];
    if (needed[i] && value.op == ir::Op::Encode && value.args.size() > 1) encoders.push_back(i);
  }
  if (encoders.empty() || train.size() == 0) return folded;
  CD4ML_CHECK(static_cast<std::int64_t>(row_ids.size()) >= rows);
  FitArguments arguments(graph, encoders, fitted, inputs, spanOf(train, rows), options);
  CD4ML_TRY_VOID(arguments.compute());
  const Targets targets = targetsOf(graph, encoders, arguments, train);
  std::map<std::int64_t, Folds> folds;
  for (const std::uint32_t index : encoders) {
    const ir::Value& encode = graph.values[index];
    const auto* given = encode.options.size() > 1 ? std::get_if<std::int64_t>(&encode.options[1].value) : nullptr;
    const std::int64_t seed = given == nullptr ? 0 : *given;
    if (!folds.contains(seed)) folds.emplace(seed, placeInFolds(row_ids, rows, train, seed));
    const Folds& placed = folds.at(seed);
    std::vector<score::FittedValue> fits =
        fitTargetFolds(encode, arguments.of(encode.args[0]), targets.at(encode.args[1].index), train, placed.of_train, fold_count);
    // The very bits that scoring has, whatever the order of the folds' sums.
    fits.back() = fitted.at(index);
    folded.emplace(index, score::FoldedEncode{.fit_of_row = placed.fit_of_row, .fits = std::move(fits)});
  }
  return folded;
}

}  // namespace cd4ml::features
