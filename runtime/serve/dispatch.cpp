// Who may ask, which route is meant, and the small answers.
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "runtime/serve/worker.h"

namespace cd4ml::serve {

namespace {

using Json = nlohmann::ordered_json;

/// Takes as long for a wrong token as for a right one, whatever they share.
bool sameSecret(std::string_view given, std::string_view secret) {
  unsigned differs = given.size() == secret.size() ? 0U : 1U;
  for (std::size_t i = 0; i < secret.size(); ++i) {
    const char c = i < given.size() ? given[i] : '\0';
    differs |= static_cast<unsigned char>(c) ^ static_cast<unsigned char>(secret[i]);
  }
  return differs == 0;
}

std::string_view hostName(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, std::min(host.find(']') + 1, host.size()));
  return host.substr(0, host.find(':'));
}

/// Without a token only this machine may ask, and a page that a browser here has open must not: its name or origin tells.
bool fromHere(const Request& request, const ServerConfig& config) {
  const std::string_view name = hostName(request.host);
  const bool local = name.empty() || name == "localhost" || name == "127.0.0.1" || name == "[::1]" || name == config.host;
  return config.token.empty() ? local : true;
}

bool sameOrigin(const Request& request) {
  if (request.origin.empty()) return true;
  const std::size_t slashes = request.origin.find("//");
  return slashes != std::string_view::npos && request.origin.substr(slashes + 2) == request.host;
}

bool hasToken(const Request& request, const ServerConfig& config) {
  constexpr std::string_view bearer = "Bearer ";
  if (config.token.empty()) return true;
  return request.authorization.starts_with(bearer) && sameSecret(request.authorization.substr(bearer.size()), config.token);
}

void count(Worker& worker, Rejection reason) { worker.block().rejected[static_cast<std::size_t>(reason)].fetch_add(1, std::memory_order_relaxed); }

bool isReady(Worker& worker) {
  return !worker.core().draining.load(std::memory_order_relaxed) && worker.core().serving.load(std::memory_order_acquire) != nullptr;
}

void answerText(Exchange& exchange, std::string_view type, std::string body) {
  exchange.response.content_type = type;
  exchange.response.body = std::move(body);
}

void answerReady(Worker& worker, Exchange& exchange, std::string_view key) {
  const bool ready = isReady(worker);
  exchange.response.status = ready ? 200 : 503;
  exchange.response.body = fmt::format("{{\"{}\":{}}}", key, ready);
  if (!ready) count(worker, worker.core().draining ? Rejection::Draining : Rejection::NotReady);
}

void callHandler(Worker& worker, Exchange& exchange) {
  switch (exchange.matched.route->handler) {
    case Handler::Infer: return handleInfer(worker, exchange);
    case Handler::Invocations: return handleInvocations(worker, exchange);
    case Handler::Feedback: return handleFeedback(worker, exchange);
    case Handler::ModelMetadata: case Handler::ModelReady: return handleModel(worker, exchange);
    case Handler::ServerMetadata: case Handler::Live: case Handler::Ready: case Handler::Ping: case Handler::Version:
    case Handler::Health: case Handler::Metrics: case Handler::OpenApi: return handleServer(worker, exchange);
  }
}

}  // namespace

std::string_view protocolText(Protocol protocol) {
  switch (protocol) {
    case Protocol::V2: return "v2";
    case Protocol::Invocations: return "invocations";
    case Protocol::Feedback: return "feedback";
    case Protocol::Admin: return "admin";
  }
  return "?";
}

std::size_t codeSlot(int status) {
  for (std::size_t i = 0; i + 1 < counted_codes.size(); ++i) {
    if (counted_codes[i] == status) return i;
  }
  return counted_codes.size() - 1;
}

void answerError(Exchange& exchange, int status, std::string_view message) {
  Response& response = exchange.response;
  response.status = status;
  response.content_type = "application/json";
  response.body.clear();
  const bool mlflow = exchange.matched.route != nullptr && exchange.matched.route->handler == Handler::Invocations;
  response.body += mlflow ? (status == 503 ? R"({"error_code":"TEMPORARILY_UNAVAILABLE","message":)" : R"({"error_code":"BAD_REQUEST","message":)") : "{\"error\":";
  appendJsonText(response.body, message);
  response.body += '}';
  if (status == 503) response.headers += "Retry-After: 1\r\n";
}

void dispatch(Worker& worker, Exchange& exchange) {
  const Request& request = exchange.request;
  const ServerConfig& config = worker.core().config;
  if (!request.traceparent.empty() && request.traceparent.size() == 55) exchange.response.headers += fmt::format("traceparent: {}\r\n", request.traceparent);
  if (!fromHere(request, config)) return answerError(exchange, 403, "this server answers under its own name alone");
  if (!sameOrigin(request)) return answerError(exchange, 403, "pages of other origins are not answered");
  const bool open = exchange.matched.route != nullptr && exchange.matched.route->access == Access::Open;
  if (!open && !hasToken(request, config)) {
    count(worker, Rejection::Unauthorized);
    exchange.response.headers += "WWW-Authenticate: Bearer\r\n";
    return answerError(exchange, 401, "a token is needed: `Authorization: Bearer TOKEN`");
  }
  if (exchange.matched.route == nullptr) {
    if (!exchange.matched.path_known) return answerError(exchange, 404, "there is nothing at this address");
    exchange.response.headers += fmt::format("Allow: {}\r\n", allowedMethods(request.path));
    return answerError(exchange, 405, "this address takes another method");
  }
  if (!request.content_encoding.empty() && request.content_encoding != "identity") return answerError(exchange, 415, "compressed bodies are not taken");
  callHandler(worker, exchange);
}

void handleServer(Worker& worker, Exchange& exchange) {
  switch (exchange.matched.route->handler) {
    case Handler::ServerMetadata:
      exchange.response.body = Json{{"name", "cd4ml"}, {"version", worker.core().config.version}, {"extensions", Json::array()}}.dump();
      return;
    case Handler::Live: exchange.response.body = R"({"live":true})"; return;
    case Handler::Ready: return answerReady(worker, exchange, "ready");
    case Handler::Ping: return answerReady(worker, exchange, "ready");
    case Handler::Health: return answerReady(worker, exchange, "healthy");
    case Handler::Version: return answerText(exchange, "text/plain; charset=utf-8", worker.core().config.version);
    case Handler::Metrics: return answerText(exchange, "text/plain; version=0.0.4; charset=utf-8", metricsText(worker.core()));
    case Handler::OpenApi: exchange.response.body = openApiText(worker.core()); return;
    case Handler::Infer: case Handler::Invocations: case Handler::Feedback: case Handler::ModelMetadata: case Handler::ModelReady: break;
  }
}

}  // namespace cd4ml::serve
