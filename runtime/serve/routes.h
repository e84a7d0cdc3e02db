/// The surface as a table: what is dispatched, what is counted, and what /openapi.json says come from the same rows.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/serve/core.h"
#include "runtime/serve/http_request.h"

namespace cd4ml::serve {

enum class Handler : std::uint8_t {
  ServerMetadata, Live, Ready, ModelMetadata, ModelReady, Infer, Ping, Invocations, Version, Health, Feedback, Metrics, OpenApi,
};

/// Whether a request waits its turn, or is answered although all others wait: somebody asks how the server is.
enum class Lane : std::uint8_t { Work, Priority };
enum class Access : std::uint8_t { Open, Token };

struct Route {
  Method method;
  std::string_view path;      ///< `{model}` and `{version}` stand for one segment each
  Handler handler;
  Protocol protocol;
  Lane lane;
  Access access;
  std::string_view operation; ///< operationId
  std::string_view summary;
};
[[nodiscard]] std::span<const Route> routes();

struct Matched {
  const Route* route = nullptr;   ///< null: none has this path and method
  bool path_known = false;        ///< another method has it
  std::string_view model;
  std::string_view version;
};
/// A slash at the end of a path makes no difference; GET answers HEAD.
[[nodiscard]] Matched match(Method method, std::string_view path);
/// "GET, HEAD" for a path.
[[nodiscard]] std::string allowedMethods(std::string_view path);

}  // namespace cd4ml::serve
