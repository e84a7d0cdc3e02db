// Collects the distinct tests of a forest.
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
    SetTests tests{.feature = feature, .first_plane = tests_.planes, .count = static_cast<std::uint32_t>(splits.size()),
                   .codes = static_cast<std::uint32_t>(codes), .words = static_cast<std::uint32_t>(words)};
    tests.rights = tests_.rights.emplace_back(std::move(rights)).data();
    if (codes <= most_byte_codes) tests.rights_by_test = keepByTest(splits);
    tests_.planes += tests.count;
    tests_.sets.push_back(tests);
    return true;
  }

  const std::uint8_t* keepByTest(const std::vector<const Split*>& splits) {
    std::vector<Plane> tables(splits.size());
    for (std::size_t t = 0; t < splits.size(); ++t) {
      std::fill(std::begin(tables[t].words), std::end(tables[t].words), ~std::uint64_t{0});
      for (std::uint32_t w = splits[t]->set_begin; w < splits[t]->set_end; ++w) {
        const std::uint32_t word = w - splits[t]->set_begin;
        tables[t].words[word / 2] &= ~(std::uint64_t{forest_.sets[w]} << (word % 2 * 32));
      }
    }
    return reinterpret_cast<const std::uint8_t*>(tests_.rights_by_test.emplace_back(std::move(tables)).data());
  }

  const Forest& forest_;
  std::vector<std::vector<double>> cuts_;          ///< [feature, reading]
  std::vector<std::vector<const Split*>> sets_;    ///< [feature]
  std::vector<std::uint32_t> first_plane_;         ///< of cuts_
  std::vector<std::uint32_t> next_set_;
  ForestTests tests_;
};

}  // namespace

std::optional<ForestTests> makeTests(const Forest& forest) { return Collector(forest).collect(); }

}  // namespace cd4ml::score
