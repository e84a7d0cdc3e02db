#include "runtime/monitor/numbers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/internal_check.h"

namespace cd4ml::monitor {

namespace {

constexpr std::size_t outer_bins = 16;       ///< between the reference's end and that of the clip
constexpr double fractions = 65'535;         ///< a bin's mean is kept as so many parts of its width

/// The greatest single-precision number that is not above: edges are kept as such where that does not merge them.
double roundDown(double x) {
  const auto near = static_cast<float>(x);
  if (!std::isfinite(near) || static_cast<double>(near) <= x) return near;
  return std::nextafterf(near, -std::numeric_limits<float>::infinity());
}

void addSteps(std::vector<double>& edges, double from, double to) {
  for (std::size_t i = 1; i < outer_bins; ++i) edges.push_back(from + (to - from) * static_cast<double>(i) / outer_bins);
}

void sortOnce(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

std::vector<double> edgesOf(std::span<const double> rising, const Clip& clip, std::size_t quantiles) {
  std::vector<double> exact{clip.low, clip.high};
  addSteps(exact, clip.low, rising.front());
  addSteps(exact, rising.back(), clip.high);
  for (std::size_t q = 0; q <= quantiles; ++q) {
    // A value that is there, not one between two: ties stay at an edge.
    exact.push_back(rising[std::min(rising.size() - 1, rising.size() * q / quantiles)]);
  }
  sortOnce(exact);
  std::vector<double> rounded;
  for (const double edge : exact) rounded.push_back(roundDown(edge));
  sortOnce(rounded);
  const bool merged = 20 * rounded.size() < 19 * exact.size() || !std::isfinite(rounded.front()) || !std::isfinite(rounded.back());
  return merged ? exact : rounded;
}

/// Finds bins by halving, several values at a time so that the steps of one do not wait for those of another.
class Locator {
 public:
  static constexpr std::size_t group = 16;

  explicit Locator(const std::vector<double>& edges) : last_(edges.size() - 2) {
    while (2 * half_ < edges.size()) half_ *= 2;
    padded_ = edges;
    padded_.resize(4 * half_, std::numeric_limits<double>::infinity());
  }

  void find(const double* x, std::uint32_t* bins) const {
    std::array<std::uint32_t, group> at{};
    for (auto step = static_cast<std::uint32_t>(half_); step > 0; step /= 2) {
      for (std::size_t i = 0; i < group; ++i) at[i] += padded_[at[i] + step] <= x[i] ? step : 0;
    }
    for (std::size_t i = 0; i < group; ++i) bins[i] = std::min(at[i], static_cast<std::uint32_t>(last_));
  }

 private:
  std::size_t half_ = 1;
  std::size_t last_;
  std::vector<double> padded_;
};

/// Sums of a block of values: added to the whole in order, so the whole does not depend on who counted it.
struct BlockSums {
  double sum = 0;
  double squares = 0;  ///< about the baseline's mean
};

class Counter {
 public:
  Counter(const NumberBaseline& baseline, NumberCounts& out) : baseline_(baseline), locator_(baseline.edges), out_(out) {
    out_.counts.assign(baseline.bins(), 0.0);
    out_.sums.assign(baseline.bins(), 0.0);
    out_.min = std::numeric_limits<double>::infinity();
    out_.max = -out_.min;
  }

  /// At most Locator::group finite values.
  void add(const double* values, std::size_t count) {
    std::array<double, Locator::group> clipped{};
    std::array<std::uint32_t, Locator::group> bins{};
    for (std::size_t i = 0; i < count; ++i) {
      const double x = values[i];
      clipped[i] = std::min(std::max(x, baseline_.clip.low), baseline_.clip.high);
      beyond_ += clipped[i] != x ? 1 : 0;
      out_.min = std::min(out_.min, x);
      out_.max = std::max(out_.max, x);
      const double off = x - baseline_.mean;
      block_.sum += off;
      block_.squares += off * off;
    }
    locator_.find(clipped.data(), bins.data());
    for (std::size_t i = 0; i < count; ++i) {
      out_.counts[bins[i]] += 1;
      out_.sums[bins[i]] += clipped[i];
    }
    count_ += static_cast<std::int64_t>(count);
  }

  void finish() {
    out_.count = static_cast<double>(count_);
    out_.beyond = static_cast<double>(beyond_);
    if (count_ == 0) {
      out_.min = out_.max = 0;
      return;
    }
    const double off = block_.sum / out_.count;
    out_.mean = baseline_.mean + off;
    out_.std = std::sqrt(std::max(0.0, block_.squares / out_.count - off * off));
  }

 private:
  const NumberBaseline& baseline_;
  Locator locator_;
  NumberCounts& out_;
  BlockSums block_;
  std::int64_t count_ = 0;
  std::int64_t beyond_ = 0;
};

}  // namespace

bool isNumber(ir::Kind kind) { return kind == ir::Kind::Int || kind == ir::Kind::Float || kind == ir::Kind::Duration; }

Values valuesOf(const score::ColumnView& column) {
  CD4ML_CHECK(isNumber(column.kind));
  Values out;
  out.finite.reserve(static_cast<std::size_t>(column.rows));
  for (std::int64_t r = 0; r < column.rows; ++r) {
    if (!column.isValid(r)) {
      ++out.nulls;
      continue;
    }
    const double x = column.kind == ir::Kind::Float ? column.floats()[r] : static_cast<double>(column.ints()[r]);
    if (std::isfinite(x)) out.finite.push_back(x);
    else ++out.not_finite;
  }
  return out;
}

NumberBaseline describeNumbers(std::vector<double> rising, std::size_t steps) {
  CD4ML_CHECK(!rising.empty());
  NumberBaseline out;
  out.count = static_cast<double>(rising.size());
  out.min = rising.front();
  out.max = rising.back();
  out.clip = wideClip(rising);
  for (double& x : rising) {
    const double clipped = std::clamp(x, out.clip.low, out.clip.high);
    out.beyond += clipped != x ? 1 : 0;
    x = clipped;
    out.mean += x / out.count;
  }
  double squares = 0;
  for (const double x : rising) squares += (x - out.mean) * (x - out.mean);
  out.std = out.max > out.min ? std::sqrt(squares / out.count) : 0.0;
  out.edges = edgesOf(rising, out.clip, steps);
  if (out.edges.size() < 2) out.edges.push_back(std::nextafter(out.edges[0], std::numeric_limits<double>::infinity()));
  // The ends of the bins are the ends of the clip, however they were rounded.
  out.clip = {std::min(out.clip.low, out.edges.front()), out.edges.back()};
  NumberCounts counted;
  Counter counter(out, counted);
  for (std::size_t i = 0; i < rising.size(); i += Locator::group) counter.add(&rising[i], std::min(Locator::group, rising.size() - i));
  out.counts = counted.counts;
  for (std::size_t b = 0; b < out.bins(); ++b) {
    const double width = out.edges[b + 1] - out.edges[b];
    const double place = out.counts[b] > 0 ? (counted.sums[b] / out.counts[b] - out.edges[b]) / width : 0.5;
    const double kept = out.counts[b] > 0 ? std::clamp(std::round(place * fractions), 0.0, fractions) / fractions : place;
    out.means.push_back(out.edges[b] + width * kept);
  }
  return out;
}

double NumberBaseline::quantile(double share) const {
  double below = 0;
  for (std::size_t b = 0; b < bins(); ++b) {
    if (counts[b] > 0 && below + counts[b] >= share * count) {
      const double part = std::clamp((share * count - below) / counts[b], 0.0, 1.0);
      return std::clamp(edges[b] + part * (edges[b + 1] - edges[b]), min, max);
    }
    below += counts[b];
  }
  return max;
}

NumberCounts countNumbers(const score::ColumnView& column, const NumberBaseline& baseline) {
  CD4ML_CHECK(isNumber(column.kind));
  NumberCounts out;
  Counter counter(baseline, out);
  std::array<double, Locator::group> group{};
  std::size_t filled = 0;
  for (std::int64_t r = 0; r < column.rows; ++r) {
    if (!column.isValid(r)) {
      out.nulls += 1;
      continue;
    }
    const double x = column.kind == ir::Kind::Float ? column.floats()[r] : static_cast<double>(column.ints()[r]);
    if (!std::isfinite(x)) {
      out.not_finite += 1;
      continue;
    }
    group[filled++] = x;
    if (filled < Locator::group) continue;
    counter.add(group.data(), filled);
    filled = 0;
  }
  counter.add(group.data(), filled);
  counter.finish();
  return out;
}

double earthMoved(const NumberBaseline& baseline, const NumberCounts& window) {
  CD4ML_CHECK(window.count > 0 && window.counts.size() == baseline.bins());
  double below_reference = 0;
  double below_window = 0;
  double area = 0;
  for (std::size_t b = 0; b < baseline.bins(); ++b) {
    const double end = baseline.edges[b + 1];
    const double width = end - baseline.edges[b];
    const double reference = below_reference * width + baseline.counts[b] * (end - baseline.means[b]);
    const double now = below_window * width + (window.counts[b] * end - window.sums[b]);
    area += std::fabs(reference / baseline.count - now / window.count);
    below_reference += baseline.counts[b];
    below_window += window.counts[b];
  }
  if (baseline.constant()) return area > 0 ? std::numeric_limits<double>::infinity() : 0.0;
  return area / baseline.std;
}

double greatestDistance(const NumberBaseline& baseline, const NumberCounts& window) {
  double below_reference = 0;
  double below_window = 0;
  double greatest = 0;
  for (std::size_t b = 0; b < baseline.bins(); ++b) {
    below_reference += baseline.counts[b];
    below_window += window.counts[b];
    greatest = std::max(greatest, std::fabs(below_reference / baseline.count - below_window / window.count));
  }
  return greatest;
}

Grouped groupBins(const NumberBaseline& baseline, const NumberCounts& window, std::size_t wanted) {
  Grouped out;
  double reference = 0;
  double now = 0;
  double done = 0;
  for (std::size_t b = 0; b < baseline.bins(); ++b) {
    reference += baseline.counts[b];
    now += window.counts[b];
    const double due = baseline.count * static_cast<double>(out.reference.size() + 1) / static_cast<double>(wanted);
    if (done + reference < due * (1 - 1e-12)) continue;
    done += reference;
    out.reference.push_back(reference);
    out.window.push_back(now);
    reference = now = 0;
    if (out.reference.size() + 1 == wanted) {
      for (++b; b < baseline.bins(); ++b) reference += baseline.counts[b], now += window.counts[b];
    }
  }
  if (reference + now > 0) {
    out.reference.push_back(reference);
    out.window.push_back(now);
  }
  return out;
}

}  // namespace cd4ml::monitor
