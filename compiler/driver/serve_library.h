/// The server's library, opened when `serve` runs: until then the front pays nothing for it.
#pragma once

#include <memory>

#include "base/result.h"
#include "runtime/serve/server.h"

namespace cd4ml::driver {

/// Opens `libcd4ml_serve.so` in `../lib` beside the program (or what CD4ML_SERVE names) and makes a server. CD5707.
[[nodiscard]] Result<std::unique_ptr<serve::Server>> openServer(const serve::ServerConfig& config);

}  // namespace cd4ml::driver
