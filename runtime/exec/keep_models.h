/// After a run: every model that is up to date gets a version in the ledger and a bundle file with its evidence
/// (metrics, verdicts, provenance). What is there already and says the same is left alone.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/exec/runner.h"
#include "runtime/track/models.h"

namespace cd4ml::exec {

struct KeepSetting {
  track::Scope scope;
  std::string run;
  std::string state;  ///< state folder
};

/// The versions, in the order of the pipeline. Their `bundle` is relative to the state folder.
Result<std::vector<track::ModelVersion>> keepModels(const ir::Pipeline& pipeline, const RunOutcome& outcome,
                                                    const RunnerConfig& config, track::Ledger& ledger,
                                                    const KeepSetting& setting);

}  // namespace cd4ml::exec
