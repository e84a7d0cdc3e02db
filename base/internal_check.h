/// The check for our own bugs. A user's mistake or a broken environment must never reach it.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace cd4ml {

/// Exit code 70: internal error.
[[noreturn]] inline void internalError(const char* what, const char* file, int line) {
  std::fprintf(stderr, "internal error CD9001, please report: %s (%s:%d)\n", what, file, line);
  std::fflush(stderr);
  std::_Exit(70);
}

}  // namespace cd4ml

#define CD4ML_CHECK(condition) \
  (static_cast<bool>(condition) ? void(0) : ::cd4ml::internalError(#condition, __FILE__, __LINE__))
#define CD4ML_UNREACHABLE(what) ::cd4ml::internalError(what, __FILE__, __LINE__)
