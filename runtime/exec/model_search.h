/// Models that are found rather than trained in one go: the best trial of a `tune`, the best candidate of a `choose`, and
/// what the folds of a split say.
///
/// Every trial, candidate and fold is a result of its own in the cache, made like a plain model's: an interrupted search
/// goes on where it was, a wider one computes what is new, and what equals a plain model is the same result. Which one
/// wins depends on values and order alone, never on how many ran at once.
#pragma once

#include "compiler/plan/tpe.h"
#include "compiler/plan/variants.h"
#include "runtime/exec/sub_run.h"

namespace cd4ml::exec {

class ModelSearch {
 public:
  /// `state` is that of the pipeline in which the model stands; it must outlive the search.
  ModelSearch(const ir::Pipeline& pipeline, ir::NodeId model, RunState& state, const RunnerConfig& config, const Observer& observer,
              StageResult& stage);

  /// Whether a slot of a model is found this way.
  [[nodiscard]] static bool finds(const ir::Model& model, std::uint32_t slot);
  /// The contents of such slots, in order.
  [[nodiscard]] Result<std::vector<engine::SlotContent>> run(const std::vector<std::uint32_t>& slots, int threads);

 private:
  struct Judged {
    std::optional<double> value;
    bool computed = false;
    double seconds = 0;
  };
  /// A trial of `tune` with what became of it.
  struct Tried {
    plan::Trial trial;
    Judged judged;
  };
  struct Folds {
    std::vector<std::unique_ptr<SubRun>> runs;
    std::vector<std::int64_t> best;  ///< iterations
  };

  Result<Judged> judge(const ir::Pipeline& pipeline, ir::NodeId model, const ir::Objective& objective, int threads) const;
  Result<std::vector<engine::SlotContent>> tune(const std::vector<std::uint32_t>& slots, int threads);
  /// Judges the trials side by side and appends them to `tried`, in order.
  Status tryAll(const std::vector<plan::Trial>& trials, std::vector<Tried>& tried, int threads);
  /// All trials that the search makes; the winner is among those from the returned index on.
  Result<std::size_t> search(std::vector<Tried>& tried, int threads);
  Result<std::size_t> climb(std::vector<Tried>& tried, int threads);
  Result<std::vector<engine::SlotContent>> choose(const std::vector<std::uint32_t>& slots, int threads);
  Result<engine::SlotContent> fold(std::uint32_t slot, int threads);
  Result<Folds> runFolds(int threads) const;
  Result<std::size_t> bestOf(const std::vector<Judged>& judged, const ir::Objective& objective) const;
  [[nodiscard]] static bool isBetter(const Judged& a, const Judged& b, const ir::Objective& objective);
  void tell(TrialOutcome trial);
  Error failed(Error error, const std::string& what) const;

  const ir::Pipeline& pipeline_;
  ir::NodeId id_;
  const ir::Model& model_;
  RunState& state_;
  const RunnerConfig& config_;
  const Observer& observer_;
  StageResult& stage_;
};

}  // namespace cd4ml::exec
