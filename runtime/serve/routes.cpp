#include "runtime/serve/routes.h"

namespace cd4ml::serve {

namespace {

constexpr std::array rows{
    Route{Method::Get, "/v2", Handler::ServerMetadata, Protocol::V2, Lane::Priority, Access::Token, "serverMetadata", "the server and what it speaks"},
    Route{Method::Get, "/v2/health/live", Handler::Live, Protocol::V2, Lane::Priority, Access::Open, "serverLive", "whether the process lives"},
    Route{Method::Get, "/v2/health/ready", Handler::Ready, Protocol::V2, Lane::Priority, Access::Open, "serverReady", "whether it takes requests"},
    Route{Method::Get, "/v2/models/{model}", Handler::ModelMetadata, Protocol::V2, Lane::Priority, Access::Token, "modelMetadata", "inputs and outputs of the model"},
    Route{Method::Get, "/v2/models/{model}/versions/{version}", Handler::ModelMetadata, Protocol::V2, Lane::Priority, Access::Token, "modelVersionMetadata", "inputs and outputs of a version"},
    Route{Method::Get, "/v2/models/{model}/ready", Handler::ModelReady, Protocol::V2, Lane::Priority, Access::Token, "modelReady", "whether the model takes requests"},
    Route{Method::Get, "/v2/models/{model}/versions/{version}/ready", Handler::ModelReady, Protocol::V2, Lane::Priority, Access::Token, "modelVersionReady", "whether a version takes requests"},
    Route{Method::Post, "/v2/models/{model}/infer", Handler::Infer, Protocol::V2, Lane::Work, Access::Token, "infer", "predictions for rows, one tensor a column"},
    Route{Method::Post, "/v2/models/{model}/versions/{version}/infer", Handler::Infer, Protocol::V2, Lane::Work, Access::Token, "inferVersion", "the same by one version, whatever is routed"},
    Route{Method::Get, "/ping", Handler::Ping, Protocol::Invocations, Lane::Priority, Access::Open, "ping", "SageMaker's health check"},
    Route{Method::Post, "/invocations", Handler::Invocations, Protocol::Invocations, Lane::Work, Access::Token, "invocations", "predictions: MLflow's JSON, CSV, JSON lines"},
    Route{Method::Get, "/version", Handler::Version, Protocol::Invocations, Lane::Priority, Access::Open, "version", "the version of cd4ml, as text"},
    Route{Method::Get, "/health", Handler::Health, Protocol::Invocations, Lane::Priority, Access::Open, "health", "MLflow's health check"},
    Route{Method::Post, "/v1/feedback", Handler::Feedback, Protocol::Feedback, Lane::Work, Access::Token, "feedback", "labels by prediction id"},
    Route{Method::Get, "/metrics", Handler::Metrics, Protocol::Admin, Lane::Priority, Access::Token, "metrics", "counters for Prometheus"},
    Route{Method::Get, "/openapi.json", Handler::OpenApi, Protocol::Admin, Lane::Priority, Access::Token, "openapi", "this surface, for machines"},
};

std::string_view takeSegment(std::string_view& path) {
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return segment;
}

bool fits(std::string_view pattern, std::string_view path, Matched& out) {
  out.model = out.version = {};
  pattern.remove_prefix(1);
  path.remove_prefix(1);
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = takeSegment(pattern);
    const std::string_view given = takeSegment(path);
    if (wanted == "{model}") out.model = given;
    else if (wanted == "{version}") out.version = given;
    else if (wanted != given) return false;
    if (given.empty()) return false;
  }
  return pattern.empty() && path.empty();
}

std::string_view withoutSlash(std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

}  // namespace

std::span<const Route> routes() { return rows; }

Matched match(Method method, std::string_view path) {
  Matched out;
  path = withoutSlash(path);
  if (path.empty() || path[0] != '/') return out;
  for (const Route& route : rows) {
    Matched each;
    if (!fits(route.path, path, each)) continue;
    out.path_known = true;
    if (route.method != method && !(route.method == Method::Get && method == Method::Head)) continue;
    out.route = &route;
    out.model = each.model;
    out.version = each.version;
    return out;
  }
  return out;
}

std::string allowedMethods(std::string_view path) {
  std::string out;
  path = withoutSlash(path);
  for (const Route& route : rows) {
    Matched each;
    if (path.empty() || path[0] != '/' || !fits(route.path, path, each)) continue;
    out += out.empty() ? "" : ", ";
    out += methodText(route.method);
    if (route.method == Method::Get) out += ", HEAD";
  }
  return out;
}

}  // namespace cd4ml::serve
