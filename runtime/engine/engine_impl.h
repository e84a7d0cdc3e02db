/// The engine behind the interface: one table of artifacts for all calls of a process.
#pragma once

#include "runtime/data/traffic.h"
#include "runtime/engine/run.h"

namespace cd4ml::engine {

class EngineImpl final : public Engine {
 public:
  explicit EngineImpl(EngineConfig config);

  Result<std::vector<InferredField>> inferSchema(const ir::Source& source,
                                                 const std::vector<SourceFile>& files) override;
  Result<std::vector<SlotContent>> run(const Known& known, ir::NodeId node, const std::vector<std::uint32_t>& slots,
                                       TaskContext& context) override;
  Result<SlotContent> poolFolds(const std::vector<Known>& folds, ir::NodeId model, TaskContext& context) override;
  Result<std::string> show(const Known& known, const ShowRequest& request, TaskContext& context) override;
  Result<Digest> writeBundle(const Known& known, ir::NodeId model, const std::string& evidence_json,
                             const std::string& path, TaskContext& context) override;
  Result<std::string> evaluateBundle(const Known& known, ir::NodeId evaluate, const std::string& bundle,
                                     TaskContext& context) override;
  Result<PairedReplicates> replicate(const Known& known, ir::NodeId evaluate, const std::vector<std::uint32_t>& metrics,
                                     const std::string& champion, TaskContext& context) override;
  Result<std::vector<double>> rowLatencies(const Known& known, ir::NodeId evaluate, const std::string& bundle,
                                           TaskContext& context) override;
  Result<ScoreSummary> score(const ScoreRequest& request, TaskContext& context) override;
  Result<std::string> inspect(const Known& known, const InspectRequest& request, TaskContext& context) override;
  Result<std::uint64_t> appendTraffic(const TrafficBatch& batch) override;
  Status closeTraffic(const std::string& path) override;
  Result<std::vector<TestFailure>> test(const ir::Pipeline& pipeline, const ir::TestCase& test, TaskContext& context) override;

 private:
  EngineConfig config_;
  Artifacts artifacts_;
  std::map<std::string, std::unique_ptr<data::TrafficWriter>> traffic_;  ///< open files by path
};

}  // namespace cd4ml::engine
