#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "compiler/check/check_test.h"

namespace cd4ml::check {
namespace {

std::vector<std::filesystem::path> wrongPrograms() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator("tests/diagnostics")) {
    if (entry.path().extension() == ".cd4ml") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// Each wrong program reports the code of its name, and errors of that code alone: one mistake does not breed others.
/// After a slip of syntax what is left may well mean something else, so of those only the code is asked for.
TEST(Wrong, EachProgramReportsItsCodeAlone) {
  for (const std::filesystem::path& path : wrongPrograms()) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    const Program program(text.str());
    const std::string code = path.filename().string().substr(0, 6);
    const std::string said = program.said();
    EXPECT_NE(said.find(code), std::string::npos) << path << "\n" << said;
    const bool is_syntax = code < "CD1000";
    for (const diag::Diagnostic& each : program.diagnostics.all()) {
      EXPECT_TRUE(is_syntax || diag::codeText(each.code) == code) << path << ": " << each.message;
    }
    if (std::getenv("CD4ML_SHOW") != nullptr) fmt::print("{}\n{}\n", path.filename().string(), said);
  }
}

/// Labels that come later look for the end of their data, through tables whose rows are not known too.
TEST(Wrong, LabelsOfATableWithoutItsRowsAreChecked) {
  const Program program("pipeline p\ntable t from nowhere { derive at = @2024-01-01T00:00:00Z @time }\nfeatures f from t { target true after 1d  x = 1.0 }\n");
  EXPECT_NE(program.said().find("CD1001"), std::string::npos) << program.said();
}

}  // namespace
}  // namespace cd4ml::check
