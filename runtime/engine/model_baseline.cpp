#include "runtime/engine/model_baseline.h"

#include <algorithm>
#include <deque>

#include "compiler/ir/scoring.h"
#include "runtime/engine/bundle.h"
#include "runtime/engine/evaluate_rows.h"
#include "runtime/engine/history.h"
#include "runtime/engine/snapshots.h"
#include "runtime/engine/split_rows.h"
#include "runtime/engine/watched_features.h"
#include "runtime/evaluate/slices.h"

namespace cd4ml::engine {

namespace {

void addOnce(std::vector<std::uint32_t>& slots, std::uint32_t slot) {
  if (std::find(slots.begin(), slots.end(), slot) == slots.end()) slots.push_back(slot);
}

std::optional<std::uint32_t> columnOf(const ir::Node& node, const std::string& name) {
  const auto at = std::find_if(node.columns.begin(), node.columns.end(), [&](const ir::Column& c) { return c.name == name; });
  if (at == node.columns.end()) return std::nullopt;
  return static_cast<std::uint32_t>(at - node.columns.begin());
}

/// Rows of a part, sampled.
Result<features::RowSet> sampleOf(Run& run, ir::NodeId features, ir::Part part, std::uint64_t& rows) {
  CD4ML_TRY(const features::RowSet all, evaluatedRows(run, features, part));
  rows = static_cast<std::uint64_t>(all.size());
  if (all.size() <= monitor::baseline_rows) return all;
  const std::vector<std::int32_t> numbers = rowNumbers(all);
  features::RowSet out;
  for (const std::int32_t place : monitor::sampledRows(all.size())) out.indices.push_back(numbers[static_cast<std::size_t>(place)]);
  out.count = static_cast<std::int64_t>(out.indices.size());
  return out;
}

class Maker {
 public:
  Maker(Run& run, ir::NodeId declared, ir::NodeId served, const score::Bundle& bundle)
      : run_(run), served_(served), bundle_(bundle), features_(std::get<ir::Model>(run.node(served).body).features),
        from_(std::get<ir::Features>(run.node(features_).body).from), names_(watchedNames(run.pipeline(), declared, from_)) {}

  Result<monitor::Baseline> make() {
    monitor::Baseline out;
    CD4ML_TRY(lookups_, openSnapshots(bundle_.lookups));
    CD4ML_TRY(const features::RowSet train, sampleOf(run_, features_, ir::Part::Train, out.rows));
    out.sampled = static_cast<std::uint64_t>(train.size());
    if (train.size() == 0) return out;
    CD4ML_TRY_VOID(addTraining(train));
    CD4ML_TRY_VOID(addPredictions(train, out.predicted));
    out.series = monitor::describeSeries(inputs_, run_.threads());
    return out;
  }

 private:
  const data::Column& keep(data::Column column) { return kept_.emplace_back(std::move(column)); }
  void add(std::string name, monitor::Role role, std::string segment, data::Column column) {
    inputs_.push_back({std::move(name), role, std::move(segment), keep(std::move(column)).view()});
  }

  Result<WatchedModel> watch(const features::RowSet& rows, std::vector<data::Column>& raw) {
    const ir::ScoringProgram program = ir::deriveScoring(run_.pipeline(), served_);
    const Slots slots(program.base_slots.begin(), program.base_slots.begin() + static_cast<std::ptrdiff_t>(program.rawInputs()));
    CD4ML_TRY(raw, rawInputs(run_, from_, program.base, slots, rows));
    CD4ML_TRY(const std::vector<ir::HistoryInput> history, historyOf(bundle_));
    CD4ML_TRY_VOID(addHistory(run_, bundle_, history, raw, rows.size()));
    const score::RowScorer scorer(bundle_, lookups_);
    return watchModel(scorer, lookups_.get(), raw, rows.size(), run_.threads());
  }

  Status addTraining(const features::RowSet& rows) {
    std::vector<data::Column> raw;
    CD4ML_TRY(WatchedModel watched, watch(rows, raw));
    for (std::size_t i = 0; i < raw.size(); ++i) {
      const ir::Column& input = bundle_.program.inputs[i];
      // What is personal stays out of what people look at.
      if (!input.has(ir::Role::Pii) && !input.name.starts_with("over:")) add(input.name, monitor::Role::Input, {}, raw[i]);
    }
    CD4ML_TRY(const std::vector<data::Column> columns, fetchColumns(run_, from_, names_.columns));
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const ir::Column& column = run_.node(from_).columns[names_.columns[i]];
      if (!column.has(ir::Role::Pii)) add(column.name, monitor::Role::Column, {}, takeRows(columns[i], rows));
    }
    CD4ML_TRY_VOID(addSegments(rows, watched, monitor::Role::Feature));
    for (WatchedColumn& feature : watched.features) {
      if (!isPersonal(feature.name)) add(feature.name, monitor::Role::Feature, {}, std::move(feature.column));
    }
    return Done{};
  }

  /// A feature that is a personal column as it is.
  [[nodiscard]] bool isPersonal(const std::string& name) const {
    const auto at = std::find(bundle_.program.feature_names.begin(), bundle_.program.feature_names.end(), name);
    if (at == bundle_.program.feature_names.end()) return false;
    const ir::Value& value = bundle_.program.graph[bundle_.program.features[static_cast<std::size_t>(at - bundle_.program.feature_names.begin())]];
    return value.op == ir::Op::Input && bundle_.program.inputs[value.slot].has(ir::Role::Pii);
  }

  /// On rows the model was not fitted on: of those it was, it is surer than it will be of any other.
  Status addPredictions(const features::RowSet& train, std::string& part_text) {
    for (const ir::Part part : {ir::Part::Test, ir::Part::Validate, ir::Part::Train}) {
      features::RowSet rows = train;
      if (part != ir::Part::Train) {
        if (!std::get<ir::Features>(run_.node(features_).body).split.valid()) continue;
        std::uint64_t all = 0;
        CD4ML_TRY(rows, sampleOf(run_, features_, part, all));
        if (rows.size() < segment_rows) continue;
      }
      std::vector<data::Column> raw;
      CD4ML_TRY(WatchedModel watched, watch(rows, raw));
      if (watched.good.empty()) continue;
      part_text = ir::partText(part);
      CD4ML_TRY_VOID(addSegments(rows, watched, monitor::Role::Prediction));
      for (std::size_t i = 0; i < watched.predictions.size(); ++i) {
        add(watched.predictions[i].name, i == 0 ? monitor::Role::Prediction : monitor::Role::Probability, {}, std::move(watched.predictions[i].column));
      }
      return Done{};
    }
    return Done{};
  }

  /// The series of each segment that some monitor looks at, features or predictions.
  Status addSegments(const features::RowSet& rows, const WatchedModel& watched, monitor::Role role) {
    for (const WatchedNames::By& by : names_.by) {
      CD4ML_TRY(const std::vector<data::Column> columns, fetchColumns(run_, from_, by.keys));
      std::vector<data::Column> keys;
      std::vector<evaluate::SliceColumn> slicing;
      for (std::size_t k = 0; k < columns.size(); ++k) keys.push_back(data::take(takeRows(columns[k], rows), watched.good));
      for (std::size_t k = 0; k < columns.size(); ++k) slicing.push_back({run_.node(from_).columns[by.keys[k]].name, &keys[k]});
      std::vector<std::int32_t> places(watched.good.size());
      for (std::size_t i = 0; i < places.size(); ++i) places[i] = static_cast<std::int32_t>(i);
      const evaluate::Slices slices = evaluate::sliceRows(slicing, places, segment_rows);
      for (const std::size_t s : largest(slices)) CD4ML_TRY_VOID(addSegment(by, slices.keys[s], slices.rows[s], rows, watched, role));
    }
    return Done{};
  }

  static std::vector<std::size_t> largest(const evaluate::Slices& slices) {
    std::vector<std::size_t> order(slices.keys.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return slices.rows[a].size() > slices.rows[b].size(); });
    if (order.size() > most_segments) order.resize(most_segments);
    return order;
  }

  Status addSegment(const WatchedNames::By& by, const std::string& key, const std::vector<std::int32_t>& places, const features::RowSet& rows,
                    const WatchedModel& watched, monitor::Role role) {
    const auto named = [&](const std::string& name) { return std::find(by.of.begin(), by.of.end(), name) != by.of.end(); };
    const auto known = [&](const std::string& name, monitor::Role of) {
      return std::any_of(inputs_.begin(), inputs_.end(), [&](const auto& i) { return i.name == name && i.role == of && i.segment == key; });
    };
    if (role == monitor::Role::Prediction) {
      for (std::size_t i = 0; i < watched.predictions.size() && named("prediction"); ++i) {
        const WatchedColumn& each = watched.predictions[i];
        const auto of = i == 0 ? monitor::Role::Prediction : monitor::Role::Probability;
        if (!known(each.name, of)) add(each.name, of, key, data::take(each.column, places));
      }
      return Done{};
    }
    for (const WatchedColumn& feature : watched.features) {
      const bool wanted = named("features") || named(feature.name);
      if (wanted && !isPersonal(feature.name) && !known(feature.name, role)) add(feature.name, role, key, data::take(feature.column, places));
    }
    for (const std::uint32_t slot : names_.columns) {
      const ir::Column& column = run_.node(from_).columns[slot];
      if (!named(column.name) || column.has(ir::Role::Pii) || known(column.name, monitor::Role::Column)) continue;
      CD4ML_TRY(const std::vector<data::Column> fetched, fetchColumns(run_, from_, {slot}));
      add(column.name, monitor::Role::Column, key, data::take(data::take(takeRows(fetched[0], rows), watched.good), places));
    }
    return Done{};
  }

  Run& run_;
  ir::NodeId served_;
  const score::Bundle& bundle_;
  ir::NodeId features_;
  ir::NodeId from_;
  WatchedNames names_;
  std::shared_ptr<const score::LookupSnapshots> lookups_;
  std::deque<data::Column> kept_;                 ///< what the views below look into
  std::vector<monitor::SeriesInput> inputs_;
};

}  // namespace

WatchedNames watchedNames(const ir::Pipeline& pipeline, ir::NodeId declared, ir::NodeId from) {
  WatchedNames out;
  for (const ir::Node& node : pipeline.nodes) {
    const auto* watching = std::get_if<ir::Monitor>(&node.body);
    const auto* deploy = watching == nullptr ? nullptr : std::get_if<ir::Deploy>(&pipeline[watching->subject].body);
    if (deploy == nullptr || deploy->model != declared) continue;
    for (const ir::Monitor::Drift& drift : watching->drifts) {
      for (const std::string& name : drift.of) {
        if (const auto slot = columnOf(pipeline[from], name)) addOnce(out.columns, *slot);
      }
      if (drift.by.empty()) continue;
      WatchedNames::By by{.keys = {}, .of = drift.of};
      for (const std::string& name : drift.by) {
        if (const auto slot = columnOf(pipeline[from], name)) by.keys.push_back(*slot);
      }
      if (by.keys.size() == drift.by.size()) out.by.push_back(std::move(by));
    }
  }
  return out;
}

Result<monitor::Baseline> modelBaseline(Run& run, ir::NodeId declared, ir::NodeId served, const score::Bundle& bundle) {
  return Maker(run, declared, served, bundle).make();
}

}  // namespace cd4ml::engine
