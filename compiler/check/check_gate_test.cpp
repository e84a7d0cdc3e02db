#include <gtest/gtest.h>

#include "compiler/check/check_test.h"

namespace cd4ml::check {
namespace {

const char* const base = R"(pipeline p
param slack: float = 0.5
source s = csv("s.csv") { wait: float<min>  shop: category  price: float }
features f from s { target wait  price = price  shop = shop }
split f by random { train 60%  validate 20%  test 20% }
model m = gbdt(f)
evaluate q of m on test { rmse  mse  r2  worst_case = max(prediction)  rmse by shop min 10 rows }
evaluate v of m on validate { mae  rmse }
deploy d of m when g { }
)";

Program gateProgram(const std::string& items) { return Program(base + ("gate g on q, v {" + items + "}")); }

std::string lowered(const std::string& items) {
  const Program program = gateProgram(items);
  EXPECT_FALSE(program.diagnostics.hasErrors()) << program.said();
  const std::string all = ir::printPipeline(program.checked.pipeline);
  const std::size_t begin = all.find("  require ");
  return all.substr(begin, all.find("  hold\n", begin) - begin);
}

std::string errors(const std::string& items) {
  std::string text;
  const Program program = gateProgram(items);
  for (const diag::Diagnostic& each : program.diagnostics.all()) {
    if (diag::severityOf(each.code) == diag::Severity::Error) text += fmt::format("{} {}\n", diag::codeText(each.code), each.message);
  }
  return text;
}

TEST(Gate, SidesAreSumsOfTerms) {
  EXPECT_EQ(lowered("require r2 >= 0.5 * champion.r2 + slack / 2"),
            "  require (1.0 * metric candidate whole 0 2) >= (0.5 * metric champion whole 0 2, 1.0 * constant 0.25) "
            "\"r2 >= 0.5 * champion.r2 + slack / 2\"\n");
  EXPECT_EQ(lowered("require v.mae <= champion.v.mae"),
            "  require (1.0 * metric candidate whole 1 0) <= (1.0 * metric champion whole 1 0) \"v.mae <= champion.v.mae\"\n");
  EXPECT_EQ(lowered("require worst rmse by shop <= 9min"),
            "  require (1.0 * metric candidate worst 0 4) <= (1.0 * constant 9.0) \"worst rmse by shop <= 9min\"\n");
  EXPECT_EQ(lowered("require ratio rmse by shop >= 0.5"),
            "  require (1.0 * metric candidate ratio 0 4) >= (1.0 * constant 0.5) \"ratio rmse by shop >= 0.5\"\n");
  EXPECT_EQ(lowered("require rows >= 100"), "  require (1.0 * rows candidate 0) >= (1.0 * constant 100.0) \"rows >= 100\"\n");
}

TEST(Gate, LimitsTakeTheUnitOfTheMetric) {
  EXPECT_EQ(lowered("require rmse <= 90s"), "  require (1.0 * metric candidate whole 0 0) <= (1.0 * constant 1.5) \"rmse <= 90s\"\n");
  EXPECT_EQ(lowered("require worst_case <= 1h"), "  require (1.0 * metric candidate whole 0 3) <= (1.0 * constant 60.0) \"worst_case <= 1h\"\n");
  EXPECT_EQ(errors("require rmse <= 5.0"), "CD2002 the metric is in `min`, the limit is a plain number\n");
  EXPECT_EQ(errors("require r2 >= 5min"), "CD2002 the metric is a plain number, the limit is in `us`\n");
  EXPECT_EQ(errors("require rmse + r2 <= 5min"), "CD2002 a gate compares values of one unit, these are `min` and `1`\n");
}

TEST(Gate, EachMistakeIsSaidOnce) {
  EXPECT_EQ(errors("require w.rmse <= 5min  require champion.mae <= 3min  require worst r2 by shop >= 0.1  require worst worst_case by shop <= 1min"),
            "CD1001 this gate is not on `w`\n"
            "CD3601 `q` does not list `mae`\n"
            "CD3604 `q` does not list `r2` by shop\n"
            "CD3604 `q` does not list `worst_case` by shop\n");
}

TEST(Gate, AnEvaluateIsNoNumber) {
  EXPECT_EQ(errors("require champion >= 0.3  require v > 0.1  require champion.v > 0.1"),
            "CD3605 `champion` has several metrics, a gate compares one\n"
            "CD3605 `v` has several metrics, a gate compares one\n"
            "CD3605 `champion.v` has several metrics, a gate compares one\n");
}

TEST(Gate, ValidateIsNoTestOnceEarlyStoppingSawIt) {
  std::string text = base;
  text.replace(text.find("gbdt(f)"), 7, "gbdt(f, early_stop: 5)");
  const Program program(text + "gate g on v { require mae <= 3min }");
  EXPECT_EQ(program.said(), "CD3602 10:11 a gate cannot judge by the part `validate`: `m` was fitted on it\n");
}

TEST(Notify, SecretsStayNames) {
  const Program program(std::string(base) + R"(gate g on q { require r2 > 0.1  otherwise hold, notify ops }
notify ops = webhook(secret("OPS_URL"), key: secret("OPS_KEY")))");
  EXPECT_FALSE(program.diagnostics.hasErrors()) << program.said();
  const ir::Pipeline& pipeline = program.checked.pipeline;
  const auto& notify = std::get<ir::Notify>(pipeline[pipeline.find("ops")].body);
  ASSERT_EQ(notify.options.size(), 2u);
  EXPECT_EQ(notify.options[0].value, ir::Literal{std::string("secret:OPS_URL")});
  EXPECT_EQ(notify.options[1].name, "key");
}

}  // namespace
}  // namespace cd4ml::check
