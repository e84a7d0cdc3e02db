/// A system library that is opened when it is first needed, because linking libcurl alone would cost every start of
/// the command line 3 ms (measured), and almost no command sends anything.
#pragma once

#include <string>

#include "base/result.h"

namespace cd4ml::notify {

class SharedLibrary {
 public:
  /// Opens `name` ("libcurl.so.4"); stays open until the process ends, since such libraries do not unload cleanly.
  static Result<SharedLibrary> open(const std::string& name);
  /// Finds the function `name`, or says that it is not there.
  template <class Function>
  Status load(const char* name, Function*& function) const {
    CD4ML_TRY(void* address, symbol(name));
    function = reinterpret_cast<Function*>(address);
    return Done{};
  }

 private:
  SharedLibrary(std::string name, void* handle) : name_(std::move(name)), handle_(handle) {}
  Result<void*> symbol(const char* name) const;

  std::string name_;
  void* handle_;
};

}  // namespace cd4ml::notify
