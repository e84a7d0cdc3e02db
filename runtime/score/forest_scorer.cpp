// Chooses the scorer of a forest, by the number of rows.
#include <mutex>

#include "runtime/score/forest.h"
#include "runtime/score/forest_slice.h"

namespace cd4ml::score {

namespace {

/// Walks few rows, slices many: a block costs the slicer nearly the same however few its rows are. The slicer's tables are made when the first batch comes: a model that is opened for one
/// row never pays for them.
class ForestByBatch final : public ForestScorer {
 public:
  explicit ForestByBatch(const Forest& forest) : forest_(forest), walker_(makeWalker(forest_)) {}

  void score(ModelInput columns, std::int64_t rows, double* scores) const override {
    const ForestScorer* slicer = rows < kernel_.least_rows ? nullptr : sliced();
    (slicer != nullptr ? *slicer : *walker_).score(columns, rows, scores);
  }

 private:
  const ForestScorer* sliced() const {
    std::call_once(once_, [&] { slicer_ = makeSliceScorer(forest_, kernel_); });
    return slicer_.get();
  }

  const SliceKernel& kernel_ = *sliceKernels().front();
  Forest forest_;
  std::unique_ptr<ForestScorer> walker_;
  mutable std::once_flag once_;
  mutable std::unique_ptr<ForestScorer> slicer_;
};

}  // namespace

std::unique_ptr<ForestScorer> makeScorer(const Forest& forest) { return std::make_unique<ForestByBatch>(forest); }

}  // namespace cd4ml::score
