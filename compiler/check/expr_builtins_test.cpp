#include <gtest/gtest.h>

#include <set>

#include "compiler/check/expr_test.h"
#include "compiler/ir/kernel_table.h"

namespace cd4ml::check {
namespace {

TEST(Builtins, ExamplesOfTheTableAreGood) {
  for (const BuiltinRow& row : builtinRows()) {
    const bool statistic = row.group == BuiltinGroup::Aggregate || row.group == BuiltinGroup::Scaler;
    std::string text{row.example};
    if (row.group == BuiltinGroup::Encoder || row.name == "mode") text.replace(text.find("(x"), 2, row.name == "tfidf" ? "(t" : "(c");
    if (row.name == "any" || row.name == "all") text.replace(text.find("(x"), 2, "(b");
    const Expression e(text, statistic || row.group == BuiltinGroup::Encoder ? Place::Features : Place::Row);
    EXPECT_EQ(e.said(), "") << text;
    EXPECT_EQ(ir::verifyGraph(e.graph(), e.columnCount()), "") << text;
    const bool comparison = text.find("==") != std::string::npos;
    if (!comparison) continue;
    EXPECT_EQ(e.value().type.kind, ir::Kind::Bool) << text;
    // An example that folds must come out true; the others are the kernels' to compute.
    EXPECT_TRUE(e.constant() == "true" || e.constant() == "bool") << text << ": " << e.constant();
  }
}

TEST(Builtins, RowsAreWhole) {
  std::set<std::string_view> names;
  for (const BuiltinRow& row : builtinRows()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.summary.empty() || row.example.empty() || row.oracle.empty()) << row.name;
    EXPECT_FALSE(overloadsOf(row.name).empty()) << row.name;
    for (const OverloadRow& overload : overloadsOf(row.name)) {
      const std::string_view lowering = overload.lowering;
      const bool special = lowering == "same" || lowering == "sugar" || lowering.starts_with("fold ") || lowering.starts_with("encode ");
      EXPECT_TRUE(special || ir::findKernel(lowering) != nullptr) << row.name << " " << lowering;
    }
  }
  EXPECT_GE(names.size(), 55U);
}

TEST(Builtins, OptionRowsHaveValuesOfTheirTypes) {
  const auto check = [](std::span<const OptionRow> rows) {
    for (const OptionRow& row : rows) {
      const ir::Literal value = defaultOf(row);
      const Bounds bounds = boundsOf(row);
      if (const auto* number = std::get_if<double>(&value.value)) {
        EXPECT_TRUE((!bounds.low || *number >= *bounds.low) && (!bounds.high || *number <= *bounds.high)) << row.owner << " " << row.name;
      }
      EXPECT_EQ(row.type == "choice", !choicesOf(row).empty()) << row.owner << " " << row.name;
    }
  };
  for (const BuiltinRow& row : builtinRows()) check(builtinOptions(row.name));
  for (const MetricRow& row : metricRows()) check(metricOptions(row.name));
  for (const ModelRow& row : modelRows()) check(modelOptions(row.name));
  for (const ReaderRow& row : readerRows()) check(readerOptions(row.name));
  EXPECT_EQ(defaultOf(readerOptions("csv")[1]), ir::Literal{std::string("\"")});
}

TEST(Builtins, LowerToKernels) {
  EXPECT_EQ(Expression("hour(at)").operations(), "hour_i");
  EXPECT_EQ(Expression("month(day)").operations(), "date_to_timestamp_i month_i");
  EXPECT_EQ(Expression("at.hour").operations(), "hour_i");
  EXPECT_EQ(Expression("x.clip(0, 1)").operations(), "max_ff min_ff");
  EXPECT_EQ(Expression("max(i, 2, 3)").operations(), "max_ii max_ii");
  EXPECT_EQ(Expression("trunc(at, 1w)").operations(), "trunc_time_i");
  EXPECT_EQ(Expression("trunc(at, 1mo)").operations(), "trunc_months_i");
  EXPECT_EQ(Expression("slice(c, 0, length: 2)").type(), "category");
  EXPECT_EQ(Expression("category(n)").type(), "category?");
  EXPECT_EQ(Expression("bucketize(far, [10mi, 20mi])").type(), "int");
  EXPECT_EQ(Expression("haversine(x, x, x, x)").type(), "float<km>");
  EXPECT_EQ(Expression("between(far, 1mi, 9mi)").type(), "bool");
}

TEST(Builtins, WrongCalls) {
  EXPECT_EQ(Expression("clip(x, 1)").said(), "CD2014 `clip` does not take `float`, `int`\n");
  EXPECT_EQ(Expression("hour(x)").said(), "CD2014 `hour` does not take `float`\n");
  EXPECT_EQ(Expression("sqroot(x)").said(), "CD2013 there is no function `sqroot`\n");
  EXPECT_EQ(Expression("slice(c, 0, lenght: 2)").said(), "CD2015 `slice` has no option `lenght`\n");
  EXPECT_EQ(Expression("starts_with(c, t)").said(), "CD2017 `prefix` of `starts_with` must be a constant\n");
  EXPECT_EQ(Expression("lag(x)").said(), "CD2035 `lag` looks at another row of a series, `over` says which\n");
  EXPECT_EQ(Expression("s").said(), "CD2025 `s` is a source, not a value of a row\n");
}

TEST(Aggregates, MeanWhatTheirPlaceSays) {
  EXPECT_EQ(Expression("mean(x)").said().substr(0, 6), "CD2019");
  EXPECT_EQ(Expression("mean(x)", Place::GroupBy).type(), "float");
  EXPECT_EQ(Expression("mean(y)", Place::GroupBy).type(), "float?");
  EXPECT_EQ(Expression("std(x)", Place::GroupBy).type(), "float?");
  EXPECT_EQ(Expression("mean(x)", Place::RowSet).type(), "float?");
  EXPECT_EQ(Expression("count()", Place::RowSet).type(), "int");
  EXPECT_EQ(Expression("sum(i, where: b)", Place::GroupBy).type(), "int?");
  EXPECT_EQ(Expression("var(far)", Place::GroupBy).type(), "float<mi^2>?");
  EXPECT_EQ(Expression("mean(u)", Place::GroupBy).type(), "duration");
  EXPECT_EQ(Expression("x + mean(x)", Place::GroupBy).said().substr(0, 6), "CD2020");
  EXPECT_EQ(Expression("mean(x - mean(x))", Place::GroupBy).said().substr(0, 6), "CD2021");
  EXPECT_EQ(Expression("unique(i)", Place::RowSet).type(), "bool");
  EXPECT_EQ(Expression("quantile(x, q: 1.5)", Place::GroupBy).said().substr(0, 6), "CD2016");
}

TEST(Fitted, StatisticsAndEncoders) {
  EXPECT_EQ(Expression("y ?? median(y)", Place::Features).type(), "float");
  EXPECT_EQ(Expression("standardize(log1p(far))", Place::Features).operations(), "log1p_f mean std standardize_fff");
  EXPECT_EQ(Expression("standardize(x)").said().substr(0, 6), "CD2022");
  EXPECT_EQ(Expression("one_hot(k)", Place::Features).type(), "vector[2]");
  EXPECT_EQ(Expression("ordinal(k)", Place::Features).type(), "float?");
  const Expression e("target_encode(c, smooth: 20)", Place::Features);
  EXPECT_EQ(e.type(), "float");
  EXPECT_EQ(e.graph()[e.value().value].options, (std::vector<ir::Literal>{{20.0}, {std::int64_t{0}}}));
  EXPECT_TRUE(e.value().taint.has(TaintBit::CrossFit));
  EXPECT_EQ(e.value().taint.reads.size(), 1U);  // the encoded column alone: the target comes in out of fold
  const Expression woe("woe(c)", Place::Features);
  EXPECT_EQ(woe.type(), "float");
  EXPECT_EQ(woe.graph()[woe.value().value].options, (std::vector<ir::Literal>{{10.0}, {std::int64_t{0}}}));
  EXPECT_TRUE(woe.value().taint.has(TaintBit::CrossFit));
  EXPECT_EQ(Expression("woe(c, smooth: 0)", Place::Features).said().substr(0, 6), "CD2016");
  EXPECT_EQ(Expression("woe(c)").said().substr(0, 6), "CD2022");
  const Expression words("tfidf(t, ngrams: 2)", Place::Features);
  EXPECT_EQ(words.type(), "vector");
  EXPECT_EQ(words.graph()[words.value().value].options, (std::vector<ir::Literal>{{std::int64_t{100}}, {std::int64_t{1}}, {std::int64_t{2}}}));
  EXPECT_FALSE(words.value().taint.has(TaintBit::CrossFit));
}

TEST(Taint, ReadsAreCollectedOnce) {
  const Expression e("x + y * x + size");
  ASSERT_EQ(e.value().taint.reads.size(), 2U);
  EXPECT_EQ(e.value().taint.reads[0].name, "x");
  EXPECT_EQ(e.value().taint.reads[1].name, "y");
  EXPECT_EQ(e.usedParams(), std::set<std::string>{"size"});
}

}  // namespace
}  // namespace cd4ml::check
