// Times one thread's raw scores: the walk, our scorer and LightGBM's predict, on numeric regression forests.
#include <LightGBM/c_api.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "runtime/score/forest_lightgbm.h"

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

/// The fastest of three, in ns a row.
template <class Work>
double time(Work work) {
  double best = 1e300;
  for (int i = 0; i < 3; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count());
  }
  return best / rows;
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
  std::vector<std::vector<double>> columns(features, std::vector<double>(rows + 64));
  std::vector<const double*> pointers;
  for (std::size_t f = 0; f < features; ++f) {
    for (std::size_t r = 0; r < rows; ++r) columns[f][r] = matrix[r * features + f];
    pointers.push_back(columns[f].data());
  }
  std::vector<double> theirs(rows), walked(rows), ours(rows);
  std::int64_t written = 0;
  const double library = time([&] {
    require(LGBM_BoosterPredictForMat(booster, matrix.data(), C_API_DTYPE_FLOAT64, rows, features, 1, C_API_PREDICT_RAW_SCORE, 0, -1,
                                      "num_threads=1", &written, theirs.data()));
  });
  const auto walker = score::makeWalker(*forest);
  const auto scorer = score::makeScorer(*forest);
  const double walk = time([&] { walker->score(pointers, rows, walked.data()); });
  const double fast = time([&] { scorer->score(pointers, rows, ours.data()); });
  const double single = time([&] {
    std::vector<const double*> row = pointers;
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t f = 0; f < features; ++f) row[f] = pointers[f] + r;
      scorer->score(row, 1, ours.data() + r);
    }
  });
  const bool equal = std::memcmp(ours.data(), theirs.data(), rows * sizeof(double)) == 0 && walked == theirs;
  std::printf("%d leaves, %zu trees: LightGBM %.0f, walk %.0f, scorer %.0f, scorer a row at a time %.0f ns/row; bits %s\n", leaves,
              forest->trees.size(), library, walk, fast, single, equal ? "equal" : "DIFFER");
  std::fflush(stdout);
  LGBM_BoosterFree(booster);
  LGBM_DatasetFree(dataset);
}

}  // namespace

int main() {
  for (const int leaves : {31, 63}) measure(leaves);
}
