/// The engine, opened the first time something must run.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "runtime/engine/engine.h"

namespace cd4ml::exec {

class EngineLibrary {
 public:
  explicit EngineLibrary(engine::EngineConfig config) : config_(std::move(config)) {}

  /// Opens `libcd4ml_engine.so` in `../lib` beside the program (or what CD4ML_ENGINE names); the same engine each time.
  Result<engine::Engine*> get();
  [[nodiscard]] bool opened() const { return engine_ != nullptr; }

 private:
  engine::EngineConfig config_;
  std::mutex mutex_;
  std::unique_ptr<engine::Engine> engine_;
};

/// Where the library is looked for.
[[nodiscard]] std::string engineLibraryPath();

}  // namespace cd4ml::exec
