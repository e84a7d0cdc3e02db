/// Diagnostics one a line, for editors' problem matchers and for CI logs.
#pragma once

#include <string>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/source/source_map.h"

namespace cd4ml::diag {

/// `file:line:col: error[CD2004]: message`
[[nodiscard]] std::string renderConcise(const std::vector<Diagnostic>& diagnostics, const source::SourceMap& sources);
/// Workflow commands of GitHub Actions, which show as annotations: `::error file=…,line=…,col=…,title=CD2004::message`
[[nodiscard]] std::string renderGithub(const std::vector<Diagnostic>& diagnostics, const source::SourceMap& sources);

}  // namespace cd4ml::diag
