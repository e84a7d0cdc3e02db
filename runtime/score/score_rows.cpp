#include "runtime/score/score_rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/parallel.h"
#include "runtime/score/category_codes.h"
#include "runtime/score/gather.h"

namespace cd4ml::score {

namespace {

constexpr std::int64_t block_rows = 65'536;  ///< a multiple of 64: slices of columns stay aligned

/// Copies the predictions of some rows to their places.
void place(const Predictions& from, std::span<const std::int64_t> rows, Predictions& to) {
  const auto copy = [&](const auto& values, auto& out) {
    if (from.rows == 0 || values.empty()) return;
    const std::size_t columns = values.size() / static_cast<std::size_t>(from.rows);
    for (std::size_t c = 0; c < columns; ++c) {
      for (std::size_t i = 0; i < rows.size(); ++i) {
        out[c * static_cast<std::size_t>(to.rows) + static_cast<std::size_t>(rows[i])] = values[c * rows.size() + i];
      }
    }
  };
  copy(from.raw, to.raw);
  copy(from.number, to.number);
  copy(from.probability, to.probability);
  copy(from.by_class, to.by_class);
  copy(from.label, to.label);
}

Predictions emptyPredictions(const Model& model, std::int64_t rows) {
  const auto n = static_cast<std::size_t>(rows);
  Predictions out{.rows = rows, .raw = std::vector<double>(n * model.outputs()), .number = {}, .probability = {}, .by_class = {}, .label = {}};
  if (model.task == ir::Task::Regression) out.number.resize(n);
  else out.probability.resize(n), out.label.resize(n);
  if (model.task == ir::Task::Multiclass) out.by_class.resize(n * model.outputs());
  return out;
}

/// Codes of the column that a closed category does not have.
std::vector<bool> foreignCodes(const ColumnView& column, const ir::Type& type) {
  std::vector<bool> foreign;
  if (column.kind != ir::Kind::Category || type.levels == nullptr) return foreign;
  for (const std::int32_t code : mapLevels(*column.dictionary, *type.levels)) foreign.push_back(code < 0);
  if (std::find(foreign.begin(), foreign.end(), true) == foreign.end()) foreign.clear();
  return foreign;
}

}  // namespace

struct RowScorer::State {
  Bundle bundle;
  std::shared_ptr<const LookupSnapshots> lookups;
  std::unique_ptr<Predictor> predictor;
  std::vector<ir::ValueId> wanted;  ///< conditions of checks, then features

  /// What is wrong with a row's raw values; empty: nothing.
  [[nodiscard]] std::string rawProblem(std::span<const ColumnView> columns, std::span<const std::vector<bool>> foreign, std::int64_t row) const {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const ir::Column& input = bundle.program.inputs[c];
      if (!columns[c].isValid(row)) {
        if (!input.type.nullable) return fmt::format("column `{}` is null", input.name);
        continue;
      }
      if (foreign[c].empty()) continue;
      const auto code = static_cast<std::size_t>(columns[c].codes()[row]);
      if (foreign[c][code]) return fmt::format("column `{}` is \"{}\", which is none of its categories", input.name, columns[c].dictionary->levels[code]);
    }
    return {};
  }

  /// Rows whose checks hold, as places in the piece; the others become bad.
  [[nodiscard]] std::vector<std::int64_t> checkRows(const std::vector<std::shared_ptr<const Block>>& blocks,
                                                    std::span<const std::int64_t> rows, std::vector<BadRow>& bad) const {
    std::vector<std::int64_t> good;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto failed = [&](std::size_t c) {
        const ColumnView& holds = blocks[c]->view();
        const auto at = static_cast<std::int64_t>(i);
        return !bundle.program.checks[c].warning && holds.isValid(at) && holds.bools()[at] == 0;
      };
      std::size_t c = 0;
      while (c < bundle.program.checks.size() && !failed(c)) ++c;
      if (c == bundle.program.checks.size()) good.push_back(static_cast<std::int64_t>(i));
      else bad.push_back({rows[i], fmt::format("its check `{}` does not hold", bundle.program.checks[c].text)});
    }
    return good;
  }

  [[nodiscard]] std::vector<ColumnView> featureViews(const std::vector<std::shared_ptr<const Block>>& blocks, std::int64_t rows) const {
    std::vector<ColumnView> views;
    const std::size_t first = bundle.program.checks.size();
    for (std::size_t f = 0; f < bundle.model.features.size(); ++f) {
      ColumnView view = blocks[first + f]->view();
      view.rows = rows;
      if (bundle.model.features[f].kind != ir::Kind::Vector) {
        views.push_back(view);
        continue;
      }
      const std::int64_t stride = (rows + 7) / 8 * 8;
      const auto* values = static_cast<const double*>(view.values);
      view.kind = ir::Kind::Float;
      for (std::uint32_t k = 0; k < bundle.model.features[f].width; ++k) {
        view.values = values + static_cast<std::int64_t>(k) * stride;
        views.push_back(view);
      }
    }
    for (std::size_t key = first + bundle.model.features.size(); key < blocks.size(); ++key) {
      views.push_back(blocks[key]->view());
      views.back().rows = rows;
    }
    return views;
  }

  /// Scores a piece whose raw values are sound: `columns` hold just these rows. Where the computation of a row fails,
  /// the piece is halved until that row stands alone.
  Status scorePiece(std::span<const ColumnView> columns, std::span<const std::int64_t> rows, Predictions& out, std::vector<BadRow>& bad) const {
    if (rows.empty()) return Done{};
    std::optional<RowError> row_error;
    const auto count = static_cast<std::int64_t>(rows.size());
    // A row that fails is an error of the whole computation; which row it was is told beside it.
    auto computed = interpret(bundle.program.graph, wanted, columns, count, bundle.fitted, lookups.get(), row_error);
    if (!computed.ok() && !row_error) return std::move(computed).error();
    if (!row_error) {
      const auto& blocks = *computed;
      const std::vector<std::int64_t> good = checkRows(blocks, rows, bad);
      const Predictions made = predictor->predict(featureViews(blocks, count), count, 1);
      place(made, rows, out);
      for (const std::int64_t at : made.unknown) {
        const std::int64_t row = rows[static_cast<std::size_t>(at)];
        const bool known = std::any_of(bad.begin(), bad.end(), [&](const BadRow& each) { return each.row == row; });
        if (!known) bad.push_back({row, "there is no model for its key and no fallback"});
      }
      return Done{};
    }
    if (rows.size() == 1) {
      bad.push_back({rows[0], row_error->message});
      return Done{};
    }
    const std::size_t half = rows.size() / 2;
    CD4ML_TRY_VOID(scoreHalf(columns, 0, half, rows.subspan(0, half), out, bad));
    return scoreHalf(columns, half, rows.size(), rows.subspan(half), out, bad);
  }

  Status scoreHalf(std::span<const ColumnView> columns, std::size_t begin, std::size_t end, std::span<const std::int64_t> rows,
                   Predictions& out, std::vector<BadRow>& bad) const {
    std::vector<std::int64_t> places;
    for (std::size_t i = begin; i < end; ++i) places.push_back(static_cast<std::int64_t>(i));
    return scoreGathered(columns, places, rows, out, bad);
  }

  Status scoreGathered(std::span<const ColumnView> columns, std::span<const std::int64_t> places, std::span<const std::int64_t> rows,
                       Predictions& out, std::vector<BadRow>& bad) const {
    std::vector<Gathered> gathered;
    std::vector<ColumnView> views;
    for (const ColumnView& column : columns) {
      gathered.push_back(gatherRows(column, places));
      views.push_back(gathered.back().view);
    }
    return scorePiece(views, rows, out, bad);
  }

  Status scoreBlock(std::span<const ColumnView> columns, std::span<const std::vector<bool>> foreign, std::int64_t begin, std::int64_t count,
                    Predictions& out, std::vector<BadRow>& bad) const {
    std::vector<std::int64_t> rows;
    rows.reserve(static_cast<std::size_t>(count));
    for (std::int64_t row = begin; row < begin + count; ++row) {
      std::string problem = rawProblem(columns, foreign, row);
      if (problem.empty()) rows.push_back(row);
      else bad.push_back({row, std::move(problem)});
    }
    Status status = Done{};
    if (static_cast<std::int64_t>(rows.size()) == count) {
      std::vector<ColumnView> views;
      for (const ColumnView& column : columns) views.push_back(sliceView(column, begin, count));
      status = scorePiece(views, rows, out, bad);
    } else {
      status = scoreGathered(columns, rows, rows, out, bad);
    }
    std::sort(bad.begin(), bad.end(), [](const BadRow& a, const BadRow& b) { return a.row < b.row; });
    return status;
  }
};

RowScorer::RowScorer(Bundle bundle, std::shared_ptr<const LookupSnapshots> lookups) : state_(std::make_unique<State>()) {
  state_->predictor = std::make_unique<Predictor>(bundle.model);
  for (const ir::FieldCheck& check : bundle.program.checks) state_->wanted.push_back(check.condition);
  state_->wanted.insert(state_->wanted.end(), bundle.program.features.begin(), bundle.program.features.end());
  state_->bundle = std::move(bundle);
  state_->lookups = std::move(lookups);
}
RowScorer::~RowScorer() = default;
RowScorer::RowScorer(RowScorer&&) noexcept = default;

const Bundle& RowScorer::bundle() const { return state_->bundle; }
const Predictor& RowScorer::predictor() const { return *state_->predictor; }

Result<ScoredRows> RowScorer::score(std::span<const ColumnView> columns, std::int64_t rows, OnError on_error, int threads,
                                    const std::string& where, std::int64_t first_row) const {
  CD4ML_CHECK(columns.size() == state_->bundle.program.inputs.size());
  ScoredRows out{.predictions = emptyPredictions(state_->bundle.model, rows), .bad = {}};
  std::vector<std::vector<bool>> foreign;
  for (std::size_t c = 0; c < columns.size(); ++c) foreign.push_back(foreignCodes(columns[c], state_->bundle.program.inputs[c].type));
  const auto blocks = static_cast<std::size_t>((rows + block_rows - 1) / block_rows);
  std::vector<std::vector<BadRow>> bad(blocks);
  std::vector<Status> status(blocks, Done{});
  parallelFor(threads, blocks, [&](std::size_t b) {
    const std::int64_t begin = static_cast<std::int64_t>(b) * block_rows;
    status[b] = state_->scoreBlock(columns, foreign, begin, std::min(block_rows, rows - begin), out.predictions, bad[b]);
  });
  for (std::size_t b = 0; b < blocks; ++b) {
    if (!status[b].ok()) return std::move(status[b]).error();
    if (!bad[b].empty() && on_error == OnError::Fail) {
      const BadRow& first = bad[b][0];
      return makeError("CD5603", fmt::format("{}: row {} cannot be scored: {}", where, first_row + first.row + 1, first.reason));
    }
    out.bad.insert(out.bad.end(), bad[b].begin(), bad[b].end());
  }
  return out;
}

}  // namespace cd4ml::score
