/// Diagnostics as JSON: our own form (docs/reference/json.md), SARIF 2.1.0, and the code quality report of GitLab.
///
/// Lines and columns count from 1, columns in code points. Equal input gives equal bytes.
#pragma once

#include <string>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/source/source_map.h"

namespace cd4ml::diag {

/// `{"v":1,"diagnostics":[…],"errors":n,"warnings":n}`
[[nodiscard]] std::string renderJson(const std::vector<Diagnostic>& diagnostics, const source::SourceMap& sources);
[[nodiscard]] std::string renderSarif(const std::vector<Diagnostic>& diagnostics, const source::SourceMap& sources);
[[nodiscard]] std::string renderGitlab(const std::vector<Diagnostic>& diagnostics, const source::SourceMap& sources);

}  // namespace cd4ml::diag
