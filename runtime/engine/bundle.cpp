#include "runtime/engine/bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compiler/ir/scoring.h"
#include "runtime/data/parse_value.h"
#include "runtime/engine/assign_parts.h"
#include "runtime/engine/evaluate_rows.h"
#include "runtime/engine/features_fit.h"
#include "runtime/engine/history.h"
#include "runtime/engine/judge_rows.h"
#include "runtime/engine/model_baseline.h"
#include "runtime/engine/model_run.h"
#include "runtime/engine/snapshots.h"
#include "runtime/engine/split_rows.h"
#include "runtime/score/bundle.h"
#include "runtime/score/score_rows.h"

namespace cd4ml::engine {

namespace {

using Json = nlohmann::ordered_json;

/// Where the rows of training and validation lay: enough to leave them out of a later comparison.
Result<std::string> describeSeen(Run& run, ir::NodeId features) {
  const ir::NodeId id = std::get<ir::Features>(run.node(features).body).split;
  if (!id.valid()) return Json{{"method", "none"}}.dump();
  const auto& split = std::get<ir::Split>(run.node(id).body);
  Json out;
  if (split.method == ir::Split::Method::Time) {
    CD4ML_TRY(const SlotContent content, fetchContent(run, id, 0));
    out["method"] = "time";
    out["seen"] = Json::array();
    const Json value = Json::parse(content.value, nullptr, false);
    if (value.is_discarded() || !value.contains("parts")) return out.dump();
    for (const Json& part : value["parts"]) {
      if (part["part"] != "test") out["seen"].push_back({part["from"], part["to"]});
    }
    return out.dump();
  }
  out["method"] = ir::methodText(split.method);
  out["seed"] = split.seed;
  out["seen"] = Json::array();
  std::uint64_t begin = 0;
  const std::vector<std::uint64_t> ends = shareEnds(split);
  for (std::size_t p = 0; p < ends.size(); ++p) {
    if (split.shares[p].part != ir::Part::Test) out["seen"].push_back({begin, ends[p]});
    begin = ends[p];
  }
  return out.dump();
}

/// Removes the rows that the bundle's model was fitted or stopped on.
Result<features::RowSet> unseenRows(Run& run, ir::NodeId features, const features::RowSet& rows,
                                    const std::string& seen_json) {
  const Json seen = Json::parse(seen_json, nullptr, false);
  if (seen.is_discarded() || !seen.is_object() || !seen.contains("seen")) return rows;
  const auto& node = std::get<ir::Features>(run.node(features).body);
  if (!node.split.valid()) return rows;
  const auto& split = std::get<ir::Split>(run.node(node.split).body);
  std::vector<std::int32_t> kept;
  const std::vector<std::int32_t> numbers = rowNumbers(rows);
  if (seen.value("method", "") == "time" && split.method == ir::Split::Method::Time) {
    CD4ML_TRY(const std::vector<data::Column> time, fetchColumns(run, node.from, {split.time_column}));
    const score::ColumnView view = time[0].view();
    std::vector<std::pair<std::int64_t, std::int64_t>> ranges;
    for (const Json& range : seen["seen"]) {
      const auto from = data::parseTimestamp(range[0].get<std::string>());
      const auto to = data::parseTimestamp(range[1].get<std::string>());
      if (from && to) ranges.emplace_back(*from, *to);
    }
    for (const std::int32_t r : numbers) {
      const std::int64_t at = eventTime(view.kind, view.ints()[r]);
      const auto holds = [&](const auto& range) { return at >= range.first && at <= range.second; };
      if (std::none_of(ranges.begin(), ranges.end(), holds)) kept.push_back(r);
    }
  } else if (seen.value("method", "") == ir::methodText(split.method) && split.method != ir::Split::Method::Time) {
    ir::Split then = split;
    then.seed = seen["seed"].get<std::int64_t>();
    CD4ML_TRY(const std::vector<std::uint64_t> places, placesOf(run, then));
    for (const std::int32_t r : numbers) {
      const std::uint64_t place = places[static_cast<std::size_t>(r)];
      const auto holds = [&](const Json& range) {
        return place >= range[0].get<std::uint64_t>() && place < range[1].get<std::uint64_t>();
      };
      if (std::none_of(seen["seen"].begin(), seen["seen"].end(), holds)) kept.push_back(r);
    }
  } else {
    return rows;
  }
  if (kept.size() == numbers.size()) return rows;
  return features::RowSet{.begin = 0, .count = static_cast<std::int64_t>(kept.size()), .indices = std::move(kept)};
}

/// The program's features in the order in which the model takes them.
void orderFeatures(const Run& run, ir::NodeId model, ir::ScoringProgram& program) {
  const std::vector<ir::Column>& columns = run.node(std::get<ir::Model>(run.node(model).body).features).columns;
  std::vector<ir::ValueId> features;
  std::vector<std::string> names;
  for (const std::uint32_t slot : modelFeatures(run, model)) {
    const auto at = std::find(program.feature_names.begin(), program.feature_names.end(), columns[slot].name);
    CD4ML_CHECK(at != program.feature_names.end());
    features.push_back(program.features[static_cast<std::size_t>(at - program.feature_names.begin())]);
    names.push_back(*at);
  }
  const std::size_t keys = std::get<ir::Model>(run.node(model).body).per.size();
  for (std::size_t i = program.features.size() - keys; i < program.features.size(); ++i) {
    features.push_back(program.features[i]);
    names.push_back(program.feature_names[i]);
  }
  program.features = std::move(features);
  program.feature_names = std::move(names);
}

/// Slots of `base` for the inputs of a bundle, by name.
Result<Slots> matchInputs(const ir::Node& base, const std::vector<ir::Column>& inputs, const std::string& path) {
  Slots slots;
  for (const ir::Column& input : inputs) {
    const auto at = std::find_if(base.columns.begin(), base.columns.end(),
                                 [&](const ir::Column& c) { return c.name == input.name; });
    if (at == base.columns.end() || at->type.kind != input.type.kind) {
      return makeError("CD5004", fmt::format("the model in `{}` needs column `{}` as {}, which `{}` does not have",
                                             path, input.name, ir::typeText(input.type), base.name));
    }
    slots.push_back(static_cast<std::uint32_t>(at - base.columns.begin()));
  }
  return slots;
}

}  // namespace

Result<data::Column> valueOnRows(Run& run, const ir::Features& features, ir::ValueId value,
                                 const features::RowSet& rows) {
  CD4ML_TRY(const PartedRows all, loadParts(run, features, {value}));
  CD4ML_TRY(const std::vector<data::Column> out,
            features::compute(features.graph, std::span(&value, 1), all.inputs, all.rows, run.execute()));
  return takeRows(out[0], rows);
}

Result<score::Bundle> makeModelBundle(Run& run, ir::NodeId declared, const std::string& evidence_json) {
  const ir::NodeId id = servedModel(run, declared);
  const auto& model = std::get<ir::Model>(run.node(id).body);
  score::Bundle bundle;
  bundle.program = ir::deriveScoring(run.pipeline(), id);
  orderFeatures(run, id, bundle.program);
  for (std::uint32_t l = 0; l < bundle.program.lookups.size(); ++l) {
    CD4ML_TRY(const Snapshot snapshot, takeSnapshot(run, bundle.program.lookups[l]));
    bundle.lookups[l] = encodeSnapshot(snapshot);
    bundle.program.lookups[l].right = {};
  }
  CD4ML_TRY(const score::FittedState fitted, fittedState(run, model.features, modelFeatures(run, id)));
  for (const ir::ScoringProgram::FittedFrom& from : bundle.program.fitted) {
    const auto at = fitted.find(from.origin.index);
    CD4ML_CHECK(at != fitted.end());
    bundle.fitted.insert_or_assign(from.value.index, at->second);
  }
  bundle.program.base = {};
  CD4ML_TRY(const std::string bytes, fetchModel(run, id));
  CD4ML_TRY(bundle.model, score::decodeModel(bytes));
  bundle.pipeline = run.pipeline().name;
  bundle.model.threshold = model.threshold.value_or(0.5);
  bundle.model_name = run.node(declared).name;
  bundle.sections["evidence"] = evidence_json;
  if (!bundle.program.history.empty()) bundle.sections["history"] = encodeHistory(bundle.program);
  CD4ML_TRY(bundle.sections["seen"], describeSeen(run, model.features));
  return bundle;
}

Result<Digest> writeModelBundle(Run& run, ir::NodeId id, const std::string& evidence_json, const std::string& path) {
  CD4ML_TRY(score::Bundle bundle, makeModelBundle(run, id, evidence_json));
  const Stopwatch watch;
  CD4ML_TRY(const monitor::Baseline baseline, modelBaseline(run, id, servedModel(run, id), bundle));
  bundle.sections["baseline"] = monitor::encodeBaseline(baseline);
  run.phase("baseline", watch.seconds());
  return score::writeBundle(bundle, path);
}

Result<features::RowSet> unseenByBundle(Run& run, const ir::Evaluate& node, const score::Bundle& bundle) {
  const ir::NodeId features = std::get<ir::Model>(run.node(servedModel(run, node.model)).body).features;
  CD4ML_TRY(const features::RowSet all, evaluatedRows(run, features, node.part));
  const auto seen = bundle.sections.find("seen");
  return unseenRows(run, features, all, seen == bundle.sections.end() ? "" : seen->second);
}

Result<RawRows> rawRows(Run& run, const ir::Evaluate& node, const score::Bundle& bundle, const features::RowSet& rows, const std::string& path) {
  const ir::NodeId model = servedModel(run, node.model);
  const auto& features = std::get<ir::Features>(run.node(std::get<ir::Model>(run.node(model).body).features).body);
  const ir::NodeId base = ir::deriveScoring(run.pipeline(), model).base;
  CD4ML_TRY(const std::vector<ir::HistoryInput> history, historyOf(bundle));
  const std::vector<ir::Column>& inputs = bundle.program.inputs;
  CD4ML_TRY(const Slots slots, matchInputs(run.node(base), {inputs.begin(), inputs.end() - static_cast<std::ptrdiff_t>(history.size())}, path));
  RawRows out{.columns = {}, .where = run.node(features.from).name};
  CD4ML_TRY(out.columns, rawInputs(run, features.from, base, slots, rows));
  CD4ML_TRY_VOID(addHistory(run, bundle, history, out.columns, rows.size()));
  return out;
}

Result<std::string> evaluateWithBundle(Run& run, ir::NodeId id, const std::string& path) {
  const auto& node = std::get<ir::Evaluate>(run.node(id).body);
  CD4ML_TRY(const JudgedSide champion, championSide(run, node, path));
  CD4ML_TRY(const std::string metrics, evaluate::evaluate(champion.request));
  Json out = Json::parse(metrics);
  out["left_out"] = champion.left_out;
  out["size"] = champion.model_bytes;
  if (champion.left_out > 0) {
    CD4ML_TRY(const JudgedSide candidate, candidateSide(run, node, champion.rows));
    CD4ML_TRY(const std::string own, evaluate::evaluate(candidate.request));
    out["candidate"] = Json::parse(own);
  }
  return out.dump();
}

}  // namespace cd4ml::engine
