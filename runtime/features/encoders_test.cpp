// woe and tfidf: fits against plain formulas, and encoders in a bundle, batches against rows one at a time, bit for bit.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"  // samples name only what matters
#include <bit>
#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "runtime/features/execute.h"
#include "runtime/features/out_of_fold.h"
#include "runtime/score/row_program.h"

namespace cd4ml::features {
namespace {

ir::Type typeOf(ir::Kind kind) {
  ir::Type type;
  type.kind = kind;
  type.nullable = true;
  return type;
}

const std::string null_text = "?";

/// A text column; "?" is null.
data::Column textColumn(const std::vector<std::string>& texts) {
  data::Column column;
  column.type = typeOf(ir::Kind::Text);
  column.rows = static_cast<std::int64_t>(texts.size());
  std::string bytes;
  std::vector<std::int64_t> offsets{0};
  auto validity = data::allocateValidity(column.rows);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i] == null_text) validity.get()[i >> 3] &= static_cast<std::uint8_t>(~(1U << (i & 7)));
    else bytes += texts[i];
    offsets.push_back(static_cast<std::int64_t>(bytes.size()));
  }
  auto values = data::allocateBuffer(bytes.size());
  std::memcpy(values.get(), bytes.data(), bytes.size());
  auto starts = data::allocateBuffer(offsets.size() * 8);
  std::memcpy(starts.get(), offsets.data(), offsets.size() * 8);
  column.values = values;
  column.offsets = starts;
  column.validity = validity;
  return data::finishColumn(std::move(column));
}

data::Column categoryColumn(const std::vector<std::string>& texts) {
  data::Column column;
  column.type = typeOf(ir::Kind::Category);
  column.rows = static_cast<std::int64_t>(texts.size());
  auto codes = data::allocateBuffer(texts.size() * 4);
  auto validity = data::allocateValidity(column.rows);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i] == null_text) validity.get()[i >> 3] &= static_cast<std::uint8_t>(~(1U << (i & 7)));
    reinterpret_cast<std::int32_t*>(codes.get())[i] = static_cast<std::int32_t>(i);
  }
  column.values = codes;
  column.validity = validity;
  column.levels = std::make_shared<std::vector<std::string>>(texts);
  return data::finishColumn(std::move(column));
}

data::Column flags(const std::vector<bool>& values) {
  data::Column column;
  column.type = typeOf(ir::Kind::Bool);
  column.rows = static_cast<std::int64_t>(values.size());
  auto buffer = data::allocateBuffer(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) buffer.get()[i] = values[i] ? 1 : 0;
  column.values = buffer;
  return data::finishColumn(std::move(column));
}

ir::ValueId input(ir::Graph& graph, std::uint32_t slot, ir::Kind kind) {
  return graph.add({.op = ir::Op::Input, .type = typeOf(kind), .slot = slot});
}

ir::ValueId woeOf(ir::Graph& graph, ir::ValueId c, ir::ValueId y, double smooth, std::int64_t seed) {
  return graph.add({.op = ir::Op::Encode, .type = typeOf(ir::Kind::Float), .name = "woe", .args = {c, y}, .options = {{smooth}, {seed}}});
}

ir::ValueId tfidfOf(ir::Graph& graph, ir::ValueId t, std::int64_t dims, std::int64_t min_rows, std::int64_t ngrams) {
  return graph.add({.op = ir::Op::Encode, .type = typeOf(ir::Kind::Vector), .name = "tfidf", .args = {t}, .options = {{dims}, {min_rows}, {ngrams}}});
}

const ExecuteOptions one_thread{};

struct Labelled {
  std::vector<std::string> levels;
  std::vector<bool> target;
  std::vector<std::uint64_t> ids;
};

Labelled labelled(std::size_t rows) {
  Labelled out;
  for (std::size_t i = 0; i < rows; ++i) {
    out.levels.push_back(i == rows - 1 ? "new" : i % 7 == 0 ? null_text : i % 3 == 0 ? "x" : i % 11 == 1 ? "rare" : "y");
    out.target.push_back(i % 5 == 0 || (i % 3 == 0 && i % 4 == 1));
    out.ids.push_back(i * 0x9e3779b97f4a7c15U);
  }
  return out;
}

TEST(Woe, LeavesTheOwnFoldOutInTraining) {
  const Labelled rows = labelled(90);
  const double smooth = 2;
  ir::Graph graph;
  const ir::ValueId c = input(graph, 0, ir::Kind::Category);
  const std::vector<ir::ValueId> wanted{woeOf(graph, c, input(graph, 1, ir::Kind::Bool), smooth, 3)};
  const std::vector<data::Column> inputs{categoryColumn(rows.levels), flags(rows.target)};
  const std::vector<RowSet> parts{{.begin = 0, .count = 80}, {.begin = 80, .count = 10}};
  const auto state = fit(graph, wanted, inputs, 90, parts[0], rows.ids, one_thread);
  ASSERT_TRUE(state.ok());
  const auto columns = computeByPart(graph, wanted, inputs, 90, parts, state.value(), rows.ids, one_thread);
  ASSERT_TRUE(columns.ok());
  const auto expected = [&](std::size_t row, int left_out) {
    double trues = 0, falses = 0, all_trues = 0, all_falses = 0;
    for (std::size_t i = 0; i < 80; ++i) {
      if (foldOf(rows.ids[i], 3) == left_out) continue;
      (rows.target[i] ? all_trues : all_falses) += 1;
      if (rows.levels[i] == rows.levels[row]) (rows.target[i] ? trues : falses) += 1;
    }
    if (trues + falses == 0) return 0.0;
    const double p = all_trues / (all_trues + all_falses);
    return std::log((trues + smooth * p) / (falses + smooth * (1 - p))) - std::log(all_trues / all_falses);
  };
  for (std::size_t i = 0; i < 80; ++i) EXPECT_NEAR(columns.value()[0][0].view().floats()[i], expected(i, foldOf(rows.ids[i], 3)), 1e-14) << i;
  for (std::size_t i = 80; i < 90; ++i) EXPECT_NEAR(columns.value()[0][1].view().floats()[i - 80], expected(i, -1), 1e-14) << i;
  EXPECT_EQ(columns.value()[0][1].view().floats()[9], 0.0);  // a level that training did not have
}

TEST(Woe, IsZeroWhereOneClassHasNoRows) {
  ir::Graph graph;
  const ir::ValueId c = input(graph, 0, ir::Kind::Category);
  const std::vector<ir::ValueId> wanted{woeOf(graph, c, input(graph, 1, ir::Kind::Bool), 1, 0)};
  const std::vector<data::Column> inputs{categoryColumn({"a", "b", "a"}), flags({true, true, true})};
  const auto state = fit(graph, wanted, inputs, 3, {.begin = 0, .count = 3}, {}, one_thread);
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(state->at(wanted[0].index).table, (std::vector<double>{0, 0}));
}

TEST(Tfidf, LearnsTheMostFrequentTermsOfTrainingRows) {
  ir::Graph graph;
  const ir::ValueId t = input(graph, 0, ir::Kind::Text);
  const std::vector<ir::ValueId> wanted{tfidfOf(graph, t, 3, 1, 1), tfidfOf(graph, t, 100, 2, 2)};
  const std::vector<data::Column> inputs{textColumn({"Red fish, red boat", "blue boat", null_text, "green boat red fish", "only here only here"})};
  const RowSet train{.begin = 0, .count = 4};
  const auto state = fit(graph, wanted, inputs, 5, train, {}, one_thread);
  ASSERT_TRUE(state.ok());
  const score::FittedValue& three = state->at(wanted[0].index);
  EXPECT_EQ(three.levels, (std::vector<std::string>{"boat", "fish", "red"}));
  EXPECT_EQ(three.skipped, 1U);
  EXPECT_DOUBLE_EQ(three.table[0], 1.0);  // in each of the three texts
  EXPECT_DOUBLE_EQ(three.table[1], std::log(4.0 / 3.0) + 1);
  EXPECT_EQ(state->at(wanted[1].index).levels, (std::vector<std::string>{"boat", "fish", "red", "red fish"}));
  const std::vector<RowSet> parts{train, {.begin = 4, .count = 1}};
  const auto columns = computeByPart(graph, wanted, inputs, 5, parts, *state, {}, one_thread);
  ASSERT_TRUE(columns.ok());
  const data::Column& column = columns.value()[0][0];
  ASSERT_EQ(column.type.width, 3U);
  const double* v = column.view().floats();
  const double rare = std::log(4.0 / 3.0) + 1;
  const double length = std::sqrt(1 + rare * rare + 4 * rare * rare);
  EXPECT_DOUBLE_EQ(v[0], 1 / length);
  EXPECT_DOUBLE_EQ(v[column.stride], rare / length);
  EXPECT_DOUBLE_EQ(v[2 * column.stride], 2 * rare / length);
  EXPECT_EQ(v[1], 1.0);
  for (std::int64_t k = 0; k < 3; ++k) EXPECT_EQ(v[k * column.stride + 2], 0.0);  // null
  for (std::int64_t k = 0; k < 3; ++k) EXPECT_EQ(columns.value()[0][1].view().floats()[k * columns.value()[0][1].stride], 0.0);
}

TEST(Tfidf, WithoutWordsIsAnError) {
  ir::Graph graph;
  const std::vector<ir::ValueId> wanted{tfidfOf(graph, input(graph, 0, ir::Kind::Text), 3, 2, 1)};
  const std::vector<data::Column> inputs{textColumn({"one", "two", "a b"})};
  const auto state = fit(graph, wanted, inputs, 3, {.begin = 0, .count = 3}, {}, one_thread);
  ASSERT_FALSE(state.ok());
  EXPECT_EQ(state.error().code, "CD5028");
}

/// A bundle whose raw scores are its features, element by element.
score::Bundle bundleOf(const ir::Graph& graph, const std::vector<ir::ValueId>& wanted, score::FittedState fitted) {
  score::Bundle bundle;
  bundle.program.graph = graph;
  for (ir::Value& value : bundle.program.graph.values) {
    if (value.op == ir::Op::Encode) value.args.resize(1);
    if (value.op == ir::Op::Input) bundle.program.inputs.push_back({.name = "c" + std::to_string(value.slot), .type = value.type});
  }
  std::uint32_t count = 0;
  for (const ir::ValueId id : wanted) {
    bundle.program.features.push_back(id);
    bundle.program.feature_names.push_back("f");
    const ir::Kind kind = graph[id].type.kind;
    bundle.model.features.push_back({.kind = kind, .width = fitted.at(id.index).width});
    count += fitted.at(id.index).width;
  }
  score::Linear linear{.inputs = count, .weights = std::vector<double>(count * count, 0.0), .intercept = std::vector<double>(count, 0.0)};
  for (std::uint32_t i = 0; i < count; ++i) linear.weights[i * count + i] = 1.0;
  bundle.model.body = linear;
  bundle.model.algorithm = "logistic";
  bundle.model.task = ir::Task::Multiclass;
  bundle.model.link = score::Link::Softmax;
  bundle.model.target = ir::Kind::Category;
  for (std::uint32_t i = 0; i < count; ++i) bundle.model.classes.push_back("class " + std::to_string(i));
  bundle.fitted = std::move(fitted);
  return bundle;
}

TEST(Encoders, ScoreFromABundleAsInTrainingWhateverTheBatch) {
  const Labelled rows = labelled(60);
  std::vector<std::string> notes;
  for (std::size_t i = 0; i < 60; ++i) notes.push_back(i % 9 == 4 ? null_text : "Note " + rows.levels[i] + " of day " + std::to_string(i % 6) + "0, ÜBER " + rows.levels[(i * 7) % 60]);
  ir::Graph graph;
  const ir::ValueId t = input(graph, 0, ir::Kind::Text);
  const ir::ValueId c = input(graph, 1, ir::Kind::Category);
  const ir::ValueId y = input(graph, 2, ir::Kind::Bool);
  const ir::ValueId hot = graph.add({.op = ir::Op::Encode, .type = typeOf(ir::Kind::Vector), .name = "one_hot", .args = {c}});
  const std::vector<ir::ValueId> wanted{tfidfOf(graph, t, 20, 1, 2), hot, woeOf(graph, c, y, 5, 0)};
  const std::vector<data::Column> inputs{textColumn(notes), categoryColumn(rows.levels), flags(rows.target)};
  const RowSet train{.begin = 0, .count = 40};
  const auto state = fit(graph, wanted, inputs, 60, train, rows.ids, one_thread);
  ASSERT_TRUE(state.ok());
  const std::vector<RowSet> parts{train, {.begin = 40, .count = 20}};
  const auto columns = computeByPart(graph, wanted, inputs, 60, parts, *state, rows.ids, one_thread);
  ASSERT_TRUE(columns.ok());
  auto bundle = score::decodeBundle(score::encodeBundle(bundleOf(graph, wanted, *state)), "x");
  ASSERT_TRUE(bundle.ok()) << bundle.error().message;
  const std::uint32_t outputs = bundle->model.inputs();
  const score::RowScorer scorer(*std::move(bundle));
  const auto program = score::makeRowProgram(scorer);
  ASSERT_NE(program, nullptr);
  const auto workspace = program->makeWorkspace();
  score::RowBatch batch(scorer.bundle().program.inputs);
  std::int64_t count = 1;
  for (std::int64_t begin = 40; begin < 60; begin += count) {
    count = std::min<std::int64_t>(begin % 8 + 1, 60 - begin);
    batch.reset(count);
    for (std::int64_t r = 0; r < count; ++r) {
      const auto row = static_cast<std::size_t>(begin + r);
      if (notes[row] == null_text) batch.columns()[0].setNull(r);
      else batch.columns()[0].setText(r, notes[row]);
      if (rows.levels[row] == null_text) batch.columns()[1].setNull(r);
      else batch.columns()[1].setText(r, rows.levels[row]);
      batch.columns()[2].setNull(r);
    }
    const auto whole = scorer.score(batch.views(), count, score::OnError::Fail, 1, "test");
    ASSERT_TRUE(whole.ok()) << whole.error().message;
    const score::Predictions* few = program->score(batch, *workspace);
    ASSERT_NE(few, nullptr);
    for (std::int64_t r = 0; r < count; ++r) {
      std::vector<double> expected;
      for (const auto& column : columns.value()) {
        const score::ColumnView view = column[1].view();
        const std::uint32_t width = view.kind == ir::Kind::Vector ? column[1].type.width : 1;
        for (std::uint32_t k = 0; k < width; ++k) expected.push_back(view.floats()[k * column[1].stride + begin - 40 + r]);
      }
      ASSERT_EQ(expected.size(), outputs);
      for (std::uint32_t k = 0; k < outputs; ++k) {
        const auto at = static_cast<std::size_t>(k) * static_cast<std::size_t>(count) + static_cast<std::size_t>(r);
        EXPECT_EQ(std::bit_cast<std::uint64_t>(whole->predictions.raw[at]), std::bit_cast<std::uint64_t>(few->raw[at])) << k;
        EXPECT_EQ(whole->predictions.raw[at], expected[k]) << "element " << k << " of row " << begin + r;
      }
    }
  }
}

}  // namespace
}  // namespace cd4ml::features
