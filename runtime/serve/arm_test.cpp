#pragma GCC diagnostic ignored "-Wmissing-field-initializers"  // samples name only what matters
#include "runtime/serve/arm.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

namespace cd4ml::serve {
namespace {

/// y = 2 a + 1
score::Bundle sample() {
  score::Bundle bundle;
  bundle.program.inputs = {{.name = "a", .type = {.kind = ir::Kind::Float}}};
  ir::Value a{.op = ir::Op::Input, .type = {.kind = ir::Kind::Float}};
  bundle.program.features = {bundle.program.graph.add(a)};
  bundle.program.feature_names = {"a"};
  bundle.model.algorithm = "linear";
  bundle.model.features = {{.kind = ir::Kind::Float}};
  bundle.model.body = score::Linear{.inputs = 1, .weights = {2.0}, .intercept = {1.0}};
  bundle.pipeline = "p";
  bundle.model_name = "m";
  return bundle;
}

class Arms : public testing::Test {
 protected:
  Arms() : path_((std::filesystem::temp_directory_path() / ("arm-" + std::to_string(::getpid()) + ".cd4mb")).string()) {}
  ~Arms() override { std::filesystem::remove(path_); }

  Result<std::shared_ptr<const Arm>> load(const score::Bundle& bundle) {
    EXPECT_TRUE(score::writeBundle(bundle, path_).ok());
    return Arm::load(path_, "m@3");
  }
  std::string path_;
};

TEST_F(Arms, AModelWithoutGoldenRowsServes) {
  const auto arm = load(sample());
  ASSERT_TRUE(arm.ok()) << arm.error().message;
  EXPECT_EQ((*arm)->model(), "m");
  EXPECT_EQ((*arm)->version(), "3");
}

TEST_F(Arms, GoldenRowsHaveToComeOutBitForBit) {
  score::Bundle bundle = sample();
  bundle.sections["golden"] = R"({"rows":[[1.5],[-0.25]],"raw":[[4.0],[0.5]]})";
  EXPECT_TRUE(load(bundle).ok());
  bundle.sections["golden"] = R"({"rows":[[1.5],[-0.25]],"raw":[[4.0],[0.5000000000000001]]})";
  const auto arm = load(bundle);
  ASSERT_FALSE(arm.ok());
  EXPECT_EQ(arm.error().code, "CD5710");
  EXPECT_NE(arm.error().message.find("golden row 2"), std::string::npos) << arm.error().message;
  bundle.sections["golden"] = "{";
  EXPECT_EQ(load(bundle).error().code, "CD5710");
}

TEST_F(Arms, AModelThatFoldsEarlierRowsIsNotServed) {
  score::Bundle bundle = sample();
  bundle.sections["history"] = R"([{"reads":"`flights` by `origin`"}])";
  const auto arm = load(bundle);
  ASSERT_FALSE(arm.ok());
  EXPECT_EQ(arm.error().code, "CD5706");
  EXPECT_NE(arm.error().message.find("`flights` by `origin`"), std::string::npos);
}

}  // namespace
}  // namespace cd4ml::serve
