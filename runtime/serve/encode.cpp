#include "runtime/serve/encode.h"

#include <cmath>

namespace cd4ml::serve {

namespace {

/// Walks rows together with the bad ones among them.
class BadCursor {
 public:
  explicit BadCursor(const Scored& scored) : bad_(scored.bad) {}
  /// The reason if `row` is bad; rows are asked for in order.
  const std::string* at(std::int64_t row) {
    while (next_ < bad_.size() && bad_[next_].row < row) ++next_;
    return next_ < bad_.size() && bad_[next_].row == row ? &bad_[next_].reason : nullptr;
  }

 private:
  const std::vector<score::BadRow>& bad_;
  std::size_t next_ = 0;
};

bool isWhole(ir::Kind target) { return target == ir::Kind::Date || target == ir::Kind::Timestamp || target == ir::Kind::Duration; }

void appendShape(std::int64_t rows, std::int64_t wide, std::string& out) {
  out += "\"shape\":[";
  appendJsonNumber(out, rows);
  if (wide > 0) {
    out += ',';
    appendJsonNumber(out, wide);
  }
  out += "],\"data\":[";
}

void appendRecord(const Prediction& prediction, std::size_t row, const std::string* reason, std::string& out) {
  const score::Predictions& said = *prediction.scored.predictions;
  const bool number = prediction.arm->task() == ir::Task::Regression;
  if (number && prediction.ask.on_error == score::OnError::Fail) return appendPrediction(*prediction.arm, said, row, out);
  out += "{\"prediction\":";
  if (reason != nullptr) out += "null";
  else appendPrediction(*prediction.arm, said, row, out);
  if (!number) {
    out += ",\"probability\":";
    if (reason != nullptr) out += "null";
    else appendJsonNumber(out, said.probability[row]);
  }
  if (prediction.ask.on_error == score::OnError::Null) {
    out += ",\"reason\":";
    if (reason == nullptr) out += "null";
    else appendJsonText(out, *reason);
  }
  out += '}';
}

void appendCsvText(std::string& out, std::string_view text) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    out += c;
    if (c == '"') out += c;
  }
  out += '"';
}

}  // namespace

std::string_view outputName(Output output) {
  switch (output) {
    case Output::Prediction: return "prediction";
    case Output::Probability: return "probability";
    case Output::Probabilities: return "probabilities";
    case Output::Reason: return "reason";
  }
  return "?";
}

std::string_view outputDatatype(Output output, const Arm& arm) {
  if (output == Output::Reason) return "BYTES";
  if (output != Output::Prediction) return "FP64";
  switch (arm.task()) {
    case ir::Task::Binary: return "BOOL";
    case ir::Task::Multiclass: return "BYTES";
    case ir::Task::Regression: break;
  }
  return isWhole(arm.bundle().model.target) ? "INT64" : "FP64";
}

std::vector<Output> outputsOf(const Arm& arm) {
  switch (arm.task()) {
    case ir::Task::Binary: return {Output::Prediction, Output::Probability};
    case ir::Task::Multiclass: return {Output::Prediction, Output::Probability, Output::Probabilities};
    case ir::Task::Regression: break;
  }
  return {Output::Prediction};
}

void appendPrediction(const Arm& arm, const score::Predictions& predictions, std::size_t row, std::string& out) {
  switch (arm.task()) {
    case ir::Task::Binary: out += predictions.label[row] != 0 ? "true" : "false"; return;
    case ir::Task::Multiclass: return appendJsonText(out, arm.bundle().model.classes[static_cast<std::size_t>(predictions.label[row])]);
    case ir::Task::Regression: break;
  }
  const double number = predictions.number[row];
  if (!isWhole(arm.bundle().model.target)) return appendJsonNumber(out, number);
  const double whole = std::nearbyint(number);
  appendJsonNumber(out, whole >= -0x1p63 && whole < 0x1p63 ? static_cast<std::int64_t>(whole) : std::int64_t{0});
}

void appendV2(const Prediction& prediction, std::int64_t rows, const std::vector<Output>& outputs, std::string& out) {
  const Arm& arm = *prediction.arm;
  const score::Predictions& said = *prediction.scored.predictions;
  out += "{\"model_name\":";
  appendJsonText(out, arm.model());
  out += ",\"model_version\":";
  appendJsonText(out, arm.version());
  out += ",\"id\":";
  appendJsonText(out, prediction.id);
  out += ",\"outputs\":[";
  bool first = true;
  for (const Output output : outputs) {
    const std::size_t wide = output == Output::Probabilities ? arm.bundle().model.classes.size() : 0;
    out += first ? "{\"name\":\"" : ",{\"name\":\"";
    first = false;
    out += outputName(output);
    out += "\",\"datatype\":\"";
    out += outputDatatype(output, arm);
    out += "\",";
    appendShape(rows, static_cast<std::int64_t>(wide), out);
    BadCursor bad(prediction.scored);
    for (std::int64_t row = 0; row < rows; ++row) {
      const auto r = static_cast<std::size_t>(row);
      const std::string* reason = bad.at(row);
      if (row > 0) out += ',';
      switch (output) {
        case Output::Reason:
          if (reason == nullptr) out += "null";
          else appendJsonText(out, *reason);
          break;
        case Output::Prediction:
          if (reason != nullptr) out += "null";
          else appendPrediction(arm, said, r, out);
          break;
        case Output::Probability:
          if (reason != nullptr) out += "null";
          else appendJsonNumber(out, said.probability[r]);
          break;
        case Output::Probabilities:
          for (std::size_t c = 0; c < wide; ++c) {
            if (c > 0) out += ',';
            if (reason != nullptr) out += "null";
            else appendJsonNumber(out, said.by_class[c * static_cast<std::size_t>(said.rows) + r]);
          }
          break;
      }
    }
    out += "]}";
  }
  out += "]}";
}

void appendPredictionsJson(const Prediction& prediction, std::int64_t rows, std::string& out) {
  BadCursor bad(prediction.scored);
  out += "{\"predictions\":[";
  for (std::int64_t row = 0; row < rows; ++row) {
    if (row > 0) out += ',';
    appendRecord(prediction, static_cast<std::size_t>(row), bad.at(row), out);
  }
  out += "]}";
}

void appendPredictionsLines(const Prediction& prediction, std::int64_t rows, std::string& out) {
  BadCursor bad(prediction.scored);
  for (std::int64_t row = 0; row < rows; ++row) {
    appendRecord(prediction, static_cast<std::size_t>(row), bad.at(row), out);
    out += '\n';
  }
}

void appendPredictionsCsv(const Prediction& prediction, std::int64_t rows, std::string& out) {
  const Arm& arm = *prediction.arm;
  const score::Predictions& said = *prediction.scored.predictions;
  BadCursor bad(prediction.scored);
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto r = static_cast<std::size_t>(row);
    const std::string* reason = bad.at(row);
    if (reason == nullptr) {
      if (arm.task() == ir::Task::Multiclass) appendCsvText(out, arm.bundle().model.classes[static_cast<std::size_t>(said.label[r])]);
      else appendPrediction(arm, said, r, out);
    }
    if (arm.task() != ir::Task::Regression) {
      out += ',';
      if (reason == nullptr) appendJsonNumber(out, said.probability[r]);
    }
    if (prediction.ask.on_error == score::OnError::Null) {
      out += ',';
      if (reason != nullptr) appendCsvText(out, *reason);
    }
    out += '\n';
  }
}

}  // namespace cd4ml::serve
