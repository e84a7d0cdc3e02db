// Times one thread's raw scores: the walk, each kernel of the bit-sliced scorer and LightGBM's predict, on numeric
// regression forests; with BUNDLE COLUMNS (float64, one column after the other) on that model and those rows, in their
// order and shuffled. bench/scoring/run brings the flights.
#include <LightGBM/c_api.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <fstream>
#include <iterator>
#include <numeric>
#include <string>
#include <vector>

#include "runtime/score/bundle.h"
#include "runtime/score/forest_lightgbm.h"
#include "runtime/score/forest_slice.h"

namespace {

using namespace cd4ml;

constexpr std::int32_t rows = 100'000;
constexpr std::int32_t features = 20;

void require(int status) {
  if (status == 0) return;
  std::fprintf(stderr, "%s\n", LGBM_GetLastError());
  std::exit(1);
}

std::vector<double> randomMatrix(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<double> matrix(static_cast<std::size_t>(rows) * features);
  for (double& value : matrix) value = static_cast<double>(random() % 1'000'003) / 1'000'003.0 - 0.5;
  return matrix;
}

std::vector<float> labelsOf(const std::vector<double>& matrix) {
  std::vector<float> labels(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    const double* x = matrix.data() + r * features;
    double sum = 0;
    for (std::size_t f = 0; f < features; ++f) sum += std::sin(9.0 * x[f]) * x[(f + 1) % features];
    labels[r] = static_cast<float>(sum);
  }
  return labels;
}

using Columns = std::vector<std::vector<double>>;

/// This thread's own time: what else the machine does counts as little as it can.
double threadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// The fastest of five, in ns a row.
template <class Work>
double time(std::size_t count, Work work) {
  double best = 1e300;
  for (int i = 0; i < 5; ++i) {
    const double begin = threadSeconds();
    work();
    best = std::min(best, threadSeconds() - begin);
  }
  return 1e9 * best / static_cast<double>(count);
}

/// In pieces of `piece` rows, as batches of that size come.
void scoreAll(const score::ForestScorer& scorer, const std::vector<const double*>& columns, std::size_t count, std::size_t piece, double* out) {
  std::vector<const double*> at = columns;
  for (std::size_t begin = 0; begin < count; begin += piece) {
    for (std::size_t f = 0; f < columns.size(); ++f) at[f] = columns[f] + begin;
    scorer.score(at, static_cast<std::int64_t>(std::min(piece, count - begin)), out + begin);
  }
}

/// The walk and each kernel, on forests of one output.
void compareScorers(const char* title, const score::Forest& forest, const Columns& values, std::size_t count, const double* wanted) {
  std::vector<const double*> columns;
  for (const auto& column : values) columns.push_back(column.data());
  std::vector<double> walked(count), sliced(count);
  const auto walker = score::makeWalker(forest);
  const double walk = time(count, [&] { walker->score(columns, static_cast<std::int64_t>(count), walked.data()); });
  const char* walk_bits = wanted == nullptr || std::memcmp(walked.data(), wanted, count * sizeof(double)) == 0 ? "" : ", bits DIFFER from LightGBM";
  std::printf("%s: walk %.0f ns/row%s\n", title, walk, walk_bits);
  for (const score::SliceKernel* kernel : score::sliceKernels()) {
    const double begin = threadSeconds();
    const auto scorer = score::makeSliceScorer(forest, *kernel);
    const double built = 1e3 * (threadSeconds() - begin);
    if (scorer == nullptr) {
      std::printf("  %-9s left to the walk\n", kernel->name);
      continue;
    }
    const double batch = time(count, [&] { scoreAll(*scorer, columns, count, 4096, sliced.data()); });
    const bool equal = std::memcmp(sliced.data(), walked.data(), count * sizeof(double)) == 0;
    std::printf("  %-9s %.1f ns/row, %.1f x the walk, %.3f ns/tree·row, made in %.1f ms, bits %s; pieces of", kernel->name, batch, walk / batch,
                batch / static_cast<double>(forest.trees.size()), built, equal ? "equal" : "DIFFER");
    for (const std::size_t piece : {1U, 4U, 8U, 16U, 64U}) {
      const std::size_t part = std::min<std::size_t>(count, 400 * piece);
      std::printf(" %zu: %.0f/%.0f", piece, time(part, [&] { scoreAll(*scorer, columns, part, piece, sliced.data()); }),
                  time(part, [&] { scoreAll(*walker, columns, part, piece, sliced.data()); }));
    }
    std::printf(" (walk) ns/row\n");
    std::fflush(stdout);
  }
}

void compareBundle(const char* bundle_path, const char* columns_path) {
  const auto bundle = score::readBundle(bundle_path);
  if (!bundle.ok()) std::exit(1);
  const auto* forest = std::get_if<score::Forest>(&bundle->model.body);
  std::ifstream in(columns_path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (forest == nullptr || bytes.empty()) std::exit(1);
  const std::size_t count = bytes.size() / sizeof(double) / forest->features;
  Columns columns(forest->features, std::vector<double>(count + 64));
  for (std::size_t f = 0; f < columns.size(); ++f) std::memcpy(columns[f].data(), bytes.data() + f * count * sizeof(double), count * sizeof(double));
  std::printf("%zu trees, %zu rows\n", forest->trees.size(), count);
  compareScorers("in their order", *forest, columns, count, nullptr);
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::mt19937_64 random(5);
  for (std::size_t i = count - 1; i > 0; --i) std::swap(order[i], order[random() % (i + 1)]);
  Columns shuffled = columns;
  for (std::size_t f = 0; f < columns.size(); ++f) {
    for (std::size_t r = 0; r < count; ++r) shuffled[f][r] = columns[f][order[r]];
  }
  compareScorers("shuffled", *forest, shuffled, count, nullptr);
}

void measure(int leaves) {
  const std::vector<double> train = randomMatrix(1);
  const std::vector<float> labels = labelsOf(train);
  const std::string parameters = "objective=regression verbosity=-1 num_threads=2 num_leaves=" + std::to_string(leaves);
  void* dataset = nullptr;
  void* booster = nullptr;
  require(LGBM_DatasetCreateFromMat(train.data(), C_API_DTYPE_FLOAT64, rows, features, 1, parameters.c_str(), nullptr, &dataset));
  require(LGBM_DatasetSetField(dataset, "label", labels.data(), rows, C_API_DTYPE_FLOAT32));
  require(LGBM_BoosterCreate(dataset, parameters.c_str(), &booster));
  for (int i = 0, finished = 0; i < 200; ++i) require(LGBM_BoosterUpdateOneIter(booster, &finished));
  std::string text(1 << 25, '\0');
  std::int64_t size = 0;
  require(LGBM_BoosterSaveModelToString(booster, 0, -1, 0, static_cast<std::int64_t>(text.size()), &size, text.data()));
  text.resize(static_cast<std::size_t>(size - 1));
  const auto forest = score::readLightgbm(text);
  if (!forest.ok()) std::exit(1);

  const std::vector<double> matrix = randomMatrix(2);
  Columns columns(features, std::vector<double>(rows + 64));
  for (std::size_t f = 0; f < features; ++f) {
    for (std::size_t r = 0; r < rows; ++r) columns[f][r] = matrix[r * features + f];
  }
  std::vector<double> theirs(rows);
  std::int64_t written = 0;
  const double library = time(rows, [&] {
    require(LGBM_BoosterPredictForMat(booster, matrix.data(), C_API_DTYPE_FLOAT64, rows, features, 1, C_API_PREDICT_RAW_SCORE, 0, -1,
                                      "num_threads=1", &written, theirs.data()));
  });
  std::printf("%d leaves, %zu trees: LightGBM %.0f ns/row\n", leaves, forest->trees.size(), library);
  compareScorers("random numbers", *forest, columns, rows, theirs.data());
  LGBM_BoosterFree(booster);
  LGBM_DatasetFree(dataset);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3) {
    compareBundle(argv[1], argv[2]);
    return 0;
  }
  for (const int leaves : {31, 63, 255}) measure(leaves);
}
