#include <gtest/gtest.h>

#include "compiler/check/check_test.h"
#include "compiler/ir/scoring.h"

namespace cd4ml::ir {
namespace {

ScoringProgram scoringOf(const std::string& text) {
  const check::Program program("pipeline p\nsource s = csv(\"s.csv\") { a: float  check a > 0  b: float?  check b > 0 for 99%  c: category  y: bool  check y or a > 1 }\n" +
                               text + "\nmodel m = gbdt(f)");
  EXPECT_FALSE(program.diagnostics.hasErrors()) << program.said();
  const Pipeline& pipeline = program.checked.pipeline;
  ScoringProgram scoring = deriveScoring(pipeline, pipeline.find("m"));
  EXPECT_EQ(verifyGraph(scoring.graph, static_cast<std::uint32_t>(scoring.inputs.size())), "");
  return scoring;
}

std::vector<std::string> inputsOf(const ScoringProgram& program) {
  std::vector<std::string> names;
  for (const Column& column : program.inputs) names.push_back(column.name + ": " + typeText(column.type));
  return names;
}

TEST(DeriveScoring, DerivationsAreInlinedAndFiltersGone) {
  const ScoringProgram program = scoringOf("table t from s { filter a < 9  derive d = a * 2.0 }\ntable u from t { derive e = d + 1.0 }\nfeatures f from u { target y  e = e }");
  EXPECT_EQ(inputsOf(program), std::vector<std::string>{"a: float"});
  EXPECT_EQ(program.base_slots, std::vector<std::uint32_t>{0});
  EXPECT_TRUE(printGraph(program.graph).starts_with(R"(%0 : float = input 0
%1 : float = constant 2.0
%2 : float = call mul_ff(%0, %1)
%3 : float = constant 1.0
%4 : float = call add_ff(%2, %3)
)")) << printGraph(program.graph);
  EXPECT_EQ(program.features, std::vector<ValueId>{{4}});
}

TEST(DeriveScoring, ChecksOfNeededInputsStay) {
  const ScoringProgram program = scoringOf("features f from s { target y  b = b  a = a }");
  EXPECT_EQ(inputsOf(program), (std::vector<std::string>{"a: float", "b: float?"}));
  ASSERT_EQ(program.checks.size(), 1u);
  EXPECT_EQ(program.checks[0].text, "a > 0");
}

TEST(DeriveScoring, NullThatTrainingFilteredAwayIsAnErrorOfTheRow) {
  const ScoringProgram program = scoringOf("table t from s { filter b is not null }\nfeatures f from t { target y  b = b }");
  EXPECT_EQ(inputsOf(program), std::vector<std::string>{"b: float"});
  const ScoringProgram derived = scoringOf("table t from s { derive d = b * 2.0  filter d is not null }\nfeatures f from t { target y  d = d }");
  EXPECT_EQ(inputsOf(derived), std::vector<std::string>{"b: float?"});
  ASSERT_EQ(derived.checks.size(), 1u);
  EXPECT_EQ(derived.checks[0].text, "`d` is not null");
}

TEST(DeriveScoring, FittedValuesNeedNoLabel) {
  const ScoringProgram program = scoringOf("features f from s { target y  t = target_encode(c)  z = standardize(a) }");
  EXPECT_EQ(inputsOf(program), (std::vector<std::string>{"a: float", "c: category"}));
  EXPECT_EQ(program.fitted.size(), 3u);
  for (const Value& value : program.graph.values) {
    const std::size_t expected = value.op == Op::Encode ? 1 : 0;
    if (value.op == Op::Encode || value.op == Op::Fit) {
      EXPECT_EQ(value.args.size(), expected);
    }
  }
}

TEST(DeriveScoring, LookUpJoinsBecomeLookups) {
  const ScoringProgram program = scoringOf("source r = csv(\"r.csv\") { k: category  v: float  w: float }\ntable t from s { join r on c == k  derive q = w * 2.0 }\nfeatures f from t { target y  q = q  v = v }");
  EXPECT_EQ(inputsOf(program), std::vector<std::string>{"c: category"});
  ASSERT_EQ(program.lookups.size(), 1u);
  EXPECT_EQ(program.lookups[0].key_slots, std::vector<std::uint32_t>{0});
  EXPECT_EQ(program.lookups[0].value_slots, (std::vector<std::uint32_t>{2, 1}));
  int lookups = 0;
  for (const Value& value : program.graph.values) lookups += value.op == Op::Lookup ? 1 : 0;
  EXPECT_EQ(lookups, 2);
}

TEST(DeriveScoring, RowsStartAtTheLastStepThatMakesThem) {
  const std::string grouped = "table g from s { group by c { n = count()  m = mean(a) }  derive r = float(n) * 2.0  derive gone = r + 1.0 ";
  const ScoringProgram kept = scoringOf(grouped + "}\nfeatures f from g { target n > 3  r = r }");
  EXPECT_EQ(inputsOf(kept), std::vector<std::string>{"n: int"});
  // Without `n` in the table's columns the derivation cannot be replayed: the derived column is the raw input.
  const ScoringProgram dropped = scoringOf(grouped + " drop n }\nfeatures f from g { target m > 3.0  r = r  gone = gone }");
  EXPECT_EQ(inputsOf(dropped), (std::vector<std::string>{"r: float", "gone: float"}));
}

TEST(DeriveScoring, LongChainsAreNoDepth) {
  std::string verbs = "derive d0 = a ";
  for (int i = 1; i < 3000; ++i) verbs += fmt::format("derive d{} = d{} + d{} ", i, i - 1, i - 1);
  const std::string features = "features f from t { target y  last = d2999 }";
  EXPECT_EQ(inputsOf(scoringOf("table t from s { " + verbs + "}\n" + features)), std::vector<std::string>{"a: float"});
  const std::string grouped = "table t from s { group by a, y { n = count() } " + verbs + "}\n";
  EXPECT_EQ(inputsOf(scoringOf(grouped + features)), std::vector<std::string>{"a: float"});
}

}  // namespace
}  // namespace cd4ml::ir
