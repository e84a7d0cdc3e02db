#include "runtime/exec/engine_library.h"

#include <cstdlib>
#include <filesystem>

#include <dlfcn.h>

#include <fmt/format.h>

namespace cd4ml::exec {

std::string engineLibraryPath() {
  const char* named = std::getenv("CD4ML_ENGINE");
  if (named != nullptr && *named != '\0') return named;
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  return (program.parent_path().parent_path() / "lib" / "libcd4ml_engine.so").string();
}

Result<engine::Engine*> EngineLibrary::get() {
  const std::lock_guard lock(mutex_);
  if (engine_ != nullptr) return engine_.get();
  const std::string path = engineLibraryPath();
  // The handle is kept until the process ends: the engine's libraries (Arrow, LLVM) do not unload cleanly.
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return makeError("CD5101", fmt::format("cannot open the engine `{}`: {}", path, dlerror()));
  const auto create = reinterpret_cast<engine::CreateEngine>(dlsym(library, "cd4ml_create_engine"));
  if (create == nullptr) return makeError("CD5101", fmt::format("`{}` is no engine of cd4ml", path));
  engine_.reset(create(config_));
  if (engine_ == nullptr) return makeError("CD5101", fmt::format("the engine `{}` does not start", path));
  return engine_.get();
}

}  // namespace cd4ml::exec
