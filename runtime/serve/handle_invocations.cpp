// `/invocations`, as MLflow's scoring server and SageMaker's containers take it.
#include <fmt/format.h>

#include "runtime/serve/encode.h"
#include "runtime/serve/media_type.h"
#include "runtime/serve/predict_request.h"

namespace cd4ml::serve {

void handleInvocations(Worker& worker, Exchange& exchange) {
  const Request& request = exchange.request;
  MediaType type = mediaType(request.content_type);
  if (type == MediaType::None) type = MediaType::Json;
  if (type == MediaType::Binary || type == MediaType::Other) return answerError(exchange, 415, "the body has to be application/json, application/jsonlines or text/csv, in UTF-8");
  const MediaType wanted = acceptedType(request.accept, type);
  if (wanted == MediaType::None) return answerError(exchange, 406, "answers are application/json, application/jsonlines or text/csv");
  const auto decode = [&](Decoder& decoder, score::RowBatch& batch, Ask& ask) -> Rejected {
    if (request.body.empty()) return reject("the body is empty");
    if (type == MediaType::Csv) return decoder.csv(request.body, batch, ask);
    if (type == MediaType::JsonLines) return decoder.jsonLines(request.body, worker.parser(), batch, ask);
    simdjson::dom::element body;
    const auto error = worker.parser().parse(request.body.data(), request.body.size(), false).get(body);
    if (error != simdjson::SUCCESS) return reject(std::string(parseProblem(error)));
    return decoder.mlflow(body, batch, ask);
  };
  Prediction prediction;
  if (!predictRequest(worker, exchange, {}, decode, prediction)) return;
  const std::int64_t rows = prediction.scored.predictions->rows;
  exchange.response.content_type = mediaTypeText(wanted);
  std::string id;
  for (const char c : prediction.id) id += static_cast<unsigned char>(c) < 0x7f ? c : '?';
  exchange.response.headers += fmt::format("X-Prediction-Id: {}\r\nX-Model: {}\r\n", id, prediction.arm->label());
  switch (wanted) {
    case MediaType::JsonLines: return appendPredictionsLines(prediction, rows, exchange.response.body);
    case MediaType::Csv: return appendPredictionsCsv(prediction, rows, exchange.response.body);
    case MediaType::None: case MediaType::Json: case MediaType::Binary: case MediaType::Other: break;
  }
  appendPredictionsJson(prediction, rows, exchange.response.body);
}

}  // namespace cd4ml::serve
