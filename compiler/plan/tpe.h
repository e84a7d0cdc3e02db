/// `tune by tpe`: trials drawn near those that fared well (Bergstra, Bardenet, Bengio and Kégl, "Algorithms for
/// Hyper-Parameter Optimization", 2011).
///
/// The trials go in batches of a fixed size, each batch by what the batches before it found. So the search is a function
/// of seed and metrics alone, however many trials run side by side, and a longer search begins with a shorter one.
#pragma once

#include <optional>
#include <vector>

#include "compiler/plan/variants.h"

namespace cd4ml::plan {

/// A trial and how it fared; no value: it has none on the validate part.
struct Fared {
  Trial trial;
  std::optional<double> value;
};

/// The next batch of the search: at most `tpe_batch` trials, none of which was there before; empty when the search is over
/// or nothing new was found in it.
inline constexpr std::size_t tpe_batch = 4;
[[nodiscard]] std::vector<Trial> nextOfTpe(const ir::Tune& tune, const std::vector<ir::Option>& written, const std::vector<Fared>& before);

}  // namespace cd4ml::plan
