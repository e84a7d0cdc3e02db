// `/openapi.json` (3.1), of the table of routes and the inputs of the model that serves.
#include <nlohmann/json.hpp>

#include "runtime/serve/encode.h"
#include "runtime/serve/routes.h"

namespace cd4ml::serve {

namespace {

using Json = nlohmann::ordered_json;

Json reference(std::string_view name) { return {{"$ref", "#/components/schemas/" + std::string(name)}}; }
Json content(std::string_view type, Json schema) { return {{std::string(type), {{"schema", std::move(schema)}}}}; }
Json answer(std::string_view description, std::string_view type, Json schema) { return {{"description", description}, {"content", content(type, std::move(schema))}}; }

/// A value of a column as JSON.
Json valueSchema(const ir::Column& column) {
  Json schema;
  switch (column.type.kind) {
    case ir::Kind::Int: schema = {{"type", "integer"}, {"minimum", std::numeric_limits<std::int32_t>::min()}, {"maximum", std::numeric_limits<std::int32_t>::max()}}; break;
    case ir::Kind::Float: schema = {{"type", "number"}}; break;
    case ir::Kind::Bool: schema = {{"type", "boolean"}}; break;
    case ir::Kind::Date: schema = {{"type", "string"}, {"format", "date"}}; break;
    case ir::Kind::Timestamp: schema = {{"type", "string"}, {"format", "date-time"}}; break;
    case ir::Kind::Duration: schema = {{"type", "string"}, {"pattern", "^-?[0-9]{1,6}(us|ms|s|min|h|d)$"}}; break;
    case ir::Kind::Category:
      schema = {{"type", "string"}};
      if (column.type.levels != nullptr) schema["enum"] = *column.type.levels;
      break;
    case ir::Kind::Text: case ir::Kind::Error: case ir::Kind::Null: case ir::Kind::Vector: schema = {{"type", "string"}}; break;
  }
  if (!column.type.unit.empty()) schema["description"] = "in " + column.type.unit;
  if (!column.type.nullable) return schema;
  return {{"anyOf", Json::array({schema, {{"type", "null"}}})}};
}

std::string_view datatypeOf(ir::Kind kind) { return kind == ir::Kind::Int ? "INT64" : kind == ir::Kind::Float ? "FP64" : kind == ir::Kind::Bool ? "BOOL" : "BYTES"; }

Json closedObject(Json properties, Json required) {
  return {{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}, {"additionalProperties", false}};
}

Json recordSchema(const std::vector<ir::Column>& inputs) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const ir::Column& input : inputs) {
    properties[input.name] = valueSchema(input);
    required.push_back(input.name);
  }
  return closedObject(std::move(properties), std::move(required));
}

Json parametersSchema() {
  return {{"type", "object"}, {"properties", {{"on_error", {{"enum", {"fail", "null"}}}}, {"unknown_columns", {{"enum", {"reject", "ignore"}}}}, {"key", {{"type", "string"}}}}}};
}

/// One row, as this schema can say it: JSON Schema cannot say that all tensors have as many values as the first.
Json inferSchema(const std::vector<ir::Column>& inputs) {
  Json tensors = Json::array();
  for (const ir::Column& input : inputs) {
    const Json data{{"type", "array"}, {"items", valueSchema(input)}, {"minItems", 1}, {"maxItems", 1}};
    tensors.push_back(closedObject({{"name", {{"const", input.name}}}, {"datatype", {{"const", datatypeOf(input.type.kind)}}}, {"shape", {{"const", {1}}}}, {"data", data}},
                                   {"name", "shape", "datatype", "data"}));
  }
  const Json list{{"type", "array"}, {"prefixItems", tensors}, {"items", false}, {"minItems", inputs.size()}, {"maxItems", inputs.size()},
                  {"description", "one tensor a column, in any order; here with one row, any number of rows is taken"}};
  Json schema = closedObject({{"id", {{"type", "string"}, {"maxLength", 256}}}, {"parameters", parametersSchema()}, {"inputs", list}}, {"inputs"});
  return schema;
}

Json invocationsSchema(const std::vector<ir::Column>& inputs) {
  Json names = Json::array();
  Json row = Json::array();
  for (const ir::Column& input : inputs) {
    names.push_back(input.name);
    row.push_back(valueSchema(input));
  }
  const Json rows{{"type", "array"}, {"minItems", 1}, {"maxItems", 1000}, {"items", {{"type", "array"}, {"prefixItems", row}, {"items", false}, {"minItems", inputs.size()}, {"maxItems", inputs.size()}}}};
  const Json records{{"type", "array"}, {"minItems", 1}, {"maxItems", 1000}, {"items", reference("Record")}};
  const Json split = closedObject({{"columns", {{"const", names}}}, {"data", rows}}, {"columns", "data"});
  const auto shape = [&](std::string_view key, const Json& schema) { return closedObject({{std::string(key), schema}, {"params", parametersSchema()}}, {std::string(key)}); };
  return {{"oneOf", Json::array({shape("dataframe_split", split), shape("dataframe_records", records), shape("instances", records), shape("instances", rows)})}};
}

Json schemas(const Arm& arm) {
  const auto& inputs = arm.bundle().program.inputs;
  const Json label{{"anyOf", Json::array({{{"type", "boolean"}}, {{"type", "number"}}, {{"type", "string"}}})}};
  const Json id{{"type", "string"}, {"minLength", 1}, {"maxLength", 300}};
  const Json at{{"type", "string"}, {"format", "date-time"}};
  const Json item = closedObject({{"id", id}, {"label", label}, {"at", at}}, {"id", "label"});
  const Json one = closedObject({{"id", id}, {"label", label}, {"at", at}, {"replace", {{"type", "boolean"}}}}, {"id", "label"});
  Json out;
  out["Error"] = {{"type", "object"}, {"properties", {{"error", {{"type", "string"}}}}}, {"required", {"error"}}};
  out["InvocationsError"] = {{"type", "object"}, {"properties", {{"error_code", {{"type", "string"}}}, {"message", {{"type", "string"}}}, {"error", {{"type", "string"}}}}}};
  out["Record"] = recordSchema(inputs);
  out["InferRequest"] = inferSchema(inputs);
  out["Tensor"] = {{"type", "object"}, {"required", {"name", "datatype", "shape"}}, {"properties", {{"name", {{"type", "string"}}}, {"datatype", {{"type", "string"}}}, {"shape", {{"type", "array"}, {"items", {{"type", "integer"}}}}}, {"data", {{"type", "array"}}}}}};
  const Json tensors{{"type", "array"}, {"items", reference("Tensor")}};
  out["InferResponse"] = {{"type", "object"}, {"required", {"model_name", "outputs"}}, {"properties", {{"model_name", {{"type", "string"}}}, {"model_version", {{"type", "string"}}}, {"id", {{"type", "string"}}}, {"outputs", tensors}}}};
  out["ModelMetadata"] = {{"type", "object"}, {"required", {"name", "platform", "inputs", "outputs"}}, {"properties", {{"name", {{"type", "string"}}}, {"versions", {{"type", "array"}, {"items", {{"type", "string"}}}}}, {"platform", {{"type", "string"}}}, {"inputs", tensors}, {"outputs", tensors}}}};
  out["InvocationsRequest"] = invocationsSchema(inputs);
  out["Predictions"] = {{"type", "object"}, {"required", {"predictions"}}, {"properties", {{"predictions", {{"type", "array"}}}}}};
  out["FeedbackRequest"] = {{"oneOf", Json::array({closedObject({{"labels", {{"type", "array"}, {"minItems", 1}, {"maxItems", 1000}, {"items", item}}}, {"replace", {{"type", "boolean"}}}}, {"labels"}), one})}};
  out["FeedbackResponse"] = {{"type", "object"}, {"required", {"stored", "known"}}, {"properties", {{"stored", {{"type", "integer"}}}, {"known", {{"type", "integer"}}}}}};
  return out;
}

Json flag(std::string_view name) { return {{"type", "object"}, {"required", {name}}, {"properties", {{std::string(name), {{"type", "boolean"}}}}}}; }

/// Bodies and answers of a handler; exhaustive, so a new route cannot be left out.
void describe(Handler handler, Json& operation) {
  Json& answers = operation["responses"];
  const auto body = [&](std::string_view schema) { operation["requestBody"] = {{"required", true}, {"content", content("application/json", reference(schema))}}; };
  const auto refusals = [&](std::initializer_list<std::string_view> codes, std::string_view schema) {
    for (const std::string_view code : codes) answers[std::string(code)] = answer("refused; the message says why", "application/json", reference(schema));
  };
  switch (handler) {
    case Handler::ServerMetadata: answers["200"] = answer("name, version, extensions", "application/json", {{"type", "object"}, {"required", {"name", "version", "extensions"}}}); return;
    case Handler::Live: answers["200"] = answer("alive", "application/json", flag("live")); return;
    case Handler::Ready: case Handler::Ping: case Handler::ModelReady:
      answers["200"] = answer("ready", "application/json", flag("ready"));
      answers["503"] = answer("not ready", "application/json", flag("ready"));
      if (handler == Handler::ModelReady) refusals({"404"}, "Error");
      return;
    case Handler::Health:
      answers["200"] = answer("healthy", "application/json", flag("healthy"));
      answers["503"] = answer("not healthy", "application/json", flag("healthy"));
      return;
    case Handler::Version: answers["200"] = answer("the version", "text/plain", {{"type", "string"}}); return;
    case Handler::ModelMetadata:
      answers["200"] = answer("inputs and outputs", "application/json", reference("ModelMetadata"));
      refusals({"404", "503"}, "Error");
      return;
    case Handler::Infer:
      body("InferRequest");
      answers["200"] = answer("predictions", "application/json", reference("InferResponse"));
      refusals({"400", "404", "413", "415", "503"}, "Error");
      return;
    case Handler::Invocations:
      body("InvocationsRequest");
      answers["200"] = answer("predictions", "application/json", reference("Predictions"));
      refusals({"400", "406", "413", "415", "503"}, "InvocationsError");
      return;
    case Handler::Feedback:
      body("FeedbackRequest");
      answers["200"] = answer("stored", "application/json", reference("FeedbackResponse"));
      refusals({"400", "409", "413", "415", "501", "503"}, "Error");
      return;
    case Handler::Metrics: answers["200"] = answer("Prometheus text", "text/plain", {{"type", "string"}}); return;
    case Handler::OpenApi: answers["200"] = answer("this page", "application/json", {{"type", "object"}}); return;
  }
}

}  // namespace

std::string openApiText(const Core& core) {
  const std::shared_ptr<const Serving> serving = core.serving.load(std::memory_order_acquire);
  Json page{{"openapi", "3.1.0"}, {"info", {{"title", "cd4ml"}, {"version", core.config.version}, {"description", "Predictions of a model that passed its gate."}}}};
  Json& paths = page["paths"] = Json::object();
  for (const Route& route : routes()) {
    Json operation{{"operationId", route.operation}, {"summary", route.summary}, {"responses", Json::object()}};
    describe(route.handler, operation);
    for (const auto& [name, value] : {std::pair{"model", serving->champion->model()}, std::pair{"version", serving->champion->version()}}) {
      if (route.path.find("{" + std::string(name) + "}") == std::string_view::npos) continue;
      operation["parameters"].push_back({{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}, {"enum", {value}}}}});
    }
    if (route.access == Access::Token && !core.config.token.empty()) {
      operation["security"] = Json::array({{{"token", Json::array()}}});
      operation["responses"]["401"] = answer("a token is needed", "application/json", reference("Error"));
    }
    std::string method(methodText(route.method));
    for (char& c : method) c = static_cast<char>(c + 32);
    paths[std::string(route.path)][method] = std::move(operation);
  }
  page["components"]["schemas"] = schemas(*serving->champion);
  if (!core.config.token.empty()) page["components"]["securitySchemes"]["token"] = {{"type", "http"}, {"scheme", "bearer"}};
  return page.dump();
}

}  // namespace cd4ml::serve
