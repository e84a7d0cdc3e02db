/// Syntax trees → PipelineIR + diagnostics: names, types, units, nullability, roles, leakage, and the rules between
/// declarations (language.md §7). One file a construct: `check_gate.cpp` is all there is to know about gates here.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/ir/pipeline.h"
#include "compiler/ir/test_case.h"
#include "compiler/source/source_map.h"
#include "compiler/syntax/tree.h"

namespace cd4ml::check {

/// A schema that `cd4ml.lock` holds for a source without a field block.
struct PinnedField { std::string name; ir::Type type; };
using PinnedSchemas = std::map<std::string, std::vector<PinnedField>>;  ///< by source name

struct Settings {
  std::map<std::string, std::string> params;  ///< `--param k=v`, parsed by the param's type
  PinnedSchemas pinned;
  std::vector<std::string> profiles{};        ///< `--profile a,b`: overrides, later ones win
};

struct Checked {
  ir::Pipeline pipeline;  ///< complete only if `diagnostics` has no errors
  std::vector<ir::TestCase> tests;
  /// Type and meaning of each expression of the tree, for hover and messages.
  std::vector<ir::Type> expr_types;
};

[[nodiscard]] Checked check(const syntax::Tree& tree, const source::SourceMap& sources, const Settings& settings,
                            diag::Diagnostics& diagnostics);

}  // namespace cd4ml::check
