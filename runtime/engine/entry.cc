// The one exported symbol of libcd4ml_engine.so.
#include <memory>

#include "runtime/engine/engine_impl.h"

extern "C" __attribute__((visibility("default"))) cd4ml::engine::Engine* cd4ml::engine::cd4ml_create_engine(
    const cd4ml::engine::EngineConfig& config) {
  return std::make_unique<cd4ml::engine::EngineImpl>(config).release();
}
