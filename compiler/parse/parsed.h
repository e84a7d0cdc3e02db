/// For this folder's tests: a text parsed on its own.
#pragma once

#include <fstream>
#include <sstream>
#include <string>

#include "compiler/parse/parse.h"
#include "compiler/syntax/print_tree.h"

namespace cd4ml::parse {

struct Parsed {
  explicit Parsed(std::string text) {
    sources.add("main.cd4ml", std::move(text));
    tree = parse(sources, 0, diagnostics);
    diagnostics.sort();
  }

  source::SourceMap sources;
  diag::Diagnostics diagnostics;
  syntax::Tree tree;

  [[nodiscard]] std::string printed() const { return syntax::printTree(tree); }
  /// `2:10 CD0018 message`, one a line.
  [[nodiscard]] std::string said() const {
    std::string out;
    for (const diag::Diagnostic& d : diagnostics.all()) {
      const source::Position at = sources.position(0, d.span.begin);
      out += std::to_string(at.line) + ":" + std::to_string(at.column) + " " + diag::codeText(d.code) + " " + d.message + "\n";
    }
    return out;
  }
};

/// A file below the root of the repository, where tests run.
[[nodiscard]] inline std::string fileText(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace cd4ml::parse
