#include "runtime/exec/keep_models.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "runtime/track/json.h"

namespace cd4ml::exec {

namespace {

using track::Json;
using track::textOf;

bool isDone(const StageResult& stage) { return stage.status == StageStatus::Ran || stage.status == StageStatus::Cached; }

bool judges(const ir::Pipeline& pipeline, ir::NodeId gate, ir::NodeId model) {
  for (const ir::NodeId evaluate : std::get<ir::Gate>(pipeline[gate].body).evaluates) {
    if (std::get<ir::Evaluate>(pipeline[evaluate].body).model == model) return true;
  }
  return false;
}

Json provenance(const ir::Pipeline& pipeline, const RunOutcome& outcome) {
  Json sources = Json::array();
  for (const auto& [node, files] : outcome.known.files) {
    // Names of files are not provenance: a moved file is the same data.
    Json list = Json::array();
    for (const engine::SourceFile& file : files) list.push_back({{"content", file.content.text()}, {"bytes", file.size}});
    sources.push_back({{"name", pipeline[node].name}, {"files", std::move(list)}});
  }
  Json params = Json::object();
  for (const ir::Param& param : pipeline.params) {
    if (param.type.kind != ir::Kind::Text) params[param.name] = ir::literalText(param.value);
  }
  return {{"sources", std::move(sources)}, {"params", std::move(params)}};
}

/// Replaces the entry with the same names, or adds the new one.
void merge(Json& list, Json entry) {
  for (Json& old : list) {
    if (textOf(old, "name") == textOf(entry, "name") && textOf(old, "deploy") == textOf(entry, "deploy")) {
      old = std::move(entry);
      return;
    }
  }
  list.push_back(std::move(entry));
}

/// What is said of nodes that are no longer declared is dropped.
Json declaredOnly(const ir::Pipeline& pipeline, const Json& list) {
  Json kept = Json::array();
  for (const Json& entry : list) {
    const std::string deploy = textOf(entry, "deploy");
    if (pipeline.find(textOf(entry, "name")).valid() && (deploy.empty() || pipeline.find(deploy).valid())) kept.push_back(entry);
  }
  return kept;
}

/// The evidence so far with what this run found out.
Json evidenceOf(const ir::Pipeline& pipeline, const RunOutcome& outcome, ir::NodeId model, const Json& before) {
  Json evaluates = declaredOnly(pipeline, before.value("evaluates", Json::array()));
  Json gates = declaredOnly(pipeline, before.value("gates", Json::array()));
  for (const StageResult& stage : outcome.stages) {
    const auto* evaluate = std::get_if<ir::Evaluate>(&pipeline[stage.node].body);
    if (evaluate != nullptr && evaluate->model == model && isDone(stage)) {
      merge(evaluates, {{"name", pipeline[stage.node].name}, {"part", ir::partText(evaluate->part)},
                        {"in_sample", evaluate->in_sample}, {"metrics", track::parseJson(stage.slots[0].content.value)}});
    }
    for (const GateOutcome& gate : stage.gates) {
      if (!judges(pipeline, gate.gate, model)) continue;
      Json entry{{"name", pipeline[gate.gate].name}};
      if (gate.deploy.valid()) entry["deploy"] = pipeline[gate.deploy].name;
      entry["verdict"] = verdictText(gate.result.verdict);
      entry["checks"] = track::parseJson(gateValue(gate.result))["checks"];
      merge(gates, std::move(entry));
    }
  }
  Json evidence{{"v", 1}, {"pipeline", pipeline.name}, {"model", pipeline[model].name}, {"evaluates", std::move(evaluates)},
                {"gates", std::move(gates)}, {"provenance", provenance(pipeline, outcome)}};
  // What it was chosen from, and how the others did.
  const auto known = outcome.known.slots.find({model, 0});
  const Json summary = known == outcome.known.slots.end() ? Json::object() : track::parseJson(known->second.value);
  for (const char* member : {"choice", "search", "per"}) {
    if (summary.contains(member)) evidence[member] = summary[member];
  }
  return evidence;
}

bool isChampion(const track::ModelVersion& model, const RunnerConfig& config) {
  return std::any_of(config.champions.begin(), config.champions.end(),
                     [&](const auto& champion) { return champion.second.id.text() == model.id; });
}

/// The content of a model together with what decides its predictions and is not in it: the threshold.
Digest scoredContent(const ir::Pipeline& pipeline, const RunOutcome& outcome, ir::NodeId id) {
  const engine::SlotContent& content = outcome.known.slots.at({id, 0});
  const auto& model = std::get<ir::Model>(pipeline[id].body);
  if (!model.candidates.empty()) {
    const auto chosen = track::parseJson(content.value)["choice"]["chosen"].get<std::size_t>();
    return scoredContent(pipeline, outcome, model.candidates.at(chosen));
  }
  if (!model.threshold) return content.content;
  return Hasher("cd4ml scored model 1").digest(content.content).string(ir::literalText({*model.threshold})).finish();
}

Result<track::ModelVersion> keepModel(const ir::Pipeline& pipeline, const RunOutcome& outcome, const StageResult& stage,
                                      const RunnerConfig& config, track::Ledger& ledger, const KeepSetting& setting) {
  namespace fs = std::filesystem;
  const std::string& name = pipeline[stage.node].name;
  const std::string content = scoredContent(pipeline, outcome, stage.node).text();
  track::ModelVersion model{.scope = setting.scope, .model = name, .content = content, .run = setting.run};
  CD4ML_TRY(const std::vector<track::ModelVersion> known, track::listModels(ledger, setting.scope));
  for (const track::ModelVersion& version : known) {
    if (version.model == name && version.content == content) model = version;
  }
  const Json before = track::parseJson(model.evidence);
  const std::string evidence = evidenceOf(pipeline, outcome, stage.node, before).dump();
  // What a champion was released on stays with it, whatever a later gate says of the same model.
  const bool settled = evidence == before.dump() || isChampion(model, config);
  if (model.version > 0 && settled && fs::exists(fs::path(setting.state) / model.bundle)) return model;

  const fs::path folder = fs::path(setting.state) / "bundles";
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  CD4ML_TRY(engine::Engine * engine, config.engine());
  engine::TaskContext context;
  context.threads = config.jobs;
  context.cancelled = config.cancelled;
  const std::string fresh = (folder / fmt::format("{}-{}.cd4mb", name, scoredContent(pipeline, outcome, stage.node).brief())).string();
  const std::string path = model.version > 0 ? (fs::path(setting.state) / model.bundle).string() : fresh;
  CD4ML_TRY(const Digest id, engine->writeBundle(outcome.known, stage.node, evidence, path, context));
  model.id = id.text();
  model.bundle = "bundles/" + fs::path(path).filename().string();
  model.evidence = evidence;
  return track::registerModel(ledger, model);
}

}  // namespace

Result<std::vector<track::ModelVersion>> keepModels(const ir::Pipeline& pipeline, const RunOutcome& outcome,
                                                    const RunnerConfig& config, track::Ledger& ledger,
                                                    const KeepSetting& setting) {
  std::vector<track::ModelVersion> models;
  for (const StageResult& stage : outcome.stages) {
    if (!std::holds_alternative<ir::Model>(pipeline[stage.node].body) || !isDone(stage)) continue;
    // Only its out-of-fold predictions were asked for.
    if (!outcome.known.slots.contains({stage.node, 0})) continue;
    CD4ML_TRY(track::ModelVersion model, keepModel(pipeline, outcome, stage, config, ledger, setting));
    models.push_back(std::move(model));
  }
  return models;
}

}  // namespace cd4ml::exec
