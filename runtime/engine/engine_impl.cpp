#include "runtime/engine/engine_impl.h"

#include "runtime/data/read.h"
#include "runtime/engine/bundle.h"
#include "runtime/engine/inspect.h"
#include "runtime/engine/judge_rows.h"
#include "runtime/engine/out_of_fold.h"
#include "runtime/engine/score_file.h"
#include "runtime/engine/show.h"
#include "runtime/engine/try_case.h"

namespace cd4ml::engine {

EngineImpl::EngineImpl(EngineConfig config) : config_(std::move(config)), artifacts_(config_.cas) {}

Result<std::vector<InferredField>> EngineImpl::inferSchema(const ir::Source& source,
                                                           const std::vector<SourceFile>& files) {
  data::ReadRequest request;
  request.reader = source.reader;
  request.options = source.options;
  request.threads = config_.threads;
  for (const SourceFile& file : files) request.files.push_back({file.path, file.size, file.mtime_ns, file.inode});
  CD4ML_TRY(const std::vector<data::InferredColumn> columns, data::inferColumns(std::move(request)));
  std::vector<InferredField> fields;
  for (const data::InferredColumn& column : columns) fields.push_back({column.name, column.type});
  return fields;
}

Result<std::vector<SlotContent>> EngineImpl::run(const Known& known, ir::NodeId node,
                                                 const std::vector<std::uint32_t>& slots, TaskContext& context) {
  Run run{known, context, artifacts_, config_};
  return runNode(run, node, slots);
}

Result<SlotContent> EngineImpl::poolFolds(const std::vector<Known>& folds, ir::NodeId model, TaskContext& context) {
  return poolFoldPredictions(folds, model, context, artifacts_, config_);
}

Result<std::string> EngineImpl::show(const Known& known, const ShowRequest& request, TaskContext& context) {
  Run run{known, context, artifacts_, config_};
  return showNode(run, request);
}

Result<Digest> EngineImpl::writeBundle(const Known& known, ir::NodeId model, const std::string& evidence_json,
                                       const std::string& path, TaskContext& context) {
  Run run{known, context, artifacts_, config_};
  return writeModelBundle(run, model, evidence_json, path);
}

Result<std::string> EngineImpl::evaluateBundle(const Known& known, ir::NodeId evaluate, const std::string& bundle,
                                               TaskContext& context) {
  Run run{known, context, artifacts_, config_};
  return evaluateWithBundle(run, evaluate, bundle);
}

Result<PairedReplicates> EngineImpl::replicate(const Known& known, ir::NodeId evaluate, const std::vector<std::uint32_t>& metrics,
                                               const std::string& champion, TaskContext& context) {
  Run run{known, context, artifacts_, config_};
  return replicateMetrics(run, evaluate, metrics, champion);
}

Result<std::vector<double>> EngineImpl::rowLatencies(const Known& known, ir::NodeId evaluate, const std::string& bundle,
                                                     TaskContext& context) {
  Run run{known, context, artifacts_, config_};
  return measureLatencies(run, evaluate, bundle);
}

Result<ScoreSummary> EngineImpl::score(const ScoreRequest& request, TaskContext& context) {
  if (request.known == nullptr) return scoreFile(request, context, nullptr);
  Run run{*request.known, context, artifacts_, config_};
  return scoreFile(request, context, &run);
}

Result<std::string> EngineImpl::inspect(const Known& known, const InspectRequest& request, TaskContext& context) {
  Run run{known, context, artifacts_, config_};
  return inspectMonitor(run, request);
}

Result<std::uint64_t> EngineImpl::appendTraffic(const TrafficBatch& batch) {
  std::vector<data::TrafficColumn> columns;
  for (const TrafficColumn& column : batch.columns) columns.push_back({column.name, column.type, column.view});
  std::unique_ptr<data::TrafficWriter>& writer = traffic_[batch.path];
  if (writer == nullptr) {
    CD4ML_TRY(writer, data::TrafficWriter::create(batch.path, columns));
  }
  CD4ML_TRY_VOID(writer->append(columns, batch.rows));
  return writer->bytes();
}

Status EngineImpl::closeTraffic(const std::string& path) {
  const auto open = traffic_.find(path);
  if (open == traffic_.end()) return Done{};
  const std::unique_ptr<data::TrafficWriter> writer = std::move(open->second);
  traffic_.erase(open);
  return writer->close();
}

Result<std::vector<TestFailure>> EngineImpl::test(const ir::Pipeline& pipeline, const ir::TestCase& test, TaskContext& context) {
  return tryCase(pipeline, test, config_, context);
}

}  // namespace cd4ml::engine
