#include "compiler/driver/serve_library.h"

#include <cstdlib>
#include <filesystem>

#include <dlfcn.h>

#include <fmt/format.h>

namespace cd4ml::driver {

Result<std::unique_ptr<serve::Server>> openServer(const serve::ServerConfig& config) {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  std::string path = (program.parent_path().parent_path() / "lib" / "libcd4ml_serve.so").string();
  if (const char* named = std::getenv("CD4ML_SERVE"); named != nullptr && *named != '\0') path = named;
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);  // kept until the process ends
  if (library == nullptr) return makeError("CD5707", fmt::format("cannot open the server `{}`: {}", path, dlerror()));
  const auto create = reinterpret_cast<serve::CreateServer>(dlsym(library, "cd4ml_create_server"));
  if (create == nullptr) return makeError("CD5707", fmt::format("`{}` is no server of cd4ml", path));
  return std::unique_ptr<serve::Server>(create(config));
}

}  // namespace cd4ml::driver
