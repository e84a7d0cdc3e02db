// The datasets that we bin against those that the library bins by itself: the same bytes, and the same models out of them.
#include <LightGBM/c_api.h>

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "runtime/learn/gbdt_bins.h"
#include "runtime/learn/gbdt_dataset.h"
#include "runtime/learn/sample_columns_test.h"

namespace cd4ml::learn {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

using Random = std::mt19937_64;
double unit(Random& random) { return static_cast<double>(random() >> 11U) * 0x1p-53; }

data::Column numbers(std::size_t rows, Random& random, const std::function<double(std::size_t)>& value, double nulls = 0) {
  std::vector<double> values(rows);
  std::vector<bool> there(nulls > 0 ? rows : 0);
  for (std::size_t i = 0; i < rows; ++i) {
    values[i] = value(i);
    if (nulls > 0) there[i] = unit(random) >= nulls;
  }
  return floatColumn(values, there);
}

/// Columns of every shape that takes its own way into the dataset.
std::vector<data::Column> shapes(std::size_t rows, Random& random) {
  const auto u = [&] { return unit(random); };
  std::vector<data::Column> out{
      numbers(rows, random, [](std::size_t) { return 3.5; }),                                       // constant
      numbers(rows, random, [&](std::size_t) { return u(); }, 1.0),                                 // all null
      numbers(rows, random, [&](std::size_t) { return u() < 0.8 ? nan : u() - 0.3; }),              // most are NaN
      numbers(rows, random, [&](std::size_t) { return u() < 0.9 ? 7.0 : u() < 0.3 ? nan : u(); }),  // one value, not zero, in most
      numbers(rows, random, [&](std::size_t) { return u() < 0.1 ? inf : u() < 0.1 ? -inf : u() * 9; }),
      numbers(rows, random, [&](std::size_t) { return u() < 0.5 ? (u() < 0.5 ? 1e-36 : -0.0) : (u() - 0.5) * 1e-34; }),
      numbers(rows, random, [&](std::size_t) { return std::floor(u() * 16); }),                     // bins of four bits and a few more
      numbers(rows, random, [&](std::size_t) { return std::floor(u() * 17); }, 0.02),
      numbers(rows, random, [&](std::size_t) { return u() < 0.97 ? 0.0 : u(); }),                   // sparse
      numbers(rows, random, [](std::size_t i) { return static_cast<double>(i); }),                  // sorted
      numbers(rows, random, [&](std::size_t) { return std::exp(40 * u() - 20) * (u() < 0.5 ? -1 : 1); }),
  };
  std::vector<std::int64_t> wide(rows);
  std::vector<std::uint8_t> flag(rows);
  std::vector<std::int32_t> rare(rows);
  std::vector<std::string> names;
  for (int k = 0; k < 700; ++k) names.push_back("level " + std::to_string(k));
  for (std::size_t i = 0; i < rows; ++i) {
    wide[i] = static_cast<std::int64_t>(random()) / 3;
    flag[i] = u() < 0.04 ? 1 : 0;
    rare[i] = static_cast<std::int32_t>(700 * std::pow(u(), 3));
  }
  out.push_back(intColumn(wide));
  out.push_back(boolColumn(flag));
  data::Column category = categoryColumn(rare, names);
  auto validity = data::allocateValidity(category.rows);
  for (std::size_t i = 0; i < rows; i += 13) validity.get()[i / 8] &= static_cast<std::uint8_t>(~(1U << (i % 8)));
  category.validity = validity;
  category.type.nullable = true;
  out.push_back(data::finishColumn(category));
  return out;
}

/// Columns of which at most one holds something in a row: bundles. Every 5,000th row breaks that.
std::vector<data::Column> exclusive(std::size_t rows, Random& random, std::uint64_t count, double scale) {
  std::vector<std::vector<double>> values(count, std::vector<double>(rows));
  for (std::size_t i = 0; i < rows; ++i) {
    values[random() % count][i] = std::floor(1 + scale * unit(random));
    if (i % 5000 == 0) values[random() % count][i] = scale;
  }
  std::vector<data::Column> out;
  for (const auto& column : values) out.push_back(floatColumn(column));
  return out;
}

/// Sparse columns that meet in many rows: groups of several bins a row.
std::vector<data::Column> overlapping(std::size_t rows, Random& random) {
  std::vector<data::Column> out;
  for (int c = 0; c < 12; ++c) {
    out.push_back(numbers(rows, random, [&](std::size_t) { return unit(random) < 0.06 ? std::floor(1 + 30 * unit(random)) : 0.0; }));
  }
  return out;
}

void append(std::vector<data::Column>& to, std::vector<data::Column> more) { to.insert(to.end(), more.begin(), more.end()); }

TrainRequest shapedRequest(ir::Task task, std::size_t rows, std::uint64_t seed) {
  TrainRequest request = sampleRequest(task, rows);
  request.options = gbdtOptions(10, 31);
  Random random(seed);
  for (TrainingPart* part : {&request.train, &request.validate}) {
    const auto count = static_cast<std::size_t>(part->rows);
    append(part->features, shapes(count, random));
    append(part->features, exclusive(count, random, 6, 2));     // a bundle of four bits
    append(part->features, exclusive(count, random, 20, 8));    // of eight
    append(part->features, exclusive(count, random, 40, 90));   // of sixteen
    append(part->features, overlapping(count, random));
  }
  return request;
}

std::string savedBytes(void* dataset) {
  const std::string file = (std::filesystem::temp_directory_path() / ("cd4ml_dataset_test." + std::to_string(getpid()))).string();
  std::filesystem::remove(file);
  EXPECT_EQ(LGBM_DatasetSaveBinary(dataset, file.c_str()), 0) << LGBM_GetLastError();
  std::ostringstream bytes;
  bytes << std::ifstream(file, std::ios::binary).rdbuf();
  std::filesystem::remove(file);
  return bytes.str();
}

std::string modelText(const GbdtDataset& train, const GbdtDataset& validate, const std::string& parameters, std::vector<double>& losses) {
  void* booster = nullptr;
  EXPECT_EQ(LGBM_BoosterCreate(train.get(), parameters.c_str(), &booster), 0) << LGBM_GetLastError();
  EXPECT_EQ(LGBM_BoosterAddValidData(booster, validate.get()), 0) << LGBM_GetLastError();
  for (int i = 0, finished = 0; i < 8; ++i) {
    EXPECT_EQ(LGBM_BoosterUpdateOneIter(booster, &finished), 0) << LGBM_GetLastError();
    int count = 0;
    losses.push_back(0);
    EXPECT_EQ(LGBM_BoosterGetEval(booster, 1, &count, &losses.back()), 0) << LGBM_GetLastError();
  }
  std::string text(1 << 22, '\0');
  std::int64_t size = 0;
  EXPECT_EQ(LGBM_BoosterSaveModelToString(booster, 0, -1, 0, static_cast<std::int64_t>(text.size()), &size, text.data()), 0);
  EXPECT_LE(size, static_cast<std::int64_t>(text.size()));
  text.resize(static_cast<std::size_t>(size));
  LGBM_BoosterFree(booster);
  return text;
}

struct Pair {
  GbdtDataset train;
  GbdtDataset validate;
};

Pair makePair(const TrainRequest& request, int threads, const std::string& more, Binning binning) {
  const Prepared prepared{.inputs = featureInputs(request.train), .classes = targetClasses(request)};
  GbdtParameters parameters = gbdtParameters(request, prepared, threads);
  parameters.text += more;
  Pair pair;
  auto train = makeDataset(request, request.train, prepared, *trainingLabels(request, prepared.classes), {}, parameters, nullptr, binning);
  EXPECT_TRUE(train.ok()) << train.error().message;
  pair.train = std::move(*train);
  auto validate = makeDataset(request, request.validate, prepared, *validationLabels(request, prepared.classes), {}, parameters, pair.train.get(), binning);
  EXPECT_TRUE(validate.ok()) << validate.error().message;
  pair.validate = std::move(*validate);
  return pair;
}

/// With several threads the library lets them race for the rows where a bundle's features meet, so it runs on one.
void expectSame(const TrainRequest& request, const std::string& more) {
  SCOPED_TRACE(more);
  const Pair theirs = makePair(request, 1, more, Binning::Library);
  const std::string train = savedBytes(theirs.train.get());
  const std::string validate = savedBytes(theirs.validate.get());
  std::vector<double> losses;
  const std::string parameters = "objective=binary metric=binary_logloss verbosity=-1 deterministic=true force_row_wise=true num_threads=1" + more;
  const std::string text = modelText(theirs.train, theirs.validate, parameters, losses);
  for (const int threads : {1, 2}) {
    SCOPED_TRACE(threads);
    const Pair ours = makePair(request, threads, more, Binning::Ours);
    EXPECT_TRUE(savedBytes(ours.train.get()) == train);
    EXPECT_TRUE(savedBytes(ours.validate.get()) == validate);
    std::vector<double> our_losses;
    EXPECT_TRUE(modelText(ours.train, ours.validate, parameters, our_losses) == text);
    EXPECT_EQ(our_losses, losses);
  }
}

TEST(GbdtDataset, TheLibraryIsTheOneWeKnow) {
  EXPECT_TRUE(knowsDatasets()) << "another build of LightGBM: check gbdt_bins.cpp against its headers and sources, then pin its build id there";
}

TEST(GbdtDataset, IsTheLibrarysToTheByte) {
  const TrainRequest request = shapedRequest(ir::Task::Binary, 20'001, 1);
  for (const char* more : {"", " zero_as_missing=true", " use_missing=false", " enable_bundle=false", " is_enable_sparse=false", " min_data_in_leaf=1",
                           " max_bin=1000 bin_construct_sample_cnt=6000", " max_bin=5"}) {
    expectSame(request, more);
  }
}

TEST(GbdtDataset, IsTheLibrarysToTheByteWhenItSamples) { expectSame(shapedRequest(ir::Task::Binary, 300'000, 2), ""); }

TEST(GbdtDataset, IsTheLibrarysToTheByteForFewRows) {
  for (const std::size_t rows : {1, 2, 7, 64, 333}) {
    SCOPED_TRACE(rows);
    TrainRequest request = shapedRequest(ir::Task::Binary, 2 * rows + 40, 3 + rows);
    for (const char* more : {"", " min_data_in_leaf=1 min_data_in_bin=1"}) expectSame(request, more);
  }
}

TEST(GbdtDataset, CarriesWeights) {
  TrainRequest request = shapedRequest(ir::Task::Binary, 5'000, 4);
  Random random(9);
  request.train.weight = numbers(5'000, random, [&](std::size_t) { return unit(random); });
  expectSame(request, "");  // the validation part has none
  request.validate.weight = numbers(1'250, random, [&](std::size_t) { return unit(random); });
  expectSame(request, "");
}

TEST(GbdtDataset, LeavesToTheLibraryWhatItDoesNotKnow) {
  const TrainRequest request = sampleRequest(ir::Task::Binary, 2'000);
  expectSame(request, " linear_tree=true");
}

TEST(GbdtDataset, TakesNoFeatureThatSplits) {
  TrainRequest request = sampleRequest(ir::Task::Binary, 500);
  for (TrainingPart* part : {&request.train, &request.validate}) part->features = {intColumn(std::vector<std::int64_t>(static_cast<std::size_t>(part->rows), 4))};
  expectSame(request, "");
}

}  // namespace
}  // namespace cd4ml::learn
