// `serve`: HTTP answers by the champion of a deploy, or by a bundle file.
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "compiler/driver/interrupt.h"
#include "compiler/driver/opened.h"
#include "compiler/driver/serve_library.h"
#include "compiler/driver/version.h"
#include "runtime/exec/engine_library.h"

namespace cd4ml::driver {

namespace {

/// --port, else what SageMaker's container contract says, else 8080.
Result<int> portOf(const Arguments& arguments) {
  if (arguments.port) return *arguments.port;
  const char* asked = std::getenv("SAGEMAKER_BIND_TO_PORT");
  if (asked == nullptr || *asked == '\0') return 8080;
  const std::string_view text = asked;
  int port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure == std::errc{} && end == text.data() + text.size() && port > 0 && port < 65'536) return port;
  return makeError("CD4101", fmt::format("SAGEMAKER_BIND_TO_PORT is `{}`, which is no port", text));
}

Result<serve::ServerConfig> configOf(const Arguments& arguments, const Console& console) {
  serve::ServerConfig config;
  config.host = arguments.host;
  CD4ML_TRY(config.port, portOf(arguments));
  if (const char* token = std::getenv("CD4ML_SERVE_TOKEN"); token != nullptr) config.token = token;
  config.threads = arguments.jobs > 0 ? arguments.jobs : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const std::string version = versionLine();
  config.version = version.substr(version.find(' ') + 1, version.find('\n') - version.find(' ') - 1);
  config.stop = &interruptFlag();
  config.log = [&console](const std::string& line) { console.note(line + "\n"); };
  config.listening = [&console](const std::string& address) { console.note(fmt::format("listening at http://{}\n", address)); };
  return config;
}

Result<int> serveUntilStopped(const serve::ServerConfig& config) {
  CD4ML_TRY(const std::unique_ptr<serve::Server> server, openServer(config));
  CD4ML_TRY_VOID(server->run());
  return Ok;
}

Result<int> serveBundle(const Arguments& arguments, const Console& console) {
  CD4ML_TRY(serve::ServerConfig config, configOf(arguments, console));
  config.bundle = arguments.names[0];
  return serveUntilStopped(config);
}

/// The named deploy, or the only one.
Result<ir::NodeId> deployOf(const Arguments& arguments, const ir::Pipeline& pipeline) {
  if (!arguments.names.empty()) {
    CD4ML_TRY(const ir::NodeId node, findNode(pipeline, arguments.names[0]));
    if (std::holds_alternative<ir::Deploy>(pipeline[node].body)) return node;
    return makeError("CD6005", fmt::format("`{}` is a {}, not a deploy", arguments.names[0], ir::kindText(pipeline[node])));
  }
  std::vector<ir::NodeId> deploys;
  for (std::uint32_t n = 0; n < pipeline.nodes.size(); ++n) {
    if (std::holds_alternative<ir::Deploy>(pipeline.nodes[n].body)) deploys.push_back({n});
  }
  if (deploys.size() == 1) return deploys[0];
  if (deploys.empty()) return makeError("CD6005", fmt::format("`{}` has no deploy to serve", pipeline.name));
  Error error = makeError("CD4101", "which deploy?");
  for (const ir::NodeId node : deploys) error.help.push_back(fmt::format("cd4mlc serve {}", pipeline[node].name));
  return error;
}

}  // namespace

int cmdServe(const Arguments& arguments, const Console& console) {
  listenForInterrupt();
  if (arguments.names.size() > 1) {
    console.problem(makeError("CD4101", "one server serves one deploy: `cd4mlc serve DEPLOY|BUNDLE`"));
    return Wrong;
  }
  if (!arguments.names.empty() && std::filesystem::path(arguments.names[0]).extension() == ".cd4mb") {
    const Result<int> code = serveBundle(arguments, console);
    if (code.ok()) return *code;
    console.problem(code.error());
    return exitCodeOf(code.error());
  }
  return withProject(arguments, console, [&](Opened& opened) -> Result<int> {
    CD4ML_TRY(const ir::NodeId node, deployOf(arguments, opened.compilation.pipeline));
    const auto& deploy = std::get<ir::Deploy>(opened.compilation.pipeline[node].body);
    CD4ML_TRY(serve::ServerConfig config, configOf(arguments, console));
    config.scope = opened.scope;
    config.deploy = opened.compilation.pipeline[node].name;
    config.state = opened.project.state;
    config.capture = deploy.capture;
    exec::EngineLibrary library(engine::EngineConfig{.cas = nullptr, .object_cache = {}, .threads = 1});
    config.engine = [&library] { return library.get(); };
    return serveUntilStopped(config);
  });
}

}  // namespace cd4ml::driver
