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
constexpr std::size_t candidates = 24;    ///< drawn for each trial, of which the likeliest to be good is taken
constexpr std::size_t attempts = 16;      ///< to find a trial that was not there before
constexpr std::int64_t attempt_step = 1'000'003;
constexpr double good_share = 0.15;       ///< of the trials counts as good
constexpr double keeps_value = 0.6;       ///< how often a value of a list stays as it is

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

/// A trial as a point: up each range, in each list.
using Point = std::vector<double>;

/// Where trials lie: a mixture of a bell around each, and a flat one over the whole search. Options are looked at together,
/// because what is good for one depends on the others.
class Spread {
 public:
  Spread(const ir::Tune& tune, const std::vector<const Fared*>& trials, std::size_t in_all) : tune_(tune), flat_(1.0 / (1.0 + static_cast<double>(in_all))) {
    for (const Fared* fared : trials) {
      Point& point = points_.emplace_back();
      for (const ir::Tune::Range& range : tune.ranges) point.push_back(placeOf(range, valueOf(fared->trial, range.option)));
    }
    const double count = std::max<double>(1.0, static_cast<double>(points_.size()));
    width_ = 0.15 * std::pow(count, -1.0 / (static_cast<double>(tune.ranges.size()) + 4.0));
  }

  [[nodiscard]] double density(const Point& at) const {
    double sum = 0;
    for (const Point& point : points_) {
      double own = 1;
      for (std::size_t r = 0; r < at.size(); ++r) own *= tune_.ranges[r].is_list ? listDensity(r, at[r], point[r]) : bell(at[r], point[r]);
      sum += own;
    }
    return points_.empty() ? 1.0 : flat_ + (1 - flat_) * sum / static_cast<double>(points_.size());
  }

  /// The point that draws mean: `draw(what)` is uniform in [0, 1).
  template <class Draw>
  [[nodiscard]] Point drawPoint(const Draw& draw) const {
    const bool anywhere = draw("flat") < flat_ || points_.empty();
    const Point* near = anywhere ? nullptr : &points_[static_cast<std::size_t>(draw("bell") * static_cast<double>(points_.size()))];
    Point out;
    for (std::size_t r = 0; r < tune_.ranges.size(); ++r) {
      const ir::Tune::Range& range = tune_.ranges[r];
      const double where = draw(range.option);
      const double choices = static_cast<double>(range.values.size());
      if (range.is_list) {
        const bool keeps = near != nullptr && draw(range.option + " keeps") < keeps_value;
        out.push_back(keeps ? (*near)[r] : std::floor(where * choices));
      } else {
        out.push_back(near == nullptr ? where : besides((*near)[r], where));
      }
    }
    return out;
  }

 private:
  /// Normal within [0, 1].
  [[nodiscard]] double bell(double at, double middle) const {
    const double away = (at - middle) / width_;
    const double inside = 0.5 * (std::erf((1 - middle) / width_ * half_root) + std::erf(middle / width_ * half_root));
    return std::exp(-0.5 * away * away) / (width_ * 2.5066282746310002 * inside);
  }

  [[nodiscard]] double listDensity(std::size_t r, double at, double middle) const {
    return (1 - keeps_value) + (at == middle ? keeps_value * static_cast<double>(tune_.ranges[r].values.size()) : 0.0);
  }

  /// A place near another, thrown back at the ends. The inverse of the logistic curve: bell-shaped, in closed form, with a
  /// deviation of one.
  [[nodiscard]] double besides(double middle, double draw) const {
    const double u = std::clamp(draw, 1e-12, 1 - 1e-12);
    const double place = std::fmod(std::fabs(middle + width_ * 0.55 * std::log(u / (1 - u))), 2.0);
    return place > 1 ? 2 - place : place;
  }

  static constexpr double half_root = 0.7071067811865476;  ///< of two

  const ir::Tune& tune_;
  double flat_;
  double width_ = 1;
  std::vector<Point> points_;
};

/// The trials that count as good, the best ones, and all others.
std::pair<std::vector<const Fared*>, std::vector<const Fared*>> partsOf(const ir::Tune& tune, const std::vector<Fared>& before) {
  std::vector<const Fared*> ranked;
  for (const Fared& fared : before) ranked.push_back(&fared);
  std::stable_sort(ranked.begin(), ranked.end(), [&](const Fared* a, const Fared* b) {
    if (!a->value || !b->value) return a->value.has_value() && !b->value.has_value();
    return tune.objective.maximize ? *a->value > *b->value : *a->value < *b->value;
  });
  const auto good = static_cast<std::size_t>(std::ceil(good_share * static_cast<double>(ranked.size())));
  return {{ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(good)}, {ranked.begin() + static_cast<std::ptrdiff_t>(good), ranked.end()}};
}

class Proposer {
 public:
  Proposer(const ir::Tune& tune, const std::vector<Fared>& before) : Proposer(tune, partsOf(tune, before), before.size()) {}

  /// Of the points drawn near the good trials, that which is likeliest to be one of them.
  [[nodiscard]] Trial propose(std::int64_t number) const {
    const std::int64_t seed = optionOf(tune_.options, "seed", 0);
    Point best;
    double best_ratio = -1;
    for (std::size_t c = 0; c < candidates; ++c) {
      Point point = good_.drawPoint([&](const std::string& what) { return drawOf(seed, number, fmt::format("tpe {} {}", c, what)); });
      const double ratio = good_.density(point) / rest_.density(point);
      if (ratio <= best_ratio) continue;
      best = std::move(point);
      best_ratio = ratio;
    }
    Trial trial;
    for (std::size_t r = 0; r < tune_.ranges.size(); ++r) {
      const ir::Tune::Range& range = tune_.ranges[r];
      trial.push_back({.name = range.option, .value = range.is_list ? range.values[static_cast<std::size_t>(best[r])] : valueAt(range, best[r]), .span = {}});
    }
    return trial;
  }

 private:
  using Parts = std::pair<std::vector<const Fared*>, std::vector<const Fared*>>;
  Proposer(const ir::Tune& tune, const Parts& parts, std::size_t in_all) : tune_(tune), good_(tune, parts.first, in_all), rest_(tune, parts.second, in_all) {}

  const ir::Tune& tune_;
  Spread good_;
  Spread rest_;
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
