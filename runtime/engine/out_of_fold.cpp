#include "runtime/engine/out_of_fold.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "runtime/engine/evaluate_rows.h"
#include "runtime/engine/split_rows.h"
#include "runtime/evaluate/evaluate.h"
#include "runtime/score/bytes.h"
#include "runtime/score/keyed.h"

namespace cd4ml::engine {

namespace {

constexpr std::uint8_t pooled_format = 1;

/// Predictions of all folds with the base rows that they are of, ascending.
struct Pooled {
  score::Predictions predictions;
  score::Model model;  ///< task, target and classes
};

std::string encode(const Pooled& pooled) {
  score::ByteWriter out;
  out.u8(pooled_format);
  out.u8(static_cast<std::uint8_t>(pooled.model.task));
  out.u8(static_cast<std::uint8_t>(pooled.model.target));
  out.list(pooled.model.classes, [&](const std::string& name) { out.text(name); });
  out.i64(pooled.predictions.rows);
  for (const auto* values : {&pooled.predictions.raw, &pooled.predictions.number, &pooled.predictions.probability, &pooled.predictions.by_class}) {
    out.list(*values, [&](double v) { out.f64(v); });
  }
  out.list(pooled.predictions.label, [&](std::int32_t v) { out.u32(static_cast<std::uint32_t>(v)); });
  return out.take();
}

std::optional<Pooled> decode(const std::string& bytes) {
  score::ByteReader in(bytes);
  if (in.u8() != pooled_format) return std::nullopt;
  Pooled pooled;
  pooled.model.task = in.choice<ir::Task>(3);
  pooled.model.target = in.choice<ir::Kind>(static_cast<std::uint8_t>(ir::Kind::Vector) + 1);
  pooled.model.classes = in.list<std::string>(8, [&] { return in.text(); });
  pooled.predictions.rows = in.i64();
  for (auto* values : {&pooled.predictions.raw, &pooled.predictions.number, &pooled.predictions.probability, &pooled.predictions.by_class}) {
    *values = in.list<double>(8, [&] { return in.f64(); });
  }
  pooled.predictions.label = in.list<std::int32_t>(4, [&] { return static_cast<std::int32_t>(in.u32()); });
  if (!in.finished()) return std::nullopt;
  return pooled;
}

/// Classes of a closed category as they are; else all that any fold saw, sorted.
std::vector<std::string> allClasses(const std::vector<Predicted>& folds) {
  std::set<std::string> all;
  bool same = true;
  for (const Predicted& fold : folds) {
    all.insert(fold.model.classes.begin(), fold.model.classes.end());
    same = same && fold.model.classes == folds[0].model.classes;
  }
  return same ? folds[0].model.classes : std::vector<std::string>(all.begin(), all.end());
}

Pooled pool(const std::vector<Predicted>& folds, const std::vector<std::vector<std::int32_t>>& rows_of) {
  std::map<std::int32_t, std::int64_t> place_of_row;
  for (const auto& rows : rows_of) {
    for (const std::int32_t row : rows) place_of_row.emplace(row, 0);
  }
  std::int64_t next = 0;
  for (auto& [row, place] : place_of_row) place = next++;
  Pooled out;
  out.model.task = folds[0].model.task;
  out.model.target = folds[0].model.target;
  out.model.classes = allClasses(folds);
  score::Predictions& all = out.predictions;
  all.rows = next;
  const auto n = static_cast<std::size_t>(next);
  all.raw.resize(n * std::max<std::size_t>(1, out.model.classes.size()));
  if (out.model.task == ir::Task::Regression) all.number.resize(n);
  else all.probability.resize(n), all.label.resize(n);
  if (out.model.task == ir::Task::Multiclass) all.by_class.resize(n * out.model.classes.size());
  for (std::size_t k = 0; k < folds.size(); ++k) {
    std::vector<std::int64_t> places;
    for (const std::int32_t row : rows_of[k]) places.push_back(place_of_row.at(row));
    score::placeRows(folds[k].predictions, folds[k].model.classes, places, out.model.classes, all);
  }
  return out;
}

}  // namespace

bool isOutOfFold(const Run& run, ir::NodeId id, ir::Part part) {
  return part == ir::Part::Validate && std::get<ir::Model>(run.node(id).body).folds;
}

Result<SlotContent> poolFoldPredictions(const std::vector<Known>& folds, ir::NodeId model, TaskContext& task, Artifacts& artifacts,
                                        const EngineConfig& config) {
  std::vector<Predicted> predicted;
  std::vector<std::vector<std::int32_t>> rows_of;
  for (const Known& known : folds) {
    Run run{known, task, artifacts, config};
    CD4ML_TRY_VOID(run.checkCancelled());
    CD4ML_TRY(Predicted fold, predictPart(run, model, ir::Part::Validate));
    const ir::NodeId features = std::get<ir::Model>(run.node(model).body).features;
    CD4ML_TRY(const features::RowSet rows, evaluatedRows(run, features, ir::Part::Validate));
    rows_of.push_back(rowNumbers(rows));
    CD4ML_CHECK(fold.predictions.rows == rows.size());
    fold.columns.clear();
    predicted.push_back(std::move(fold));
  }
  const Pooled pooled = pool(predicted, rows_of);
  std::string bytes = encode(pooled);
  SlotContent content;
  content.content = Hasher("cd4ml out of fold 1").string(bytes).finish();
  content.rows = static_cast<std::uint64_t>(pooled.predictions.rows);
  content.bytes = bytes.size();
  content.stored = config.cas != nullptr;
  CD4ML_TRY_VOID(artifacts.storeBytes(content.content, bytes));
  artifacts.keepBytes(content.content, std::move(bytes));
  return content;
}

Result<Predicted> fetchOutOfFold(Run& run, ir::NodeId id) {
  const auto known = run.known.slots.find({id, 1});
  CD4ML_CHECK(known != run.known.slots.end());
  const std::optional<std::string> bytes = run.artifacts.bytes(known->second.content);
  std::optional<Pooled> pooled = bytes ? decode(*bytes) : std::nullopt;
  if (!pooled) {
    Error error = makeError("CD5020", fmt::format("the out-of-fold predictions of `{}` are gone from the cache", run.node(id).name), run.node(id).name_span);
    error.help.emplace_back("remove the cache and run again");
    return error;
  }
  const double threshold = std::get<ir::Model>(run.node(servedModel(run, id)).body).threshold.value_or(0.5);
  Predicted out{.predictions = std::move(pooled->predictions), .columns = {}, .model = std::move(pooled->model)};
  if (out.model.task == ir::Task::Binary) {
    for (std::size_t r = 0; r < out.predictions.label.size(); ++r) out.predictions.label[r] = out.predictions.probability[r] >= threshold ? 1 : 0;
  }
  out.columns = evaluate::predictionColumns(out.predictions, out.model.task, out.model.target, out.model.classes);
  return out;
}

}  // namespace cd4ml::engine
