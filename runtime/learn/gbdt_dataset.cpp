#include "runtime/learn/gbdt_dataset.h"

#include <LightGBM/c_api.h>

#include <string>

#include "runtime/learn/arrow_stream.h"
#include "runtime/learn/gbdt_bins.h"
#include "runtime/learn/gbdt_columns.h"
#include "runtime/learn/gbdt_sample.h"

namespace cd4ml::learn {

namespace {

/// An empty dataset that fillDataset() may fill; null if the library refuses.
GbdtDataset emptyDataset(const GbdtColumns& columns, std::int64_t rows, const GbdtParameters& parameters, void* reference) {
  if (reference == nullptr) return GbdtDataset(datasetOfSample(columns.columns, rows, parameters.text, parameters.threads));
  void* handle = nullptr;
  if (LGBM_DatasetCreateByReference(reference, rows, &handle) != 0) return nullptr;
  GbdtDataset dataset(handle);
  // It comes with weights of 0 if the reference has weights.
  if (LGBM_DatasetSetField(handle, "weight", nullptr, 0, C_API_DTYPE_FLOAT32) != 0) return nullptr;
  return dataset;
}

/// Null: this is one for the library.
GbdtDataset binByOurselves(const GbdtColumns& columns, std::int64_t rows, const GbdtParameters& parameters, void* reference) {
  GbdtDataset dataset = emptyDataset(columns, rows, parameters, reference);
  if (!dataset || !fillDataset(dataset.get(), columns.columns, rows, parameters.threads)) return nullptr;
  if (LGBM_DatasetMarkFinished(dataset.get()) != 0) return nullptr;
  return dataset;
}

Result<GbdtDataset> binByLibrary(const TrainRequest& request, const GbdtColumns& columns, std::int64_t rows, const GbdtParameters& parameters,
                                 void* reference) {
  ArrowArrayStream stream = tableStream(columns.columns, rows);
  void* handle = nullptr;
  if (LGBM_DatasetCreateFromArrowStream(&stream, parameters.text.c_str(), reference, &handle) != 0) {
    return libraryFailed(request, "reading the features");
  }
  return GbdtDataset(handle);
}

Result<Done> setField(const TrainRequest& request, void* dataset, const char* field, const std::vector<double>& values) {
  ArrowArrayStream stream = columnStream({.format = "g", .values = values.data(), .validity = nullptr}, static_cast<std::int64_t>(values.size()));
  if (LGBM_DatasetSetFieldFromArrowStream(dataset, field, &stream) != 0) return libraryFailed(request, "reading the target");
  return Done{};
}

}  // namespace

void FreeDataset::operator()(void* handle) const { LGBM_DatasetFree(handle); }

Binning fastestBinning() { return knowsDatasets() ? Binning::Ours : Binning::Library; }

Error libraryFailed(const TrainRequest& request, const char* step) {
  return makeError("CD5502", std::string("training failed while ") + step + ": " + LGBM_GetLastError(), request.span);
}

Result<GbdtDataset> makeDataset(const TrainRequest& request, const TrainingPart& part, const Prepared& prepared, const Labels& labels,
                                const std::vector<double>& start, const GbdtParameters& parameters, void* reference, Binning binning) {
  const GbdtColumns columns = gbdtColumns(part, prepared);
  GbdtDataset dataset;
  if (binning == Binning::Ours) dataset = binByOurselves(columns, part.rows, parameters, reference);
  if (!dataset) {
    CD4ML_TRY(dataset, binByLibrary(request, columns, part.rows, parameters, reference));
  }
  CD4ML_TRY_VOID(setField(request, dataset.get(), "label", labels.target));
  if (!labels.weight.empty()) CD4ML_TRY_VOID(setField(request, dataset.get(), "weight", labels.weight));
  if (start.empty()) return dataset;
  std::vector<double> scores;
  for (const double score : start) scores.insert(scores.end(), labels.target.size(), score);
  if (LGBM_DatasetSetField(dataset.get(), "init_score", scores.data(), static_cast<int>(scores.size()), C_API_DTYPE_FLOAT64) != 0) {
    return libraryFailed(request, "setting the first scores");
  }
  return dataset;
}

}  // namespace cd4ml::learn
