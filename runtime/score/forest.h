/// Forest IR: trees of every origin in one form, and the scorers that run it on plain pointers.
///
/// A forest maps a row of model inputs to `outputs` raw scores (1, or one a class), each the sum of its trees' leaves
/// in tree order, in float64, bit-equal to the library that trained it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cd4ml::score {

/// How a split treats NaN (LightGBM's missing types).
enum class Missing : std::uint8_t { None, Zero, NaN };

struct Split {
  std::uint32_t feature = 0;
  bool categorical = false;
  bool default_left = false;
  Missing missing = Missing::None;
  double threshold = 0;             ///< numeric: value <= threshold goes left
  std::uint32_t set_begin = 0;      ///< categorical: words [set_begin, set_end) of Forest::sets; a set bit goes left
  std::uint32_t set_end = 0;
  std::int32_t left = 0;            ///< >= 0: split index in this tree; < 0: leaf ~left
  std::int32_t right = 0;
};

struct Tree {
  std::vector<Split> splits;        ///< splits[0] is the root; empty: a single leaf
  std::vector<double> leaves;
};

struct Forest {
  std::uint32_t features = 0;
  std::uint32_t outputs = 1;        ///< tree t adds to output t % outputs
  std::vector<Tree> trees;
  std::vector<std::uint32_t> sets;  ///< bitsets of categorical splits
  std::uint32_t divisor = 1;        ///< averaged trees: what the sum is divided by, by whoever uses a scorer
  std::vector<double> base;         ///< start value of each output (0 when the trees hold it already)
};

/// Model inputs of a batch: `columns[f]` points at float64 values of feature f (a category: its level code, NaN when
/// missing or unseen), each padded to whole 64-byte blocks.
using ModelInput = std::span<const double* const>;

/// Runs one forest; immutable, thread-safe, no allocation a call beyond its own scratch.
class ForestScorer {
 public:
  virtual ~ForestScorer() = default;
  /// Raw scores of `rows` rows: scores[o * rows + r].
  virtual void score(ModelInput columns, std::int64_t rows, double* scores) const = 0;
};
/// The fastest scorer for this forest on this CPU. All scorers give the same bits.
[[nodiscard]] std::unique_ptr<ForestScorer> makeScorer(const Forest& forest);
/// The plain walk: the oracle for the others.
[[nodiscard]] std::unique_ptr<ForestScorer> makeWalker(const Forest& forest);

}  // namespace cd4ml::score
