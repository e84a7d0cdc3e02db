/// The scoring program as bytes: what decides scores goes into the model part, what is for people (names, units, texts
/// of checks) into a section of its own, so that a renaming changes no model id.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "compiler/ir/scoring.h"
#include "runtime/score/bytes.h"

namespace cd4ml::score {

void putProgram(ByteWriter& out, const ir::ScoringProgram& program);
/// Reads the same; the reader fails on anything that is no sound program.
[[nodiscard]] ir::ScoringProgram getProgram(ByteReader& in);

/// Names of features, units and docs of inputs, texts of checks.
void putProgramNames(ByteWriter& out, const ir::ScoringProgram& program);
void getProgramNames(ByteReader& in, ir::ScoringProgram& program);

}  // namespace cd4ml::score
