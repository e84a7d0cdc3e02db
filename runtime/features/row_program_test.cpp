// Rows scored a few at a time against the scorer of batches, bit for bit, on random graphs.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"  // samples name only what matters
#include <bit>
#include <cmath>

#include <gtest/gtest.h>

#include "runtime/features/random_graph_test.h"
#include "runtime/score/row_program.h"

namespace cd4ml::features {
namespace {

/// A bundle that gives each feature as a raw score: multiclass, one output a feature, weight 1.
score::Bundle bundleOf(const RandomCase& c) {
  score::Bundle bundle;
  bundle.program.graph = c.graph;
  for (std::size_t i = 0; i < c.inputs.size(); ++i) {
    ir::Type type = c.inputs[i].type;
    type.nullable = true;
    type.levels = nullptr;
    bundle.program.inputs.push_back({.name = "c" + std::to_string(i), .type = type});
  }
  std::vector<std::string> levels;
  for (const data::Column& column : c.inputs) {
    if (column.levels == nullptr) continue;
    for (const std::string& level : *column.levels) {
      if (std::find(levels.begin(), levels.end(), level) == levels.end()) levels.push_back(level);
    }
  }
  for (const ir::ValueId id : c.wanted) {
    const ir::Kind kind = c.graph[id].type.kind;
    if (kind == ir::Kind::Text || kind == ir::Kind::Vector || c.graph[id].op == ir::Op::Encode) continue;
    bundle.program.features.push_back(id);
    bundle.program.feature_names.push_back("f");
    bundle.model.features.push_back({.kind = kind, .levels = kind == ir::Kind::Category ? levels : std::vector<std::string>{}});
  }
  const auto count = static_cast<std::uint32_t>(bundle.model.features.size());
  score::Linear linear{.inputs = count, .weights = std::vector<double>(count * count, 0.0), .intercept = std::vector<double>(count, 0.0)};
  for (std::uint32_t i = 0; i < count; ++i) linear.weights[i * count + i] = 1.0;
  bundle.model.body = linear;
  bundle.model.task = ir::Task::Multiclass;
  bundle.model.link = score::Link::Softmax;
  bundle.model.classes.assign(count, "x");
  return bundle;
}

void fill(const RandomCase& c, std::int64_t begin, std::int64_t rows, score::RowBatch& batch) {
  batch.reset(rows);
  for (std::size_t i = 0; i < c.inputs.size(); ++i) {
    const score::ColumnView view = c.inputs[i].view();
    score::RowBatch::Column& out = batch.columns()[i];
    for (std::int64_t r = 0; r < rows; ++r) {
      const std::int64_t from = begin + r;
      if (!view.isValid(from)) out.setNull(r);
      else if (view.kind == ir::Kind::Category) out.setText(r, view.dictionary->levels[static_cast<std::size_t>(view.codes()[from])]);
      else if (view.kind == ir::Kind::Text) out.setText(r, view.text(from));
      else if (view.kind == ir::Kind::Bool) out.setBool(r, view.bools()[from] != 0);
      else out.setWord(r, view.ints()[from]);
    }
  }
}

bool sameBits(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (std::isnan(a) && std::isnan(b)); }

TEST(RowProgram, GivesTheBitsOfTheScorerOfBatches) {
  int compared = 0;
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    SCOPED_TRACE(seed);
    const RandomCase c = makeRandomCase(seed, seed % 2 == 0 ? Failing::None : Failing::Some);
    const bool fits = std::any_of(c.graph.values.begin(), c.graph.values.end(), [](const ir::Value& v) { return v.op == ir::Op::Fit || v.op == ir::Op::Encode; });
    score::Bundle bundle = bundleOf(c);
    if (fits || bundle.model.features.empty() || c.rows == 0) continue;
    const score::RowScorer scorer(std::move(bundle));
    const auto program = score::makeRowProgram(scorer);
    if (program == nullptr) continue;  // holds texts made of texts
    ++compared;
    const auto workspace = program->makeWorkspace();
    score::RowBatch batch(scorer.bundle().program.inputs);
    std::int64_t rows = 1;
    for (std::int64_t begin = 0; begin < std::min<std::int64_t>(c.rows, 120); begin += rows) {
      rows = std::min<std::int64_t>(begin % 8 + 1, c.rows - begin);
      fill(c, begin, rows, batch);
      const auto whole = scorer.score(batch.views(), rows, score::OnError::Null, 1, "test");
      ASSERT_TRUE(whole.ok()) << whole.error().message;
      const score::Predictions* few = program->score(batch, *workspace);
      ASSERT_EQ(few == nullptr, !whole->bad.empty()) << "rows from " << begin;
      if (few == nullptr) continue;
      ASSERT_EQ(few->raw.size(), whole->predictions.raw.size());
      for (std::size_t i = 0; i < few->raw.size(); ++i) ASSERT_TRUE(sameBits(few->raw[i], whole->predictions.raw[i])) << "score " << i << ": " << few->raw[i] << " " << whole->predictions.raw[i];
    }
  }
  EXPECT_GE(compared, 10);
}

}  // namespace
}  // namespace cd4ml::features
