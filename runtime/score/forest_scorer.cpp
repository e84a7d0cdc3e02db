// Chooses the scorer of a forest by its shape and the CPU.
#include "runtime/score/forest.h"

namespace cd4ml::score {

std::unique_ptr<ForestScorer> makeScorer(const Forest& forest) { return makeWalker(forest); }

}  // namespace cd4ml::score
