/// Elapsed time, for people; never part of a result.
#pragma once

#include <chrono>

namespace cd4ml::exec {

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace cd4ml::exec
