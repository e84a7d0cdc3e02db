// `model … per`: one model a key, trained side by side on one thread each; thin keys share the fallback.
#include <algorithm>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "runtime/data/key_index.h"
#include "base/parallel.h"
#include "runtime/engine/evaluate_rows.h"
#include "runtime/engine/features_fit.h"
#include "runtime/engine/model_train.h"
#include "runtime/engine/split_rows.h"
#include "runtime/score/keyed.h"

namespace cd4ml::engine {

namespace {

using Json = nlohmann::ordered_json;

/// The rows of one key in both parts, as places in the parts.
struct KeyRows {
  std::string key;
  std::string text;  ///< "store = \"12\"", for people
  std::vector<std::int32_t> train;
  std::vector<std::int32_t> validate;
};

learn::TrainingPart takeSome(const learn::TrainingPart& part, const std::vector<std::int32_t>& rows) {
  learn::TrainingPart out;
  out.rows = static_cast<std::int64_t>(rows.size());
  for (const data::Column& column : part.features) out.features.push_back(data::finishColumn(data::take(column, rows)));
  out.target = data::finishColumn(data::take(part.target, rows));
  if (part.weight.type.kind != ir::Kind::Error) out.weight = data::finishColumn(data::take(part.weight, rows));
  return out;
}

/// What decides the model of a key: algorithm, options, and its own rows. A search that was interrupted, and a run on
/// data in which this key did not change, find the model under it.
Digest keyModelId(const learn::TrainRequest& request) {
  Hasher hasher("cd4ml model of a key 1");
  hasher.string(request.algorithm).string(opt::versionOf(opt::Versioned::Trainer, request.algorithm)).u8(static_cast<std::uint8_t>(request.task));
  for (const ir::Option& option : request.options) hasher.string(option.name).string(ir::literalText(option.value));
  for (const learn::TrainingPart* part : {&request.train, &request.validate}) {
    hasher.u64(static_cast<std::uint64_t>(part->rows));
    if (part->rows == 0) continue;
    for (const data::Column& column : part->features) hasher.digest(data::contentId(column));
    hasher.digest(data::contentId(part->target));
    if (part->weight.type.kind != ir::Kind::Error) hasher.digest(data::contentId(part->weight));
  }
  return hasher.finish();
}

class PerKeyTraining {
 public:
  PerKeyTraining(Run& run, ir::NodeId id, const learn::TrainRequest& whole)
      : run_(run), id_(id), model_(std::get<ir::Model>(run.node(id).body)), whole_(whole) {}

  Result<learn::Trained> train() {
    CD4ML_TRY_VOID(findKeys());
    std::vector<std::optional<score::Model>> models(keys_.size());
    std::vector<std::optional<Error>> errors(keys_.size());
    std::mutex mutex;
    std::uint64_t done = 0;
    parallelFor(run_.threads(), keys_.size(), [&](std::size_t k) {
      if (static_cast<std::int64_t>(keys_[k].train.size()) < std::max<std::int64_t>(1, model_.per_min_rows)) return;
      Result<score::Model> trained = trainKey(keys_[k]);
      const std::lock_guard lock(mutex);
      if (trained.ok()) models[k] = *std::move(trained);
      else errors[k] = std::move(trained).error();
      if (run_.task.progress) run_.task.progress(++done, keys_.size(), "models");
    });
    for (std::size_t k = 0; k < keys_.size(); ++k) {
      // Rows that cannot teach anything (one class only, …) are as good as too few.
      if (errors[k] && errors[k]->code != "CD5501") return inKey(k, *std::move(errors[k]));
      if (!models[k] && !model_.per_fallback) return unfit(k, errors[k]);
    }
    return assemble(std::move(models));
  }

 private:
  Status findKeys() {
    const auto& features = std::get<ir::Features>(run_.node(model_.features).body);
    CD4ML_TRY(const std::vector<data::Column> columns, fetchColumns(run_, features.from, model_.per));
    for (const std::uint32_t slot : model_.per) names_.push_back(run_.node(features.from).columns[slot].name);
    for (const data::Column& column : columns) kinds_.push_back(column.type.kind);
    std::map<std::string, KeyRows> found;
    for (const ir::Part part : {ir::Part::Train, ir::Part::Validate}) {
      const learn::TrainingPart& rows = part == ir::Part::Train ? whole_.train : whole_.validate;
      if (rows.rows == 0) continue;
      CD4ML_TRY(const features::RowSet set, evaluatedRows(run_, model_.features, part));
      std::vector<data::Column> own;
      for (const data::Column& column : columns) own.push_back(takeRows(column, set));
      const data::RowGroups groups = data::groupByKeys(own, set.size());
      std::vector<KeyRows*> of_group;
      for (const std::int32_t first : groups.first_rows) {
        KeyRows& key = found[score::keyOf(data::viewsOf(own), first)];
        if (key.text.empty()) key.text = data::keyText(own, names_, first);
        of_group.push_back(&key);
      }
      const score::ColumnView target = rows.target.view();
      for (std::size_t r = 0; r < groups.group_of_row.size(); ++r) {
        const auto row = static_cast<std::int32_t>(r);
        if (!target.isValid(row)) continue;
        KeyRows& key = *of_group[static_cast<std::size_t>(groups.group_of_row[r])];
        (part == ir::Part::Train ? key.train : key.validate).push_back(row);
      }
    }
    for (auto& [key, rows] : found) {
      rows.key = key;
      keys_.push_back(std::move(rows));
    }
    return Done{};
  }

  Result<score::Model> trainKey(const KeyRows& key) const {
    CD4ML_TRY_VOID(run_.checkCancelled());
    learn::TrainRequest request;
    request.algorithm = whole_.algorithm;
    request.task = whole_.task;
    request.target_type = whole_.target_type;
    request.options = whole_.options;
    request.names = whole_.names;
    request.span = whole_.span;
    request.train = takeSome(whole_.train, key.train);
    if (!key.validate.empty()) request.validate = takeSome(whole_.validate, key.validate);
    const Digest id = keyModelId(request);
    if (const auto bytes = run_.artifacts.bytes(id)) {
      Result<score::Model> known = score::decodeModel(*bytes);
      if (known.ok()) return known;
    }
    learn::TrainContext context;
    context.cancelled = run_.task.cancelled;
    CD4ML_TRY(learn::Trained trained, learn::train(request, context));
    CD4ML_TRY_VOID(run_.artifacts.storeBytes(id, score::encodeModel(trained.model)));
    return std::move(trained.model);
  }

  Error inKey(std::size_t k, Error error) const {
    error.message = fmt::format("{}: {}", keys_[k].text, error.message);
    return error;
  }

  Error unfit(std::size_t k, const std::optional<Error>& error) const {
    const std::string why = error ? error->message : fmt::format("{} training rows, `min {} rows` asks for more", keys_[k].train.size(), model_.per_min_rows);
    Error out = makeError("CD5506", fmt::format("there is no model for {}: {}", keys_[k].text, why), run_.node(id_).name_span);
    out.help.emplace_back("add `fallback global`: such keys then use a model of all rows");
    return out;
  }

  Result<learn::Trained> assemble(std::vector<std::optional<score::Model>> models) const {
    auto keyed = std::make_shared<score::Keyed>();
    keyed->kinds = kinds_;
    keyed->fallback = model_.per_fallback;
    Json thin = Json::array();
    std::int64_t thin_count = 0;
    for (std::size_t k = 0; k < keys_.size(); ++k) {
      if (models[k]) {
        keyed->keys.push_back(keys_[k].key);
        keyed->models.push_back(*std::move(models[k]));
      } else if (++thin_count <= shown_keys) {
        thin.push_back({{"key", keys_[k].text}, {"rows", keys_[k].train.size()}});
      }
    }
    learn::Trained out;
    if (model_.per_fallback) {
      CD4ML_TRY(out, trainPlain(run_, whole_));
    } else {
      const score::Model& first = keyed->models.at(0);
      out.model = {.algorithm = first.algorithm, .task = first.task, .target = first.target, .link = first.link,
                   .features = learn::featureInputs(whole_.train), .classes = learn::targetClasses(whole_), .body = score::Linear{}};
      const std::size_t outputs = std::max<std::size_t>(1, out.model.classes.size());
      std::uint32_t inputs = 0;
      for (const score::FeatureInput& input : out.model.features) inputs += input.width;
      out.model.body = score::Linear{.inputs = inputs, .weights = std::vector<double>(inputs * outputs), .intercept = std::vector<double>(outputs)};
      out.summary = Json{{"algorithm", model_.algorithm}, {"task", ir::taskText(model_.task)}, {"iterations", 0}, {"best_iteration", 0},
                         {"features", Json::array()}, {"classes", out.model.classes}, {"seconds", 0}, {"train_rows", whole_.train.rows},
                         {"validate_rows", whole_.validate.rows}}.dump();
    }
    Json summary = Json::parse(out.summary);
    summary["per"] = {{"columns", names_}, {"models", keyed->models.size()}, {"keys", keys_.size()}, {"fell_back", thin_count},
                      {"fallback", model_.per_fallback ? "global" : "none"}, {"fallback_keys", thin}};
    out.summary = summary.dump();
    out.model.keyed = std::move(keyed);
    return out;
  }

  static constexpr std::int64_t shown_keys = 100;

  Run& run_;
  ir::NodeId id_;
  const ir::Model& model_;
  const learn::TrainRequest& whole_;
  std::vector<std::string> names_;
  std::vector<ir::Kind> kinds_;
  std::vector<KeyRows> keys_;
};

}  // namespace

Result<learn::Trained> trainPerKey(Run& run, ir::NodeId id, const learn::TrainRequest& whole) {
  return PerKeyTraining(run, id, whole).train();
}

}  // namespace cd4ml::engine
