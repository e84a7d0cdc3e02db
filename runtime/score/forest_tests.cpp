// Collects the distinct tests of a forest, and evaluates those of sets of categories.
#include "runtime/score/forest_tests.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "runtime/score/forest_decide.h"

namespace cd4ml::score {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::uint64_t most_set_words = std::uint64_t{1} << 23;  ///< 64 MB of tables

/// What is within zero_width of 0 counts as 0 to a split. A cut among such values is moved to the edge of them, so that
/// `value > cut` alone decides as `0 > cut` does for all of them.
double effectiveCut(double threshold) {
  if (std::fabs(threshold) > zero_width) return threshold;
  return threshold < 0 ? std::nextafter(-zero_width, -infinity) : zero_width;
}

/// The ways to read a number: by missing type, and by default side where it matters.
constexpr std::size_t readings = 5;
std::size_t readingOf(const Split& split) {
  const std::size_t side = split.default_left ? 1 : 0;
  switch (split.missing) {
    case Missing::None: return 0;
    case Missing::Zero: return 1 + side;
    case Missing::NaN: return 3 + side;
  }
  return 0;
}

std::vector<DoubleLine> linesOf(const std::vector<double>& values, std::size_t padded) {
  std::vector<DoubleLine> lines(padded / 8);
  for (std::size_t i = 0; i < padded; ++i) lines[i / 8].values[i % 8] = i < values.size() ? values[i] : infinity;
  return lines;
}

class Collector {
 public:
  explicit Collector(const Forest& forest) : forest_(forest), cuts_(forest.features * readings), sets_(forest.features) {}

  std::optional<ForestTests> collect() {
    for (const Tree& tree : forest_.trees) {
      for (const Split& split : tree.splits) {
        if (split.categorical) sets_[split.feature].push_back(&split);
        else cutsOf(split).push_back(effectiveCut(split.threshold));
      }
    }
    first_plane_.assign(cuts_.size(), 0);
    for (std::size_t c = 0; c < cuts_.size(); ++c) addCuts(c);
    next_set_.assign(sets_.size(), 0);
    for (std::uint32_t f = 0; f < sets_.size(); ++f) {
      if (!addSets(f)) return std::nullopt;
    }
    for (const Tree& tree : forest_.trees) {
      std::vector<std::uint32_t>& planes = tests_.plane_of.emplace_back();
      planes.reserve(tree.splits.size());
      for (const Split& split : tree.splits) planes.push_back(planeOf(split));
    }
    return std::move(tests_);
  }

 private:
  std::size_t columnOf(const Split& split) const { return split.feature * readings + readingOf(split); }
  std::vector<double>& cutsOf(const Split& split) { return cuts_[columnOf(split)]; }

  std::uint32_t planeOf(const Split& split) {
    if (split.categorical) return next_set_[split.feature]++;  // in the order in which they were collected
    const std::size_t column = columnOf(split);
    const std::vector<double>& cuts = cuts_[column];
    const auto at = std::lower_bound(cuts.begin(), cuts.end(), effectiveCut(split.threshold));
    return first_plane_[column] + static_cast<std::uint32_t>(at - cuts.begin());
  }

  void addCuts(std::size_t column) {
    std::vector<double>& cuts = cuts_[column];
    if (cuts.empty()) return;
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    const auto count = static_cast<std::uint32_t>(cuts.size());
    CutTests tests{.feature = static_cast<std::uint32_t>(column / readings), .first_plane = tests_.planes, .count = count};
    const std::size_t reading = column % readings;
    if (reading == 0) tests.special_rank = static_cast<std::uint32_t>(std::lower_bound(cuts.begin(), cuts.end(), 0.0) - cuts.begin());
    else tests.special_rank = reading % 2 == 0 ? 0 : count;
    if (reading == 1 || reading == 2) tests.special_width = zero_width;
    const std::uint32_t parts = count > 64 ? 16 : 8;
    if (count > 16 && count <= 256) {
      std::vector<double> pivots;
      for (std::size_t last = parts - 1; last < cuts.size(); last += parts) pivots.push_back(cuts[last]);
      tests.pivots = keep(linesOf(pivots, parts));
    }
    tests.cuts = keep(linesOf(cuts, count <= 16 ? 16 : count <= 64 ? 64 : count <= 256 ? 256 : (count + 7) / 8 * 8));
    first_plane_[column] = tests_.planes;
    tests_.planes += count;
    tests_.cuts.push_back(tests);
  }

  const double* keep(std::vector<DoubleLine> lines) { return tests_.lines.emplace_back(std::move(lines)).front().values; }

  bool addSets(std::uint32_t feature) {
    const std::vector<const Split*>& splits = sets_[feature];
    if (splits.empty()) return true;
    std::uint64_t codes = 0;
    for (const Split* split : splits) codes = std::max<std::uint64_t>(codes, 32 * std::uint64_t{split->set_end - split->set_begin});
    const std::uint64_t words = (splits.size() + 63) / 64;
    if ((codes + 1) * words > most_set_words) return false;
    std::vector<std::uint64_t> rights((codes + 1) * words, ~std::uint64_t{0});
    for (std::size_t t = 0; t < splits.size(); ++t) {
      for (std::uint32_t w = splits[t]->set_begin; w < splits[t]->set_end; ++w) {
        const std::uint64_t first = 32 * std::uint64_t{w - splits[t]->set_begin};
        for (std::uint32_t b = 0; b < 32; ++b) {
          if (((forest_.sets[w] >> b) & 1U) != 0) rights[(first + b) * words + t / 64] &= ~(std::uint64_t{1} << (t % 64));
        }
      }
    }
    next_set_[feature] = tests_.planes;
    tests_.sets.push_back({.feature = feature, .first_plane = tests_.planes, .count = static_cast<std::uint32_t>(splits.size()),
                           .codes = static_cast<std::uint32_t>(codes), .words = static_cast<std::uint32_t>(words),
                           .rights = tests_.rights.emplace_back(std::move(rights)).data()});
    tests_.planes += static_cast<std::uint32_t>(splits.size());
    return true;
  }

  const Forest& forest_;
  std::vector<std::vector<double>> cuts_;          ///< [feature, reading]
  std::vector<std::vector<const Split*>> sets_;    ///< [feature]
  std::vector<std::uint32_t> first_plane_;         ///< of cuts_
  std::vector<std::uint32_t> next_set_;
  ForestTests tests_;
};

/// Bit c of word r becomes bit r of word c (Warren, Hacker's Delight, 7-3).
void transpose64(std::uint64_t* words) {
  std::uint64_t mask = 0x00000000FFFFFFFF;
  for (unsigned j = 32; j != 0; j /= 2, mask ^= mask << j) {
    for (unsigned k = 0; k < 64; k = (k + j + 1) & ~j) {
      const std::uint64_t t = ((words[k] >> j) ^ words[k + j]) & mask;
      words[k] ^= t << j;
      words[k + j] ^= t;
    }
  }
}

/// The code that setHolds() reads from a value; `none` where it reads none.
std::uint32_t codeOf(double value, std::uint32_t none) {
  return value > -1.0 && value < static_cast<double>(none) ? static_cast<std::uint32_t>(static_cast<std::int32_t>(value)) : none;
}

}  // namespace

std::optional<ForestTests> makeTests(const Forest& forest) { return Collector(forest).collect(); }

void testSets(const SetTests& tests, const double* values, std::uint32_t groups, Plane* planes) {
  std::uint64_t square[group_rows];
  const std::uint64_t* row[group_rows];
  for (std::uint32_t g = 0; g < groups; ++g) {
    for (std::uint32_t i = 0; i < group_rows; ++i) {
      row[i] = tests.rights + static_cast<std::size_t>(codeOf(values[g * group_rows + i], tests.codes)) * tests.words;
    }
    for (std::uint32_t w = 0; w < tests.words; ++w) {
      for (std::uint32_t i = 0; i < group_rows; ++i) square[i] = row[i][w];
      transpose64(square);
      const std::uint32_t count = std::min(tests.count - 64 * w, 64U);
      for (std::uint32_t t = 0; t < count; ++t) planes[tests.first_plane + 64 * w + t].words[g] = square[t];
    }
  }
}

}  // namespace cd4ml::score
