#include "compiler/plan/tpe.h"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

namespace cd4ml::plan {
namespace {

const std::vector<ir::Option> written{{.name = "learning_rate", .value = {0.1}, .span = {}},
                                      {.name = "leaves", .value = {std::int64_t{31}}, .span = {}},
                                      {.name = "loss", .value = {std::string("squared")}, .span = {}}};

ir::Tune search(std::int64_t trials, std::int64_t seed) {
  ir::Tune tune;
  tune.method = "tpe";
  tune.options = {{.name = "trials", .value = {trials}, .span = {}}, {.name = "seed", .value = {seed}, .span = {}}};
  tune.objective = {.metric = "rmse", .options = {}, .maximize = false};
  tune.ranges = {{.option = "learning_rate", .values = {{0.01}, {1.0}}, .is_list = false, .log = true, .integer = false},
                 {.option = "leaves", .values = {{std::int64_t{2}}, {std::int64_t{200}}}, .is_list = false, .log = false, .integer = true},
                 {.option = "loss", .values = {{std::string("squared")}, {std::string("huber")}, {std::string("absolute")}}, .is_list = true, .log = false, .integer = false}};
  return tune;
}

/// Best at a learning rate of 0.05, 120 leaves and "huber".
double lossOf(const Trial& trial) {
  const double rate = std::log(std::get<double>(trial[0].value.value) / 0.05);
  const double leaves = (static_cast<double>(std::get<std::int64_t>(trial[1].value.value)) - 120) / 60;
  return rate * rate + leaves * leaves + (std::get<std::string>(trial.back().value.value) == "huber" ? 0 : 0.3);
}

std::vector<Fared> run(const ir::Tune& tune) {
  std::vector<Fared> all;
  for (;;) {
    const std::vector<Trial> batch = nextOfTpe(tune, written, all);
    if (batch.empty()) return all;
    for (const Trial& trial : batch) all.push_back({trial, lossOf(trial)});
  }
}

double bestOf(const std::vector<Fared>& all) {
  double best = INFINITY;
  for (const Fared& each : all) best = std::min(best, *each.value);
  return best;
}

TEST(Tpe, BeginsAsWrittenAndMakesAsManyTrialsAsAskedFor) {
  const std::vector<Fared> all = run(search(30, 0));
  EXPECT_EQ(all.size(), 30U);
  EXPECT_EQ(trialText(all[0].trial), R"(learning_rate: 0.1, leaves: 31, loss: "squared")");
  std::set<std::string> texts;
  for (const Fared& each : all) texts.insert(trialText(each.trial));
  EXPECT_EQ(texts.size(), all.size());
}

TEST(Tpe, StaysInItsRanges) {
  for (const Fared& each : run(search(60, 3))) {
    EXPECT_GE(std::get<double>(each.trial[0].value.value), 0.01);
    EXPECT_LE(std::get<double>(each.trial[0].value.value), 1.0);
    EXPECT_GE(std::get<std::int64_t>(each.trial[1].value.value), 2);
    EXPECT_LE(std::get<std::int64_t>(each.trial[1].value.value), 200);
  }
}

TEST(Tpe, ALongerSearchBeginsWithAShorterOne) {
  const std::vector<Fared> few = run(search(18, 1));
  const std::vector<Fared> many = run(search(40, 1));
  for (std::size_t t = 0; t < few.size(); ++t) EXPECT_EQ(trialText(few[t].trial), trialText(many[t].trial)) << t;
}

TEST(Tpe, FindsMoreThanDrawsDo) {
  double tpe = 0;
  double draws = 0;
  for (std::int64_t seed = 0; seed < 20; ++seed) {
    ir::Tune tune = search(40, seed);
    tpe += bestOf(run(tune));
    double best = INFINITY;
    tune.method = "random";
    for (const Trial& trial : trialsOf(tune, written)) best = std::min(best, lossOf(trial));
    draws += best;
  }
  EXPECT_LT(tpe, 0.6 * draws) << tpe / 20 << " against " << draws / 20;
}

TEST(Tpe, EndsWhereThereIsNothingNew) {
  ir::Tune tune = search(50, 0);
  tune.ranges = {tune.ranges[2]};
  std::vector<Fared> all;
  for (std::vector<Trial> batch = nextOfTpe(tune, written, all); !batch.empty(); batch = nextOfTpe(tune, written, all)) {
    for (const Trial& trial : batch) all.push_back({trial, 1.0});
  }
  EXPECT_EQ(all.size(), 3U);
}

TEST(Tpe, TrialsWithoutAValueAreTheWorst) {
  std::vector<Fared> before;
  const ir::Tune tune = search(40, 0);
  for (std::int64_t t = 0; t < 12; ++t) {
    before.push_back({drawTrial(tune, written, t), {}});
    if (t < 2) before.back().value = 1.0;
  }
  EXPECT_EQ(nextOfTpe(tune, written, before).size(), tpe_batch);
}

}  // namespace
}  // namespace cd4ml::plan
