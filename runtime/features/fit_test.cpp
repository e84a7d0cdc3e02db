// Fits against plain formulas, parts, and out-of-fold values.
#include <bit>
#include <cmath>
#include <cstring>
#include <map>

#include <gtest/gtest.h>

#include "runtime/features/execute.h"
#include "runtime/features/out_of_fold.h"

namespace cd4ml::features {
namespace {

ir::Type typeOf(ir::Kind kind) {
  ir::Type type;
  type.kind = kind;
  type.nullable = true;
  return type;
}

data::Column floats(const std::vector<double>& values) {
  data::Column column;
  column.type = typeOf(ir::Kind::Float);
  column.rows = static_cast<std::int64_t>(values.size());
  auto buffer = data::allocateBuffer(values.size() * 8);
  std::memcpy(buffer.get(), values.data(), values.size() * 8);
  column.values = buffer;
  return data::finishColumn(std::move(column));
}

data::Column categories(const std::vector<std::string>& texts) {  // "?" is null
  data::Column column;
  column.type = typeOf(ir::Kind::Category);
  column.rows = static_cast<std::int64_t>(texts.size());
  auto buffer = data::allocateBuffer(texts.size() * 4);
  auto validity = data::allocateValidity(column.rows);
  auto levels = std::make_shared<std::vector<std::string>>();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i] == "?") validity.get()[i >> 3] &= static_cast<std::uint8_t>(~(1U << (i & 7)));
    reinterpret_cast<std::int32_t*>(buffer.get())[i] = static_cast<std::int32_t>(levels->size());
    levels->push_back(texts[i]);
  }
  column.values = buffer;
  column.validity = validity;
  column.levels = levels;
  return data::finishColumn(std::move(column));
}

ir::Literal number(double value) {
  ir::Literal out;
  out.value = value;
  return out;
}
ir::Literal integer(std::int64_t value) {
  ir::Literal out;
  out.value = value;
  return out;
}

ir::ValueId input(ir::Graph& graph, std::uint32_t slot, ir::Kind kind) {
  return graph.add({.op = ir::Op::Input, .type = typeOf(kind), .slot = slot});
}
ir::ValueId fitOf(ir::Graph& graph, const char* name, ir::ValueId x, std::vector<ir::Literal> options = {}) {
  return graph.add({.op = ir::Op::Fit, .type = typeOf(ir::Kind::Float), .name = name, .args = {x}, .options = std::move(options)});
}

const ExecuteOptions one_thread{};

TEST(Fit, StatisticsAreThoseOfTheTrainingRows) {
  ir::Graph graph;
  const ir::ValueId x = input(graph, 0, ir::Kind::Float);
  std::vector<ir::ValueId> wanted;
  for (const char* name : {"mean", "std", "median", "min", "max", "sum"}) wanted.push_back(fitOf(graph, name, x));
  wanted.push_back(fitOf(graph, "quantile", x, {number(0.25)}));
  const std::vector<data::Column> inputs{floats({4, 1, std::nan(""), 7, INFINITY, 2, 1000, 2000})};
  const RowSet train{.begin = 0, .count = 6, .indices = {}};
  const auto state = fit(graph, wanted, inputs, 8, train, {}, one_thread);
  ASSERT_TRUE(state.ok());
  const double expected[] = {3.5, std::sqrt((0.25 + 6.25 + 12.25 + 2.25) / 3), 3.0, 1.0, 7.0, 14.0, 1.75};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_DOUBLE_EQ(state.value().at(wanted[i].index).number, expected[i]) << graph[wanted[i]].name;
    EXPECT_EQ(state.value().at(wanted[i].index).skipped, 2U);
  }
  const RowSet scattered{.begin = 0, .count = 0, .indices = {1, 3, 6}};
  const auto other = fit(graph, wanted, inputs, 8, scattered, {}, one_thread);
  ASSERT_TRUE(other.ok());
  EXPECT_DOUBLE_EQ(other.value().at(wanted[0].index).number, 336.0);
}

TEST(Fit, NothingToLearnFromIsNullAndStandardizesToZero) {
  ir::Graph graph;
  const ir::ValueId x = input(graph, 0, ir::Kind::Float);
  const ir::ValueId mean = fitOf(graph, "mean", x);
  const ir::ValueId std = fitOf(graph, "std", x);
  const ir::ValueId z = graph.add({.op = ir::Op::Call, .type = typeOf(ir::Kind::Float), .name = "standardize_fff", .args = {x, mean, std}});
  const std::vector<data::Column> inputs{floats({5, std::nan(""), std::nan("")})};
  const RowSet train{.begin = 0, .count = 3, .indices = {}};
  const std::vector<ir::ValueId> wanted{z};
  const auto state = fit(graph, wanted, inputs, 3, train, {}, one_thread);
  ASSERT_TRUE(state.ok());
  EXPECT_TRUE(state.value().at(std.index).null);
  const auto columns = computeByPart(graph, wanted, inputs, 3, {&train, 1}, state.value(), {}, one_thread);
  ASSERT_TRUE(columns.ok());
  EXPECT_EQ(columns.value()[0][0].view().floats()[0], 0.0);
}

TEST(Fit, OneHotAndOrdinalKnowUnseenAndNull) {
  ir::Graph graph;
  const ir::ValueId c = input(graph, 0, ir::Kind::Category);
  const ir::ValueId hot = graph.add({.op = ir::Op::Encode, .type = typeOf(ir::Kind::Vector), .name = "one_hot", .args = {c}});
  const ir::ValueId ordinal = graph.add({.op = ir::Op::Encode, .type = typeOf(ir::Kind::Float), .name = "ordinal", .args = {c}});
  const std::vector<data::Column> inputs{categories({"b", "a", "b", "c", "?"})};
  const std::vector<RowSet> parts{{.begin = 0, .count = 3, .indices = {}}, {.begin = 3, .count = 2, .indices = {}}};
  const std::vector<ir::ValueId> wanted{hot, ordinal};
  const auto state = fit(graph, wanted, inputs, 5, parts[0], {}, one_thread);
  ASSERT_TRUE(state.ok());
  const auto columns = computeByPart(graph, wanted, inputs, 5, parts, state.value(), {}, one_thread);
  ASSERT_TRUE(columns.ok());
  const data::Column& train = columns.value()[0][0];
  EXPECT_EQ(train.type.width, 2U);
  const double* v = train.view().floats();
  EXPECT_EQ(std::vector<double>(v, v + 3), (std::vector<double>{0, 1, 0}));
  EXPECT_EQ(std::vector<double>(v + train.stride, v + train.stride + 3), (std::vector<double>{1, 0, 1}));
  const data::Column& rest = columns.value()[0][1];
  for (int k = 0; k < 2; ++k) EXPECT_EQ(rest.view().floats()[k * rest.stride], 0.0);
  const score::ColumnView places = columns.value()[1][1].view();
  EXPECT_EQ(places.floats()[0], -1.0);
  EXPECT_FALSE(places.isValid(1));
}

TEST(Fit, TargetEncodeLeavesTheOwnFoldOutInTraining) {
  ir::Graph graph;
  const ir::ValueId c = input(graph, 0, ir::Kind::Category);
  const ir::ValueId y = input(graph, 1, ir::Kind::Float);
  const double smooth = 2;
  const ir::ValueId te = graph.add({.op = ir::Op::Encode, .type = typeOf(ir::Kind::Float), .name = "target_encode", .args = {c, y},
                                    .options = {number(smooth), integer(3)}});
  std::vector<std::string> texts;
  std::vector<double> target;
  std::vector<std::uint64_t> ids;
  for (int i = 0; i < 60; ++i) {
    texts.push_back(i == 59 ? "new" : i % 7 == 0 ? "?" : i % 3 == 0 ? "x" : "y");
    target.push_back(i % 5 == 0 ? 1 : 0);
    ids.push_back(static_cast<std::uint64_t>(i) * 0x9e3779b97f4a7c15U);
  }
  const std::vector<data::Column> inputs{categories(texts), floats(target)};
  const std::vector<RowSet> parts{{.begin = 0, .count = 50, .indices = {}}, {.begin = 50, .count = 10, .indices = {}}};
  const std::vector<ir::ValueId> wanted{te};
  const auto state = fit(graph, wanted, inputs, 60, parts[0], ids, one_thread);
  ASSERT_TRUE(state.ok());
  const auto columns = computeByPart(graph, wanted, inputs, 60, parts, state.value(), ids, one_thread);
  ASSERT_TRUE(columns.ok());
  const auto expected = [&](std::size_t row, int left_out) {
    double sum = 0, count = 0, all = 0, all_count = 0;
    for (std::size_t i = 0; i < 50; ++i) {
      if (foldOf(ids[i], 3) == left_out) continue;
      all += target[i], all_count += 1;
      if (texts[i] == texts[row]) sum += target[i], count += 1;
    }
    const double prior = all / all_count;
    return count == 0 ? prior : (sum + smooth * prior) / (count + smooth);
  };
  std::map<int, int> folds;
  for (std::size_t i = 0; i < 50; ++i) {
    ++folds[foldOf(ids[i], 3)];
    EXPECT_DOUBLE_EQ(columns.value()[0][0].view().floats()[i], expected(i, foldOf(ids[i], 3))) << i;
  }
  EXPECT_EQ(folds.size(), 5U);
  for (std::size_t i = 50; i < 60; ++i) EXPECT_DOUBLE_EQ(columns.value()[0][1].view().floats()[i - 50], expected(i, -1)) << i;
}

TEST(Fit, BitsDoNotDependOnThreads) {
  ir::Graph graph;
  const ir::ValueId x = input(graph, 0, ir::Kind::Float);
  std::vector<ir::ValueId> wanted;
  for (const char* name : {"mean", "std", "median"}) wanted.push_back(fitOf(graph, name, x));
  std::vector<double> values;
  for (int i = 0; i < 100'000; ++i) values.push_back(std::sin(i) * 1e3 + 1.0 / (i + 1));
  const std::vector<data::Column> inputs{floats(values)};
  const RowSet train{.begin = 0, .count = 100'000, .indices = {}};
  const auto one = fit(graph, wanted, inputs, 100'000, train, {}, one_thread);
  const auto two = fit(graph, wanted, inputs, 100'000, train, {}, {.threads = 2, .object_cache = {}, .mode = ExecuteOptions::Mode::Compile, .lookups = nullptr});
  ASSERT_TRUE(one.ok() && two.ok());
  for (const ir::ValueId id : wanted) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(one.value().at(id.index).number), std::bit_cast<std::uint64_t>(two.value().at(id.index).number));
  }
}

}  // namespace
}  // namespace cd4ml::features
