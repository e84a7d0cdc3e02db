// How often monitoring alarms where nothing has changed, how often where something has, and how fast it is.
//
//   monitor_bench false-alarms REPEATS [FOLDER [SEED]]   30 mixed columns; FOLDER: also writes the data of some repeats there
//   monitor_bench power REPEATS                   one of the 30 columns changes, 2,000 rows against 2,000
//   monitor_bench speed                           20 columns of 1,000,000 rows against their baselines
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/parallel.h"
#include "runtime/monitor/confirm.h"
#include "runtime/monitor/judge.h"

namespace {

using namespace cd4ml;
using Random = std::mt19937_64;

constexpr int kColumns = 30;
enum class Kind { Normal, LogNormal, Zipf, Zeros, Few };
Kind kindOf(int column) { return static_cast<Kind>(column % 5); }
bool isNumber(int column) { return kindOf(column) != Kind::Zipf; }

double uniform(Random& random) { return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53; }
double normal(Random& random) {
  const double radius = std::sqrt(-2 * std::log(uniform(random)));
  return radius * std::cos(6.283185307179586 * uniform(random));
}

const std::vector<double>& zipfEnds() {
  static const std::vector<double> ends = [] {
    std::vector<double> out;
    double sum = 0;
    for (int k = 1; k <= 200; ++k) out.push_back(sum += 1.0 / k);
    for (double& x : out) x /= sum;
    return out;
  }();
  return ends;
}

double draw(int column, Random& random) {
  switch (kindOf(column)) {
    case Kind::Normal: return normal(random);
    case Kind::LogNormal: return std::exp(1.5 * normal(random));
    case Kind::Zipf: return static_cast<double>(std::lower_bound(zipfEnds().begin(), zipfEnds().end() - 1, uniform(random)) - zipfEnds().begin());
    case Kind::Zeros: return uniform(random) < 0.95 ? 0.0 : std::exp(normal(random));
    case Kind::Few: return std::floor(5 * std::pow(uniform(random), 1.5));
  }
  std::abort();
}

/// A change of the column that is the first of the 30.
using Change = std::function<double(double value, Random& random)>;

struct Rows {
  std::vector<std::vector<double>> numbers;
  std::vector<std::vector<std::int32_t>> codes;
};
Rows drawRows(std::size_t rows, Random& random, const Change& change = {}) {
  Rows out{.numbers = std::vector<std::vector<double>>(kColumns), .codes = std::vector<std::vector<std::int32_t>>(kColumns)};
  for (int c = 0; c < kColumns; ++c) {
    for (std::size_t r = 0; r < rows; ++r) {
      const double x = draw(c, random);
      if (!isNumber(c)) out.codes[c].push_back(static_cast<std::int32_t>(x));
      else out.numbers[c].push_back(c == 0 && change ? change(x, random) : x);
    }
  }
  return out;
}

const score::Dictionary& zipfLevels() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (int k = 0; k < 200; ++k) out.push_back(fmt::format("level {:03}", k));
    return out;
  }();
  static const score::Dictionary dictionary{.levels = {names.begin(), names.end()}};
  return dictionary;
}

score::ColumnView viewOf(const Rows& rows, int column) {
  score::ColumnView view;
  view.kind = isNumber(column) ? ir::Kind::Float : ir::Kind::Category;
  view.rows = static_cast<std::int64_t>(isNumber(column) ? rows.numbers[column].size() : rows.codes[column].size());
  view.values = isNumber(column) ? static_cast<const void*>(rows.numbers[column].data()) : rows.codes[column].data();
  view.dictionary = &zipfLevels();
  return view;
}

struct Baselines {
  std::vector<monitor::NumberBaseline> numbers;
  std::vector<monitor::LevelBaseline> levels;
};
Baselines describe(const Rows& rows) {
  Baselines out{.numbers = std::vector<monitor::NumberBaseline>(kColumns), .levels = std::vector<monitor::LevelBaseline>(kColumns)};
  std::vector<monitor::NullProfile> profiles;
  for (int c = 0; c < kColumns; ++c) {
    if (!isNumber(c)) {
      out.levels[c] = monitor::describeLevels(viewOf(rows, c));
      continue;
    }
    std::vector<double> rising = rows.numbers[c];
    std::sort(rising.begin(), rising.end());
    out.numbers[c] = monitor::describeNumbers(rising);
    for (double& x : rising) x = std::clamp(x, out.numbers[c].clip.low, out.numbers[c].clip.high);
    profiles.emplace_back(rising, out.numbers[c].std);
  }
  const std::vector<monitor::NullTable> tables = monitor::makeNullTables(profiles, 1);
  for (int c = 0, next = 0; c < kColumns; ++c) {
    if (isNumber(c)) out.numbers[c].null = tables[next++];
  }
  return out;
}

std::vector<monitor::Judged> report(const Baselines& baselines, const Rows& window) {
  std::vector<monitor::Judged> out(kColumns);
  std::vector<monitor::NumberCounts> counted(kColumns);
  std::vector<monitor::Doubt> doubts;
  for (int c = 0; c < kColumns; ++c) {
    const score::ColumnView view = viewOf(window, c);
    if (!isNumber(c)) {
      out[c].comparison = monitor::compareLevels(baselines.levels[c], monitor::countLevels(view, baselines.levels[c]), monitor::Statistic::ChiSquared);
      continue;
    }
    counted[c] = monitor::countNumbers(view, baselines.numbers[c]);
    out[c].comparison = monitor::compareNumbers(baselines.numbers[c], counted[c], monitor::Statistic::Wasserstein);
    if (monitor::isDoubtful(baselines.numbers[c], out[c].comparison, out[c].least_effect)) doubts.push_back({&baselines.numbers[c], &counted[c], &out[c].comparison});
  }
  monitor::confirm(doubts, 1);
  monitor::judgeTogether(out);
  return out;
}

bool alarms(const monitor::Judged& one) { return one.verdict == monitor::Verdict::Alarm; }

void writeRows(const std::string& path, const Rows& rows) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) std::exit(1);
  for (int c = 0; c < kColumns; ++c) {
    std::vector<double> values = rows.numbers[c];
    for (const std::int32_t code : rows.codes[c]) values.push_back(code);
    std::fwrite(values.data(), sizeof(double), values.size(), file);
  }
  std::fclose(file);
}

constexpr int kThreads = 2;
const std::vector<std::size_t> kSizes{50, 100, 200, 500, 1000, 2000, 10'000, 100'000};

void falseAlarms(std::size_t repeats, const std::string& folder, std::size_t first_seed) {
  for (const std::size_t reference_rows : {std::size_t{2'000}, std::size_t{20'000}}) {
    std::vector<std::atomic<int>> reports(kSizes.size());
    std::vector<std::vector<std::atomic<int>>> by_kind(kSizes.size());
    std::vector<std::vector<std::atomic<int>>> small(kSizes.size());
    for (auto& kinds : by_kind) kinds = std::vector<std::atomic<int>>(5);
    for (auto& kinds : small) kinds = std::vector<std::atomic<int>>(5);
    parallelFor(kThreads, repeats, [&](std::size_t repeat) {
      Random random(1'000'003 * (first_seed + repeat + 1) + reference_rows);
      const Rows reference = drawRows(reference_rows, random);
      const Baselines baselines = describe(reference);
      const bool keep = !folder.empty() && reference_rows == 2'000 && repeat < 10;
      if (keep) writeRows(fmt::format("{}/{}-reference.f64", folder, repeat), reference);
      for (std::size_t s = 0; s < kSizes.size(); ++s) {
        const Rows window = drawRows(kSizes[s], random);
        if (keep && kSizes[s] <= 10'000) writeRows(fmt::format("{}/{}-{}.f64", folder, repeat, kSizes[s]), window);
        const std::vector<monitor::Judged> judged = report(baselines, window);
        if (std::any_of(judged.begin(), judged.end(), alarms)) ++reports[s];
        for (int c = 0; c < kColumns; ++c) {
          by_kind[s][c % 5] += alarms(judged[c]) ? 1 : 0;
          small[s][c % 5] += judged[c].comparison.p < 0.05 / kColumns ? 1 : 0;
        }
      }
    });
    fmt::print("reference of {} rows, {} repeats: share of reports that alarm where nothing has changed\n", reference_rows, repeats);
    fmt::print("{:>9} {:>9}   {:<40}  {}\n", "window", "reports", "alarms: normal lognormal zipf zeros few", "p < .05/30, per mille (nominal 1.67)");
    for (std::size_t s = 0; s < kSizes.size(); ++s) {
      const auto n = static_cast<double>(repeats);
      fmt::print("{:>9} {:>8.2f}%  ", kSizes[s], 100 * reports[s] / n);
      for (int k = 0; k < 5; ++k) fmt::print(" {:>6}", by_kind[s][k].load());
      fmt::print("      ");
      for (int k = 0; k < 5; ++k) fmt::print(" {:>6.2f}", 1000 * small[s][k] / (6 * n));
      fmt::print("\n");
    }
  }
}

void power(std::size_t repeats) {
  struct Case { const char* name; double wanted; Change change; };
  const std::vector<Case> cases{
      {"mean + 0.1 sd", 0.40, [](double x, Random&) { return x + 0.1; }},
      {"mean + 0.2 sd", 0.99, [](double x, Random&) { return x + 0.2; }},
      {"std x 1.25", 0.99, [](double x, Random&) { return 1.25 * x; }},
      {"5 % of rows + 3 sd", 0.95, [](double x, Random& random) { return uniform(random) < 0.05 ? x + 3 : x; }},
      {"2 % stuck at + 6 sd", 0.85, [](double x, Random& random) { return uniform(random) < 0.02 ? 6.0 : x; }},
  };
  std::vector<std::atomic<int>> found(cases.size());
  parallelFor(kThreads, repeats, [&](std::size_t repeat) {
    Random random(7'000'003 * (repeat + 1));
    const Baselines baselines = describe(drawRows(2'000, random));
    for (std::size_t k = 0; k < cases.size(); ++k) {
      if (alarms(report(baselines, drawRows(2'000, random, cases[k].change))[0])) ++found[k];
    }
  });
  fmt::print("2,000 rows against 2,000, one of 30 columns changes, {} repeats\n", repeats);
  for (std::size_t k = 0; k < cases.size(); ++k) {
    fmt::print("{:<22} found {:.3f}  (wanted {:.2f})\n", cases[k].name, static_cast<double>(found[k]) / static_cast<double>(repeats), cases[k].wanted);
  }
}

void speed() {
  Random random(5);
  const Rows reference = drawRows(100'000, random);
  const Rows window = drawRows(1'000'000, random);
  const auto begin = std::chrono::steady_clock::now();
  const Baselines baselines = describe(reference);
  const auto described = std::chrono::steady_clock::now();
  std::vector<int> columns;  // 20 columns, the five kinds alike
  for (int c = 0; c < 20; ++c) columns.push_back(c);
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    const auto start = std::chrono::steady_clock::now();
    std::vector<monitor::Judged> out(columns.size());
    parallelFor(kThreads, columns.size(), [&](std::size_t i) {
      const int c = columns[i];
      const score::ColumnView view = viewOf(window, c);
      out[i].comparison = isNumber(c) ? monitor::compareNumbers(baselines.numbers[c], monitor::countNumbers(view, baselines.numbers[c]), monitor::Statistic::Wasserstein)
                                      : monitor::compareLevels(baselines.levels[c], monitor::countLevels(view, baselines.levels[c]), monitor::Statistic::ChiSquared);
    });
    monitor::judgeTogether(out);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  fmt::print("20 columns x 1,000,000 rows against the baseline: {:.3f} s on {} threads (best of 5; wanted 0.5)\n", best, kThreads);
  fmt::print("baseline of 30 columns x 100,000 rows, one thread: {:.3f} s\n", std::chrono::duration<double>(described - begin).count());
}

}  // namespace

int main(int count, char** words) {
  const std::string what = count > 1 ? words[1] : "";
  const std::size_t repeats = count > 2 ? std::strtoul(words[2], nullptr, 10) : 500;
  if (what == "false-alarms") falseAlarms(repeats, count > 3 ? words[3] : "", count > 4 ? std::strtoul(words[4], nullptr, 10) : 0);
  else if (what == "power") power(repeats);
  else if (what == "speed") speed();
  else return fmt::print("monitor_bench false-alarms|power REPEATS, speed\n"), 2;
  return 0;
}
