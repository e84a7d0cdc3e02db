/// Predictions as V2 tensors, JSON values, CSV or JSON lines. Floats have the fewest digits that read back to the same bits.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/serve/predict_request.h"

namespace cd4ml::serve {

/// What a model can be asked for.
enum class Output : std::uint8_t { Prediction, Probability, Probabilities, Reason };
[[nodiscard]] std::string_view outputName(Output output);
[[nodiscard]] std::string_view outputDatatype(Output output, const Arm& arm);
/// The outputs of a model, Reason apart.
[[nodiscard]] std::vector<Output> outputsOf(const Arm& arm);

/// One value of a row: `true`, `"SFO"`, `12.5`; null for a bad row. `bad`: cursor into scored.bad.
void appendPrediction(const Arm& arm, const score::Predictions& predictions, std::size_t row, std::string& out);

void appendV2(const Prediction& prediction, std::int64_t rows, const std::vector<Output>& outputs, std::string& out);
/// `{"predictions":[…]}`: numbers of a regression, else records of prediction and probability.
void appendPredictionsJson(const Prediction& prediction, std::int64_t rows, std::string& out);
void appendPredictionsLines(const Prediction& prediction, std::int64_t rows, std::string& out);
/// Without a header: prediction, probability (of classifications), reason (where bad rows may give null).
void appendPredictionsCsv(const Prediction& prediction, std::int64_t rows, std::string& out);

}  // namespace cd4ml::serve
