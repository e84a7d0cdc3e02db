// The one exported symbol of libcd4ml_serve.so.
#include <memory>

#include "runtime/serve/server_impl.h"

extern "C" __attribute__((visibility("default"))) cd4ml::serve::Server* cd4ml::serve::cd4ml_create_server(
    const cd4ml::serve::ServerConfig& config) {
  return std::make_unique<cd4ml::serve::ServerImpl>(config).release();
}
