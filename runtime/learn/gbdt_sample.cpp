#include "runtime/learn/gbdt_sample.h"

#include <LightGBM/c_api.h>

#include <cmath>
#include <limits>
#include <span>

#include "base/parallel.h"
#include "runtime/learn/sort_numbers.h"
#include "runtime/learn/stream_values.h"

namespace cd4ml::learn {

namespace {

constexpr double zero_width = 1e-35F;  ///< what the library takes for zero and leaves out of a sample

struct ColumnSample {
  std::vector<double> values;
  std::vector<int> places;  ///< in the sample
};

bool sampleRows(std::int64_t rows, const std::string& parameters, std::vector<std::int32_t>& sample) {
  int count = 0;
  if (LGBM_GetSampleCount(static_cast<std::int32_t>(rows), parameters.c_str(), &count) != 0) return false;
  sample.resize(static_cast<std::size_t>(count));
  if (LGBM_SampleIndices(static_cast<std::int32_t>(rows), parameters.c_str(), sample.data(), &count) != 0) return false;
  sample.resize(static_cast<std::size_t>(count));
  return true;
}

void readSample(const StreamColumn& column, std::span<const std::int32_t> rows, ColumnSample& out) {
  out.values.resize(rows.size());
  out.places.resize(rows.size());
  std::size_t kept = 0;
  visitValues(column, [&](const auto* values) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double value = isThere(column, rows[i]) ? static_cast<double>(values[rows[i]]) : std::numeric_limits<double>::quiet_NaN();
      out.values[kept] = value;
      out.places[kept] = static_cast<int>(i);
      kept += std::fabs(value) <= zero_width ? 0 : 1;
    }
  });
  out.values.resize(kept);
  out.places.resize(kept);
}

/// Brings the values into an order that the library's search for bins leaves behind anyway, so that it has less to sort:
/// it moves the numbers before the NaNs, without touching what lies behind as many places as there are numbers, then
/// sorts the numbers. Thus the places behind must stay as they are, also because the library reads them later.
void presort(std::vector<double>& values) {
  std::size_t numbers = 0;
  for (const double value : values) numbers += std::isnan(value) ? 0 : 1;
  std::size_t front = 0;
  for (std::size_t i = 0; i < numbers; ++i) {
    if (!std::isnan(values[i])) values[front++] = values[i];
  }
  for (std::size_t i = front; i < numbers; ++i) values[i] = std::numeric_limits<double>::quiet_NaN();
  sortNumbers(std::span(values.data(), front));
}

}  // namespace

void* datasetOfSample(const std::vector<StreamColumn>& columns, std::int64_t rows, const std::string& parameters, int threads) {
  std::vector<std::int32_t> sample;
  if (!sampleRows(rows, parameters, sample)) return nullptr;
  std::vector<ColumnSample> samples(columns.size());
  parallelFor(threads, columns.size(), [&](std::size_t c) {
    readSample(columns[c], sample, samples[c]);
    presort(samples[c].values);
  });
  std::vector<double*> values;
  std::vector<int*> places;
  std::vector<int> counts;
  for (ColumnSample& column : samples) {
    values.push_back(column.values.data());
    places.push_back(column.places.data());
    counts.push_back(static_cast<int>(column.values.size()));
  }
  void* dataset = nullptr;
  if (LGBM_DatasetCreateFromSampledColumn(values.data(), places.data(), static_cast<std::int32_t>(columns.size()), counts.data(),
                                          static_cast<std::int32_t>(sample.size()), static_cast<std::int32_t>(rows), rows,
                                          parameters.c_str(), &dataset) != 0) {
    return nullptr;
  }
  return dataset;
}

}  // namespace cd4ml::learn
