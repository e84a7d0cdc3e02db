/// Runs one `test` block: its given rows stand for sources, in memory; nothing of it is cached.
#pragma once

#include "compiler/ir/test_case.h"
#include "runtime/engine/run.h"

namespace cd4ml::engine {

/// What did not hold, one entry a failed `expect`. Empty: the test passes.
[[nodiscard]] Result<std::vector<TestFailure>> tryCase(const ir::Pipeline& pipeline, const ir::TestCase& test,
                                                       const EngineConfig& config, TaskContext& task);

}  // namespace cd4ml::engine
