/// Programs in tests: text → what the checker says about it.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "compiler/check/check.h"
#include "compiler/parse/parse.h"

namespace cd4ml::check {

struct Program {
  source::SourceMap sources;
  diag::Diagnostics diagnostics;
  Checked checked;

  explicit Program(std::string_view text, const Settings& settings = {}) {
    const FileIndex file = sources.add("main.cd4ml", std::string(text));
    const syntax::Tree tree = parse::parse(sources, file, diagnostics);
    checked = check(tree, sources, settings, diagnostics);
  }

  /// One line a diagnostic: "CD1001 4:6 there is no source or table `flight`".
  [[nodiscard]] std::string said() const {
    std::string text;
    for (const diag::Diagnostic& each : diagnostics.all()) {
      const source::Position position = sources.position(each.span.file, each.span.begin);
      text += fmt::format("{} {}:{} {}\n", diag::codeText(each.code), position.line, position.column, each.message);
    }
    return text;
  }
};

}  // namespace cd4ml::check
