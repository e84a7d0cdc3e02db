/// Rows in the order of their scores, those of one score at a time.
#pragma once

#include "runtime/evaluate/outcomes.h"

namespace cd4ml::evaluate {

/// Weights of the true and false rows that share one score.
struct Tie {
  double positive = 0;
  double negative = 0;
};

/// Calls `use(tie)` for each distinct score; `score(row)` is monotone from begin to end.
template <class Iterator, class Score, class Hit, class Use>
void eachTie(const Outcomes& outcomes, Iterator begin, Iterator end, const Score& score, const Hit& hit, const Use& use) {
  while (begin != end) {
    const double shared = score(*begin);
    Tie tie;
    for (; begin != end && score(*begin) == shared; ++begin) {
      (hit(*begin) ? tie.positive : tie.negative) += outcomes.weightOf(*begin);
    }
    use(tie);
  }
}

/// Of a binary model: by the probability of true.
template <class Iterator, class Use>
void eachTie(const Outcomes& outcomes, Iterator begin, Iterator end, const Use& use) {
  eachTie(outcomes, begin, end, [&](std::uint32_t row) { return outcomes.probability[row]; },
          [&](std::uint32_t row) { return outcomes.actual[row] != 0; }, use);
}

}  // namespace cd4ml::evaluate
