#include "compiler/plan/variants.h"

#include <gtest/gtest.h>

namespace cd4ml::plan {
namespace {

ir::Option option(std::string name, ir::Literal value) { return {.name = std::move(name), .value = std::move(value), .span = {}}; }

ir::Tune search(const std::string& method, const std::string& count, std::int64_t n) {
  ir::Tune tune;
  tune.method = method;
  tune.options = {option(count, {n})};
  tune.ranges.resize(3);
  tune.ranges[0] = {.option = "depth", .values = {{std::int64_t{4}}, {std::int64_t{6}}}, .is_list = false, .log = false, .integer = true};
  tune.ranges[1] = {.option = "loss", .values = {{std::string("huber")}, {std::string("squared")}}, .is_list = true, .log = false, .integer = false};
  tune.ranges[2] = {.option = "rate", .values = {{0.01}, {1.0}}, .is_list = false, .log = true, .integer = false};
  return tune;
}

const std::vector<ir::Option> written = {option("depth", {std::int64_t{5}}), option("early_stop", {std::int64_t{9}}), option("loss", {std::string("huber")}),
                                         option("rate", {0.1}), option("trees", {std::int64_t{100}})};

TEST(Variants, GridTakesEveryCombinationWithBothEnds) {
  const std::vector<Trial> trials = trialsOf(search("grid", "points", 3), written);
  ASSERT_EQ(trials.size(), 18U);
  EXPECT_EQ(trialText(trials.front()), "depth: 4, loss: \"huber\", rate: 0.01");
  EXPECT_EQ(trialText(trials[1]), "depth: 4, loss: \"huber\", rate: 0.1");
  EXPECT_EQ(trialText(trials.back()), "depth: 6, loss: \"squared\", rate: 1.0");
}

TEST(Variants, GridHasNoWholeNumberTwice) { EXPECT_EQ(trialsOf(search("grid", "points", 9), written).size(), 3U * 2U * 9U); }

TEST(Variants, RandomBeginsAsWrittenAndALongerSearchWithAShorterOne) {
  const std::vector<Trial> few = trialsOf(search("random", "trials", 20), written);
  const std::vector<Trial> many = trialsOf(search("random", "trials", 40), written);
  ASSERT_EQ(few.size(), 20U);
  ASSERT_EQ(many.size(), 40U);
  EXPECT_EQ(trialText(few[0]), "depth: 5, loss: \"huber\", rate: 0.1");
  for (std::size_t t = 0; t < few.size(); ++t) EXPECT_EQ(trialText(few[t]), trialText(many[t]));
}

TEST(Variants, DrawsOfAnOptionDoNotDependOnTheOthers) {
  ir::Tune alone = search("random", "trials", 10);
  alone.ranges.erase(alone.ranges.begin(), alone.ranges.begin() + 2);
  const std::vector<Trial> both = trialsOf(search("random", "trials", 10), written);
  const std::vector<Trial> one = trialsOf(alone, written);
  for (std::size_t t = 0; t < one.size(); ++t) EXPECT_EQ(ir::literalText(one[t][0].value), ir::literalText(both[t][2].value));
}

TEST(Variants, DrawsStayInTheirRange) {
  for (const Trial& trial : trialsOf(search("random", "trials", 500), written)) {
    const auto depth = std::get<std::int64_t>(trial[0].value.value);
    const auto rate = std::get<double>(trial[2].value.value);
    EXPECT_TRUE(depth >= 4 && depth <= 6 && rate >= 0.01 && rate <= 1.0) << trialText(trial);
  }
}

std::string rungsText(std::int64_t trials, std::int64_t start, std::int64_t factor) {
  ir::Tune tune = search("asha", "trials", trials);
  tune.options.push_back(option("start", {start}));
  tune.options.push_back(option("factor", {factor}));
  std::string text;
  for (const Rung& rung : rungsOf(tune, written)) text += std::to_string(rung.trials) + "x" + std::to_string(rung.trees) + " ";
  return text;
}

TEST(Variants, RungsEndWithAllTrees) {
  EXPECT_EQ(rungsText(27, 0, 3), "27x3 9x9 3x27 1x100 ");
  EXPECT_EQ(rungsText(40, 10, 3), "40x10 13x30 4x90 1x100 ");
  EXPECT_EQ(rungsText(8, 50, 2), "8x50 4x100 ");
  EXPECT_EQ(rungsText(4, 1, 4), "4x1 1x100 ");
  EXPECT_EQ(rungsText(1, 0, 3), "1x100 ");
  EXPECT_EQ(rungsText(5, 100, 3), "5x100 ");
}

TEST(Variants, ARungSetsTheTreesInItsPlace) {
  EXPECT_EQ(trialText(onRung({option("depth", {std::int64_t{4}}), option("zeta", {1.5})}, 7)), "depth: 4, trees: 7, zeta: 1.5");
}

TEST(Variants, FoldsGrowTheMedianOfTheirBestRounds) {
  EXPECT_EQ(trialText(withoutEarlyStop(written, {40, 10, 30})), "early_stop: 0, trees: 30");
  EXPECT_EQ(trialText(withoutEarlyStop(written, {40, 10, 30, 21})), "early_stop: 0, trees: 26");
  EXPECT_EQ(trialText(withoutEarlyStop(written, {0, 0})), "early_stop: 0, trees: 1");
}

}  // namespace
}  // namespace cd4ml::plan
