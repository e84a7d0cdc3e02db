// Chooses the scorer of a forest by its shape.
#include "runtime/score/forest.h"
#include "runtime/score/forest_ranks.h"

namespace cd4ml::score {

std::unique_ptr<ForestScorer> makeScorer(const Forest& forest) {
  if (auto ranks = makeRankScorer(forest)) return ranks;
  return makeWalker(forest);
}

}  // namespace cd4ml::score
