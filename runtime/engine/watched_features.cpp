#include "runtime/engine/watched_features.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <unordered_map>

#include "base/parallel.h"
#include "runtime/evaluate/evaluate.h"
#include "runtime/score/gather.h"

namespace cd4ml::engine {

namespace {

constexpr std::int64_t piece_rows = 65'536;  // a multiple of 64: slices of columns stay aligned

using Blocks = std::vector<std::shared_ptr<const score::Block>>;

/// Copies pieces side by side, and their validity.
class Joiner {
 public:
  explicit Joiner(const std::vector<score::ColumnView>& pieces) : pieces_(pieces) {
    for (const score::ColumnView& piece : pieces) rows_ += piece.rows;
    column_.type.kind = pieces.empty() ? ir::Kind::Float : pieces[0].kind;
    column_.type.nullable = true;
    column_.rows = rows_;
  }

  data::Column join() {
    joinValidity();
    switch (column_.type.kind) {
      case ir::Kind::Int:
      case ir::Kind::Float:
      case ir::Kind::Date:
      case ir::Kind::Timestamp:
      case ir::Kind::Duration:
      case ir::Kind::Bool: joinValues(); break;
      case ir::Kind::Category: joinCodes(); break;
      case ir::Kind::Text: joinTexts(); break;
      case ir::Kind::Vector:
      case ir::Kind::Null:
      case ir::Kind::Error: CD4ML_UNREACHABLE("a vector is joined element by element");
    }
    return data::finishColumn(std::move(column_));
  }

 private:
  void joinValidity() {
    const bool any = std::any_of(pieces_.begin(), pieces_.end(), [](const auto& piece) { return piece.validity != nullptr; });
    if (!any) return;
    auto bits = data::allocateValidity(rows_);
    std::int64_t at = 0;
    for (const score::ColumnView& piece : pieces_) {
      for (std::int64_t r = 0; r < piece.rows; ++r, ++at) {
        if (!piece.isValid(r)) bits.get()[at >> 3] &= static_cast<std::uint8_t>(~(1U << (at & 7)));
      }
    }
    column_.validity = std::move(bits);
  }

  void joinValues() {
    const std::size_t width = data::valueBytes(column_.type.kind);
    auto values = data::allocateBuffer(static_cast<std::size_t>(rows_) * width);
    std::size_t at = 0;
    for (const score::ColumnView& piece : pieces_) {
      const std::size_t bytes = static_cast<std::size_t>(piece.rows) * width;
      if (bytes > 0) std::memcpy(values.get() + at, piece.values, bytes);
      at += bytes;
    }
    column_.values = std::move(values);
  }

  /// Pieces may have dictionaries of their own.
  void joinCodes() {
    auto values = data::allocateBuffer(static_cast<std::size_t>(rows_) * sizeof(std::int32_t));
    auto* codes = reinterpret_cast<std::int32_t*>(values.get());
    std::unordered_map<std::string, std::int32_t> known;
    std::vector<std::string> levels;
    std::int64_t at = 0;
    for (const score::ColumnView& piece : pieces_) {
      std::vector<std::int32_t> places;
      for (const std::string_view level : piece.dictionary->levels) {
        const auto [entry, is_new] = known.emplace(level, static_cast<std::int32_t>(levels.size()));
        if (is_new) levels.emplace_back(level);
        places.push_back(entry->second);
      }
      for (std::int64_t r = 0; r < piece.rows; ++r) {
        codes[at++] = piece.isValid(r) && !places.empty() ? places[static_cast<std::size_t>(piece.codes()[r])] : 0;
      }
    }
    if (levels.empty()) levels.emplace_back();
    column_.values = std::move(values);
    column_.levels = std::make_shared<const std::vector<std::string>>(std::move(levels));
  }

  void joinTexts() {
    auto offsets = data::allocateBuffer(static_cast<std::size_t>(rows_ + 1) * sizeof(std::int64_t));
    auto* to = reinterpret_cast<std::int64_t*>(offsets.get());
    std::string bytes;
    std::int64_t at = 0;
    for (const score::ColumnView& piece : pieces_) {
      for (std::int64_t r = 0; r < piece.rows; ++r) {
        to[at++] = static_cast<std::int64_t>(bytes.size());
        if (piece.isValid(r)) bytes += piece.text(r);
      }
    }
    to[at] = static_cast<std::int64_t>(bytes.size());
    auto values = data::allocateBuffer(bytes.size());
    if (!bytes.empty()) std::memcpy(values.get(), bytes.data(), bytes.size());
    column_.values = std::move(values);
    column_.offsets = std::move(offsets);
  }

  const std::vector<score::ColumnView>& pieces_;
  std::int64_t rows_ = 0;
  data::Column column_;
};

std::vector<score::ColumnView> viewsOf(const std::vector<data::Column>& columns, std::int64_t begin, std::int64_t count) {
  std::vector<score::ColumnView> views;
  for (const data::Column& column : columns) views.push_back(score::sliceView(column.view(), begin, count));
  return views;
}

/// Element k of a vector block.
score::ColumnView elementOf(const score::ColumnView& block, std::uint32_t k, std::int64_t rows) {
  score::ColumnView view = block;
  view.kind = ir::Kind::Float;
  view.rows = rows;
  view.values = static_cast<const double*>(block.values) + static_cast<std::int64_t>(k) * ((rows + 7) / 8 * 8);
  return view;
}

Result<std::vector<WatchedColumn>> featuresOf(const score::Bundle& bundle, const score::LookupSnapshots* lookups, const std::vector<data::Column>& raw,
                                              std::int64_t rows, int threads) {
  const std::size_t count = bundle.model.features.size();
  const std::vector<ir::ValueId> wanted(bundle.program.features.begin(), bundle.program.features.begin() + static_cast<std::ptrdiff_t>(count));
  const auto pieces = static_cast<std::size_t>((rows + piece_rows - 1) / piece_rows);
  std::vector<Blocks> blocks(pieces);
  std::vector<Status> status(pieces, Done{});
  parallelFor(threads, pieces, [&](std::size_t p) {
    const std::int64_t begin = static_cast<std::int64_t>(p) * piece_rows;
    const std::int64_t part = std::min(piece_rows, rows - begin);
    std::optional<score::RowError> row_error;
    auto computed = score::interpret(bundle.program.graph, wanted, viewsOf(raw, begin, part), part, bundle.fitted, lookups, row_error);
    if (!computed.ok()) status[p] = std::move(computed).error();
    else if (row_error) status[p] = makeError("CD5603", fmt::format("row {} cannot be scored: {}", begin + row_error->row + 1, row_error->message));
    else blocks[p] = std::move(*computed);
  });
  for (Status& each : status) CD4ML_TRY_VOID(std::move(each));
  std::vector<WatchedColumn> out;
  for (std::size_t f = 0; f < count; ++f) {
    const bool vector = bundle.model.features[f].kind == ir::Kind::Vector;
    const std::uint32_t width = vector ? std::min(bundle.model.features[f].width, watched_elements) : 1;
    for (std::uint32_t k = 0; k < width; ++k) {
      std::vector<score::ColumnView> parts;
      for (std::size_t p = 0; p < pieces; ++p) {
        const std::int64_t part = std::min(piece_rows, rows - static_cast<std::int64_t>(p) * piece_rows);
        parts.push_back(vector ? elementOf(blocks[p][f]->view(), k, part) : blocks[p][f]->view());
        parts.back().rows = part;
      }
      const std::string& name = bundle.program.feature_names[f];
      out.push_back({vector ? fmt::format("{}[{}]", name, k) : name, joinBlocks(parts)});
    }
  }
  return out;
}

}  // namespace

score::Predictions selectPredictions(const score::Predictions& all, const std::vector<std::int32_t>& rows) {
  score::Predictions out{.rows = static_cast<std::int64_t>(rows.size()), .raw = {}, .number = {}, .probability = {}, .by_class = {}, .label = {}};
  const auto pick = [&](const auto& from, auto& to) {
    if (all.rows == 0) return;
    const std::size_t columns = from.size() / static_cast<std::size_t>(all.rows);
    for (std::size_t c = 0; c < columns; ++c) {
      for (const std::int32_t row : rows) to.push_back(from[c * static_cast<std::size_t>(all.rows) + static_cast<std::size_t>(row)]);
    }
  };
  pick(all.raw, out.raw);
  pick(all.number, out.number);
  pick(all.probability, out.probability);
  pick(all.by_class, out.by_class);
  pick(all.label, out.label);
  return out;
}

data::Column joinBlocks(const std::vector<score::ColumnView>& pieces) { return Joiner(pieces).join(); }

Result<WatchedModel> watchModel(const score::RowScorer& scorer, const score::LookupSnapshots* lookups, const std::vector<data::Column>& raw,
                                std::int64_t rows, int threads) {
  const score::Bundle& bundle = scorer.bundle();
  WatchedModel out;
  CD4ML_TRY(score::ScoredRows scored, scorer.score(viewsOf(raw, 0, rows), rows, score::OnError::Null, threads, "the window"));
  std::vector<bool> is_bad(static_cast<std::size_t>(rows), false);
  for (const score::BadRow& bad : scored.bad) is_bad[static_cast<std::size_t>(bad.row)] = true;
  for (std::int64_t r = 0; r < rows; ++r) {
    if (!is_bad[static_cast<std::size_t>(r)]) out.good.push_back(static_cast<std::int32_t>(r));
  }
  out.bad = std::move(scored.bad);
  std::vector<data::Column> good = raw;
  if (!out.bad.empty()) {
    for (data::Column& column : good) column = data::take(column, out.good);
    out.scores = selectPredictions(scored.predictions, out.good);
  } else {
    out.scores = std::move(scored.predictions);
  }
  CD4ML_TRY(out.features, featuresOf(bundle, lookups, good, static_cast<std::int64_t>(out.good.size()), threads));
  std::vector<data::Column> predicted = evaluate::predictionColumns(out.scores, bundle.model.task, bundle.model.target, bundle.model.classes);
  out.predictions.push_back({"prediction", std::move(predicted[0])});
  if (predicted.size() > 1) out.predictions.push_back({"probability", std::move(predicted[1])});
  return out;
}

}  // namespace cd4ml::engine
