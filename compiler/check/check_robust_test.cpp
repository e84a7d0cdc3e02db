#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "compiler/check/check_test.h"

namespace cd4ml::check {
namespace {

std::vector<std::string> programs() {
  std::vector<std::string> texts;
  std::vector<std::filesystem::path> paths{"examples/flights/main.cd4ml", "examples/weather/main.cd4ml", "examples/shared/flights.cd4ml",
                                          "examples/shared/late.cd4ml", "tests/parse/flights.cd4ml"};
  for (const auto& entry : std::filesystem::directory_iterator("tests/diagnostics")) {
    if (entry.path().extension() == ".cd4ml") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    texts.push_back(text.str());
  }
  return texts;
}

/// A program with any one token left out or doubled is still checked, whatever is said about it.
TEST(Robust, AnyTokenMayBeMissingOrDoubled) {
  for (const std::string& text : programs()) {
    source::SourceMap sources;
    diag::Diagnostics diagnostics;
    const FileIndex file = sources.add("main.cd4ml", text);
    const syntax::Tree tree = parse::parse(sources, file, diagnostics);
    for (const syntax::Token& token : tree.tokens) {
      const std::string before = text.substr(0, token.begin);
      const std::string word = text.substr(token.begin, token.end - token.begin);
      const std::string after = text.substr(token.end);
      const Program without(before + after);
      const Program doubled(before + word + " " + word + after);
      ASSERT_LE(without.diagnostics.all().size() + doubled.diagnostics.all().size(), 60u) << without.said() << doubled.said();
    }
  }
}

/// Every declaration left out in turn: what used it is said once, at its use.
TEST(Robust, AnyNameMayBeUnknown) {
  for (const std::string& text : programs()) {
    source::SourceMap sources;
    diag::Diagnostics diagnostics;
    const syntax::Tree tree = parse::parse(sources, sources.add("main.cd4ml", text), diagnostics);
    for (const syntax::Token& token : tree.tokens) {
      if (token.kind != syntax::TokenKind::Word) continue;
      const Program program(text.substr(0, token.begin) + "unheard_of" + text.substr(token.end));
      ASSERT_LE(program.diagnostics.all().size(), 60u) << program.said();
    }
  }
}

}  // namespace
}  // namespace cd4ml::check
