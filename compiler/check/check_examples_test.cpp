#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "compiler/check/check_test.h"
#include "compiler/ir/text.h"

namespace cd4ml::check {
namespace {

std::string fileText(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Compares with a file of tests/pipelines; CD4ML_UPDATE writes it instead.
void expectGolden(const std::string& name, const std::string& text) {
  const std::string path = "tests/pipelines/" + name;
  if (std::getenv("CD4ML_UPDATE") != nullptr) std::ofstream(path) << text;
  EXPECT_EQ(text, fileText(path)) << "CD4ML_UPDATE=1 writes " << path;
}

void expectExample(const std::string& example) {
  const Program program(fileText("examples/" + example + "/main.cd4ml"));
  EXPECT_EQ(program.said(), "");
  const ir::Pipeline& pipeline = program.checked.pipeline;
  const std::string printed = ir::printPipeline(pipeline);
  expectGolden(example + ".ir", printed);
  const Result<ir::Pipeline> read = ir::parsePipeline(printed);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(ir::printPipeline(*read), printed);
  for (const ir::Node& node : pipeline.nodes) {
    if (const auto* source = std::get_if<ir::Source>(&node.body)) {
      EXPECT_EQ(ir::verifyGraph(source->graph, static_cast<std::uint32_t>(node.columns.size())), "");
    } else if (const auto* table = std::get_if<ir::Table>(&node.body)) {
      EXPECT_EQ(ir::verifyGraph(table->graph, table->variables), "");
    } else if (const auto* features = std::get_if<ir::Features>(&node.body)) {
      EXPECT_EQ(ir::verifyGraph(features->graph, static_cast<std::uint32_t>(pipeline[features->from].columns.size() + features->windows.size())), "");
    }
  }
}

TEST(Examples, Flights) { expectExample("flights"); }
TEST(Examples, Weather) { expectExample("weather"); }
TEST(Examples, Demand) { expectExample("demand"); }
TEST(Examples, Churn) { expectExample("churn"); }
TEST(Examples, BringYourOwn) { expectExample("bring_your_own"); }

TEST(Examples, InputsComeBeforeTheirUsers) {
  const Program program(fileText("examples/flights/main.cd4ml"));
  const ir::Pipeline& pipeline = program.checked.pipeline;
  for (std::uint32_t i = 0; i < pipeline.nodes.size(); ++i) {
    for (const ir::NodeId input : ir::inputsOf(pipeline.nodes[i])) EXPECT_LT(input.index, i) << pipeline.nodes[i].name;
  }
}

}  // namespace
}  // namespace cd4ml::check
