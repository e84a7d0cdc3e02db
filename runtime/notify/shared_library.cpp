#include "runtime/notify/shared_library.h"

#include <dlfcn.h>

#include <fmt/format.h>

namespace cd4ml::notify {

Result<SharedLibrary> SharedLibrary::open(const std::string& name) {
  void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return makeError("CD6002", fmt::format("cannot open `{}`, which sending needs: {}", name, dlerror()));
  return SharedLibrary(name, handle);
}

Result<void*> SharedLibrary::symbol(const char* name) const {
  void* address = dlsym(handle_, name);
  if (address == nullptr) return makeError("CD6002", fmt::format("`{}` has no function `{}`", name_, name));
  return address;
}

}  // namespace cd4ml::notify
