// Times the tree trainer's dataset: bins looked up by LightGBM and by ourselves, on columns like those of
// examples/flights, one thread or as many as asked for. Checks that both are the same to the byte.
#include <LightGBM/c_api.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "runtime/learn/gbdt_dataset.h"

namespace {

using namespace cd4ml;

constexpr std::int64_t rows = 2'100'000;  ///< 70 % of 3 million

data::Column columnOf(ir::Kind kind, std::size_t value_bytes) {
  data::Column column;
  column.type = {.kind = kind};
  column.rows = rows;
  column.values = data::allocateBuffer(rows * value_bytes);
  return column;
}

template <class Value>
Value* valuesOf(const data::Column& column) {
  return reinterpret_cast<Value*>(const_cast<std::uint8_t*>(column.values.get()));
}

template <class Make>
data::Column floats(const Make& make) {
  data::Column column = columnOf(ir::Kind::Float, sizeof(double));
  for (std::int64_t i = 0; i < rows; ++i) valuesOf<double>(column)[i] = make(i);
  return data::finishColumn(column);
}

template <class Make>
data::Column ints(const Make& make) {
  data::Column column = columnOf(ir::Kind::Int, sizeof(std::int64_t));
  for (std::int64_t i = 0; i < rows; ++i) valuesOf<std::int64_t>(column)[i] = make(i);
  return data::finishColumn(column);
}

template <class Make>
data::Column bools(const Make& make) {
  data::Column column = columnOf(ir::Kind::Bool, 1);
  for (std::int64_t i = 0; i < rows; ++i) valuesOf<std::uint8_t>(column)[i] = make(i) ? 1 : 0;
  return data::finishColumn(column);
}

data::Column origins(std::mt19937_64& random) {
  data::Column column = columnOf(ir::Kind::Category, sizeof(std::int32_t));
  std::vector<std::string> levels;
  for (int k = 0; k < 300; ++k) levels.push_back("A" + std::to_string(1000 + k));
  column.levels = std::make_shared<const std::vector<std::string>>(std::move(levels));
  for (std::int64_t i = 0; i < rows; ++i) valuesOf<std::int32_t>(column)[i] = static_cast<std::int32_t>(random() % 300);
  return data::finishColumn(column);
}

learn::TrainRequest flightsLike() {
  std::mt19937_64 random(1);
  std::vector<std::int64_t> minute(rows);
  std::vector<std::int64_t> weekday(rows);
  std::vector<double> distance(rows);
  for (std::int64_t i = 0; i < rows; ++i) {
    const auto at = static_cast<std::size_t>(i);
    minute[at] = (i / 3 + static_cast<std::int64_t>(random() % 40)) % 1440;
    weekday[at] = i / 20'000 % 7 + 1;
    distance[at] = 31.0 + 3.0 * static_cast<double>(random() % 1500);
  }
  const auto m = [&](std::int64_t i) { return minute[static_cast<std::size_t>(i)]; };
  const auto d = [&](std::int64_t i) { return distance[static_cast<std::size_t>(i)]; };
  const auto angle = [&](std::int64_t i) { return (static_cast<double>(m(i) / 60) + 0.25) * 2.0 * 3.141592653589793 / 24.0; };
  const auto encoded = [&](std::int64_t) { return static_cast<double>(random() % 3000) / 3000.0 + 0.0001 * static_cast<double>(random() % 5); };
  learn::TrainRequest request;
  request.algorithm = "gbdt";
  request.task = ir::Task::Binary;
  request.train.rows = rows;
  request.train.features = {
      ints([&](std::int64_t i) { return m(i) / 60; }), ints([&](std::int64_t i) { return weekday[static_cast<std::size_t>(i)]; }),
      ints([&](std::int64_t i) { return i / 180'000 + 1; }), ints(m),
      floats([&](std::int64_t i) { return std::sin(angle(i)); }), floats([&](std::int64_t i) { return std::cos(angle(i)); }),
      bools([&](std::int64_t i) { return weekday[static_cast<std::size_t>(i)] >= 6; }), floats(d),
      floats([&](std::int64_t i) { return (std::log1p(d(i)) - 6.3) / 0.7; }), floats([&](std::int64_t i) { return std::sqrt(d(i)); }),
      bools([&](std::int64_t i) { return d(i) > 1500; }), floats([&](std::int64_t i) { return d(i) * static_cast<double>(m(i) / 60); }),
      origins(random), floats(encoded), floats(encoded), floats(encoded)};
  request.train.target = bools([&](std::int64_t) { return random() % 5 == 0; });
  request.target_type = request.train.target.type;
  return request;
}

std::string bytesOf(void* dataset) {
  const std::string file = (std::filesystem::temp_directory_path() / "cd4ml_dataset_bench").string();
  std::filesystem::remove(file);
  if (LGBM_DatasetSaveBinary(dataset, file.c_str()) != 0) std::exit(1);
  std::ostringstream bytes;
  bytes << std::ifstream(file, std::ios::binary).rdbuf();
  std::filesystem::remove(file);
  return bytes.str();
}

double secondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  const learn::TrainRequest request = flightsLike();
  const learn::Prepared prepared{.inputs = learn::featureInputs(request.train), .classes = {}};
  const learn::GbdtParameters parameters{.text = "objective=binary max_bin=255 categorical_feature=12 deterministic=true force_row_wise=true "
                                                 "verbosity=-1 num_threads=" + std::to_string(threads), .threads = threads};
  double best[2] = {1e9, 1e9};
  double labels_best = 1e9;
  std::string bytes[2];
  for (int repeat = 0; repeat < 5; ++repeat) {
    for (const learn::Binning binning : {learn::Binning::Ours, learn::Binning::Library}) {
      const auto begin = std::chrono::steady_clock::now();
      const auto labels = learn::trainingLabels(request, {});
      labels_best = std::min(labels_best, secondsSince(begin));
      auto dataset = learn::makeDataset(request, request.train, prepared, *labels, {}, parameters, nullptr, binning);
      const double seconds = secondsSince(begin);
      if (!dataset.ok()) return 1;
      const std::size_t which = binning == learn::Binning::Ours ? 0 : 1;
      best[which] = std::min(best[which], seconds);
      if (repeat == 0) bytes[which] = bytesOf(dataset->get());
    }
  }
  std::printf("dataset of %lld rows, %zu columns, %d threads: ours %.3f s (labels %.3f), LightGBM %.3f s: %.2f x; bytes %s\n",
              static_cast<long long>(rows), request.train.features.size(), threads, best[0], labels_best, best[1], best[1] / best[0],
              bytes[0] == bytes[1] ? "equal" : "DIFFER");
  return bytes[0] == bytes[1] ? 0 : 1;
}
