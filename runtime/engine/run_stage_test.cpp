#include <gtest/gtest.h>

#include "runtime/engine/sample_pipeline_test.h"

namespace cd4ml::engine {
namespace {

using sample::Project;

using Argument = ir::Stage::Argument;

Argument text(std::string word) { return {.kind = Argument::Kind::Text, .text = std::move(word)}; }

/// A stage that runs a Python text over the rows of a small source.
ir::Stage pythonStage(Project& project, const std::string& program) {
  const ir::NodeId rows = project.addSource("rows", {sample::column("a", sample::typeOf(ir::Kind::Int))}, "a\n1\n2\n");
  ir::Stage stage;
  stage.argv = {text("python3"), text("-c"), text(program), {.kind = Argument::Kind::Input, .text = {}, .index = 0},
                {.kind = Argument::Kind::Output, .text = {}, .index = 0}};
  stage.inputs = {{.name = "rows", .path = {}, .node = rows, .part = {}}};
  stage.outputs = {{.name = "file", .file = "made.txt"}};
  return stage;
}

std::string outcome(Project& project, ir::Stage stage) {
  const ir::NodeId id = project.add("make", {}, std::move(stage));
  const auto made = project.run(id, {0});
  if (!made.ok()) return made.error().code + " " + made.error().message;
  TaskContext context;
  EngineConfig config;
  Artifacts artifacts(nullptr);
  Run run{project.known, context, artifacts, config};
  const auto bytes = fetchBytes(run, {id, 0});
  return bytes.ok() ? *bytes : bytes.error().message;
}

TEST(RunStage, KeepsWhatTheProgramWrites) {
  Project project;
  const std::string copies = "import sys; open(sys.argv[2], 'wb').write(open(sys.argv[1], 'rb').read(4))";
  EXPECT_EQ(outcome(project, pythonStage(project, copies)), "PAR1");
}

TEST(RunStage, SaysHowItFailed) {
  Project project;
  const std::string said = outcome(project, pythonStage(project, "raise SystemExit(7)"));
  EXPECT_TRUE(said.starts_with("CD5701 stage `make`: `python3 -c raise SystemExit(7) rows.parquet made.txt` exit 7")) << said;
}

TEST(RunStage, MissesAnOutput) {
  Project project;
  EXPECT_EQ(outcome(project, pythonStage(project, "pass")), "CD5702 the program ended well but made no file `made.txt`");
}

TEST(RunStage, SeesItsFolderAndEnvironmentOnly) {
  Project project;
  ir::Stage stage = pythonStage(project, "import os, sys; names = ','.join(os.listdir('.')); open(sys.argv[2], 'w').write(names + ' ' + os.environ['SIZE'])");
  stage.env = {{"SIZE", "3"}};
  EXPECT_EQ(outcome(project, std::move(stage)), "rows.parquet 3");
}

TEST(RunStage, MissesASecret) {
  Project project;
  ir::Stage stage = pythonStage(project, "pass");
  stage.env = {{"TOKEN", "secret:NOBODY_SETS_THIS_ONE"}};
  EXPECT_EQ(outcome(project, std::move(stage)),
            "CD5701 stage `make` needs the secret NOBODY_SETS_THIS_ONE, which is not in the environment");
}

TEST(RunStage, TriesAgain) {
  Project project;
  const std::string mark = (project.folder().write("mark", ""));
  ir::Stage stage = pythonStage(project, "import os, sys\nif os.path.exists(sys.argv[3]):\n  os.remove(sys.argv[3])\n  sys.exit(1)\nopen(sys.argv[2], 'w').write('second')");
  stage.argv.push_back(text(mark));
  stage.retries = 1;
  EXPECT_EQ(outcome(project, std::move(stage)), "second");
}

}  // namespace
}  // namespace cd4ml::engine
