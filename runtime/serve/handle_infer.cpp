// Open Inference Protocol V2: metadata and inference.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/serve/encode.h"
#include "runtime/serve/media_type.h"
#include "runtime/serve/predict_request.h"

namespace cd4ml::serve {

namespace {

using Json = nlohmann::ordered_json;

std::string_view datatypeOf(ir::Kind kind) {
  switch (kind) {
    case ir::Kind::Int: return "INT64";
    case ir::Kind::Float: return "FP64";
    case ir::Kind::Bool: return "BOOL";
    case ir::Kind::Error: case ir::Kind::Null: case ir::Kind::Vector: case ir::Kind::Text: case ir::Kind::Category:
    case ir::Kind::Date: case ir::Kind::Timestamp: case ir::Kind::Duration: break;
  }
  return "BYTES";
}

/// A model is addressed by its own name or by the deploy's.
bool isNamed(const Core& core, const Serving& serving, std::string_view name) {
  return name == serving.champion->model() || (!core.config.deploy.empty() && name == core.config.deploy);
}

Json tensor(std::string_view name, std::string_view datatype, std::vector<std::int64_t> shape) {
  return {{"name", name}, {"datatype", datatype}, {"shape", std::move(shape)}};
}

std::string metadata(const Serving& serving, const Arm& arm) {
  Json versions = Json::array({serving.champion->version()});
  if (serving.challenger != nullptr) versions.push_back(serving.challenger->version());
  Json inputs = Json::array();
  for (const ir::Column& input : arm.bundle().program.inputs) inputs.push_back(tensor(input.name, datatypeOf(input.type.kind), {-1}));
  Json outputs = Json::array();
  for (const Output output : outputsOf(arm)) {
    std::vector<std::int64_t> shape{-1};
    if (output == Output::Probabilities) shape.push_back(static_cast<std::int64_t>(arm.bundle().model.classes.size()));
    outputs.push_back(tensor(outputName(output), outputDatatype(output, arm), shape));
  }
  return Json{{"name", arm.model()}, {"versions", versions}, {"platform", "cd4ml_bundle"}, {"inputs", inputs}, {"outputs", outputs}}.dump();
}

/// The outputs a request asks for.
Rejected chooseOutputs(const Prediction& prediction, std::vector<Output>& out) {
  const std::vector<Output> all = outputsOf(*prediction.arm);
  out = all;
  if (!prediction.ask.outputs.empty()) out.clear();
  for (const std::string_view name : prediction.ask.outputs) {
    const auto found = std::find_if(all.begin(), all.end(), [&](Output each) { return outputName(each) == name; });
    if (found == all.end()) return reject(fmt::format("the model has no output `{}`", shownName(name)));
    out.push_back(*found);
  }
  if (prediction.ask.on_error == score::OnError::Null) out.push_back(Output::Reason);
  return std::nullopt;
}

}  // namespace

std::string_view parseProblem(simdjson::error_code error) {
  switch (error) {
    case simdjson::DEPTH_ERROR: return "the body is nested too deep";
    case simdjson::UTF8_ERROR: return "the body is no UTF-8";
    case simdjson::NUMBER_ERROR: return "a number in the body is beyond the range of numbers";
    case simdjson::EMPTY: return "the body is empty";
    default: return "the body is no JSON";
  }
}

void handleModel(Worker& worker, Exchange& exchange) {
  const std::shared_ptr<const Serving> serving = worker.core().serving.load(std::memory_order_acquire);
  if (serving == nullptr) return answerError(exchange, 503, "no model is loaded yet");
  if (!isNamed(worker.core(), *serving, exchange.matched.model)) return answerError(exchange, 404, "there is no model of this name");
  const Arm* arm = serving->champion.get();
  const std::string_view version = exchange.matched.version;
  if (!version.empty() && version != arm->version()) {
    arm = serving->challenger.get();
    if (arm == nullptr || version != arm->version()) return answerError(exchange, 404, "this version is not loaded");
  }
  if (exchange.matched.route->handler == Handler::ModelMetadata) {
    exchange.response.body = metadata(*serving, *arm);
    return;
  }
  const bool ready = !worker.core().draining.load(std::memory_order_relaxed);
  exchange.response.status = ready ? 200 : 503;
  exchange.response.body = ready ? R"({"ready":true})" : R"({"ready":false})";
}

void handleInfer(Worker& worker, Exchange& exchange) {
  const std::shared_ptr<const Serving> serving = worker.core().serving.load(std::memory_order_acquire);
  if (serving == nullptr) return answerError(exchange, 503, "no model is loaded yet");
  if (!isNamed(worker.core(), *serving, exchange.matched.model)) return answerError(exchange, 404, "there is no model of this name");
  const MediaType type = mediaType(exchange.request.content_type);
  if (type != MediaType::Json && !(type == MediaType::None && exchange.request.content_type.empty()) && type != MediaType::Binary) return answerError(exchange, 415, "inference takes application/json");
  if (!exchange.request.tensor_length.empty() || type == MediaType::Binary) return answerError(exchange, 415, "binary tensors are not taken yet: send the data as JSON");
  const auto decode = [&](Decoder& decoder, score::RowBatch& batch, Ask& ask) -> Rejected {
    simdjson::dom::element body;
    const auto error = worker.parser().parse(exchange.request.body.data(), exchange.request.body.size(), false).get(body);
    if (error != simdjson::SUCCESS) return reject(std::string(parseProblem(error)));
    return decoder.v2(body, batch, ask);
  };
  Prediction prediction;
  if (!predictRequest(worker, exchange, exchange.matched.version, decode, prediction)) return;
  std::vector<Output> outputs;
  if (const Rejected bad = chooseOutputs(prediction, outputs)) return answerError(exchange, bad->status, bad->message);
  appendV2(prediction, prediction.scored.predictions->rows, outputs, exchange.response.body);
}

}  // namespace cd4ml::serve
