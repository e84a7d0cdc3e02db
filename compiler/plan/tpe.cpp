#include "compiler/plan/tpe.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "compiler/plan/trial_values.h"

namespace cd4ml::plan {

namespace {

constexpr std::size_t random_trials = 8;  ///< before there is anything to go by
constexpr std::size_t candidates = 24;    ///< drawn for each value, of which the likeliest to be good is taken
constexpr std::size_t attempts = 16;      ///< to find a trial that was not there before
constexpr std::int64_t attempt_step = 1'000'003;

/// How values of one option are spread among some trials: a mixture of bells around each and a flat one over all.
class Spread {
 public:
  Spread(const ir::Tune::Range& range, std::vector<double> places) : range_(range), places_(std::move(places)) {
    std::sort(places_.begin(), places_.end());
    for (std::size_t i = 0; i < places_.size(); ++i) {
      // As wide as the way to the farther neighbour, within sensible bounds.
      const double below = i == 0 ? 0 : places_[i - 1];
      const double above = i + 1 == places_.size() ? 1 : places_[i + 1];
      const double widest = std::max(places_[i] - below, above - places_[i]);
      widths_.push_back(std::clamp(widest, 1.0 / (1.0 + static_cast<double>(places_.size())), 1.0));
    }
  }

  /// The place in [0, 1] that two draws mean.
  [[nodiscard]] double draw(double which, double where) const {
    const auto bell = static_cast<std::size_t>(which * static_cast<double>(places_.size() + 1));
    if (bell >= places_.size()) return where;
    // The inverse of the logistic curve: bell-shaped, in closed form, with a deviation of one.
    const double away = std::log(std::max(where, 1e-12) / std::max(1 - where, 1e-12)) * 0.55;
    return std::clamp(places_[bell] + widths_[bell] * away, 0.0, 1.0);
  }

  [[nodiscard]] double density(double place) const {
    double sum = 1.0;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const double away = (place - places_[i]) / widths_[i];
      sum += std::exp(-0.5 * away * away) / (widths_[i] * 2.5066282746310002);
    }
    return sum / static_cast<double>(places_.size() + 1);
  }

  /// Of a list: the share of one of its values, each counted once more than it was there.
  [[nodiscard]] double share(std::size_t value) const {
    double count = 1;
    for (const double place : places_) count += place == static_cast<double>(value) ? 1 : 0;
    return count / static_cast<double>(places_.size() + range_.values.size());
  }

 private:
  const ir::Tune::Range& range_;
  std::vector<double> places_;
  std::vector<double> widths_;
};

const ir::Literal& valueOf(const Trial& trial, std::string_view option) {
  return std::find_if(trial.begin(), trial.end(), [&](const ir::Option& o) { return o.name == option; })->value;
}

/// Where a value lies: up its range, or in its list.
double placeOf(const ir::Tune::Range& range, const ir::Literal& value) {
  if (!range.is_list) return shareOf(range, value);
  const std::string text = ir::literalText(value);
  const auto found = std::find_if(range.values.begin(), range.values.end(), [&](const ir::Literal& each) { return ir::literalText(each) == text; });
  return static_cast<double>(found - range.values.begin());
}

Spread spreadOf(const ir::Tune::Range& range, const std::vector<const Fared*>& trials) {
  std::vector<double> places;
  for (const Fared* fared : trials) places.push_back(placeOf(range, valueOf(fared->trial, range.option)));
  return {range, std::move(places)};
}

/// The trials that count as good, and all others: the best quarter of those with a value.
std::pair<std::vector<const Fared*>, std::vector<const Fared*>> partsOf(const ir::Tune& tune, const std::vector<Fared>& before) {
  std::vector<const Fared*> ranked;
  for (const Fared& fared : before) ranked.push_back(&fared);
  std::stable_sort(ranked.begin(), ranked.end(), [&](const Fared* a, const Fared* b) {
    if (!a->value || !b->value) return a->value.has_value() && !b->value.has_value();
    return tune.objective.maximize ? *a->value > *b->value : *a->value < *b->value;
  });
  const std::size_t good = std::max<std::size_t>(1, (ranked.size() + 3) / 4);
  return {{ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(good)}, {ranked.begin() + static_cast<std::ptrdiff_t>(good), ranked.end()}};
}

class Proposer {
 public:
  Proposer(const ir::Tune& tune, const std::vector<Fared>& before) : tune_(tune) {
    const auto [good, rest] = partsOf(tune, before);
    for (const ir::Tune::Range& range : tune.ranges) {
      good_.push_back(spreadOf(range, good));
      rest_.push_back(spreadOf(range, rest));
    }
  }

  /// Each option by itself: of the values drawn from the good ones, that which is likeliest to be one of them.
  [[nodiscard]] Trial propose(std::int64_t number) const {
    Trial trial;
    for (std::size_t r = 0; r < tune_.ranges.size(); ++r) {
      const ir::Tune::Range& range = tune_.ranges[r];
      trial.push_back({.name = range.option, .value = range.is_list ? fromList(range, r, number) : fromRange(range, r, number), .span = {}});
    }
    return trial;
  }

 private:
  [[nodiscard]] double draw(const ir::Tune::Range& range, std::int64_t number, std::size_t candidate, std::string_view what) const {
    return drawOf(optionOf(tune_.options, "seed", 0), number, fmt::format("{} {} {}", range.option, what, candidate));
  }

  [[nodiscard]] ir::Literal fromRange(const ir::Tune::Range& range, std::size_t r, std::int64_t number) const {
    double best = 0;
    double best_ratio = -1;
    for (std::size_t c = 0; c < candidates; ++c) {
      const double place = good_[r].draw(draw(range, number, c, "bell"), draw(range, number, c, "place"));
      const double ratio = good_[r].density(place) / rest_[r].density(place);
      if (ratio <= best_ratio) continue;
      best = place;
      best_ratio = ratio;
    }
    return valueAt(range, best);
  }

  [[nodiscard]] ir::Literal fromList(const ir::Tune::Range& range, std::size_t r, std::int64_t number) const {
    std::size_t best = 0;
    double best_ratio = -1;
    for (std::size_t c = 0; c < candidates; ++c) {
      double left = draw(range, number, c, "value");
      std::size_t value = 0;
      while (value + 1 < range.values.size() && left >= good_[r].share(value)) left -= good_[r].share(value++);
      const double ratio = good_[r].share(value) / rest_[r].share(value);
      if (ratio <= best_ratio) continue;
      best = value;
      best_ratio = ratio;
    }
    return range.values[best];
  }

  const ir::Tune& tune_;
  std::vector<Spread> good_;
  std::vector<Spread> rest_;
};

}  // namespace

std::vector<Trial> nextOfTpe(const ir::Tune& tune, const std::vector<ir::Option>& written, const std::vector<Fared>& before) {
  const auto wanted = static_cast<std::size_t>(trialsWanted(tune));
  std::set<std::string> seen;
  for (const Fared& fared : before) seen.insert(trialText(fared.trial));
  std::vector<Trial> batch;
  std::optional<Proposer> proposer;
  if (before.size() >= random_trials) proposer.emplace(tune, before);
  const std::size_t size = proposer ? tpe_batch : random_trials - before.size();
  for (std::size_t place = before.size(); place < std::min(wanted, before.size() + size); ++place) {
    for (std::size_t attempt = 0; attempt < attempts; ++attempt) {
      const auto number = static_cast<std::int64_t>(place) + static_cast<std::int64_t>(attempt) * attempt_step;
      // What was there before teaches nothing new: then somewhere else at random.
      Trial trial = proposer && attempt < attempts / 2 ? proposer->propose(number) : drawTrial(tune, written, number);
      if (!seen.insert(trialText(trial)).second) continue;
      batch.push_back(std::move(trial));
      break;
    }
  }
  return batch;
}

}  // namespace cd4ml::plan
