/// Ctrl-C: once, nothing new is started and the state is left valid; twice, the process ends at once.
#pragma once

#include <atomic>

namespace cd4ml::driver {

/// Begins to listen; before it, Ctrl-C ends the process as always.
void listenForInterrupt();
/// True from the first Ctrl-C on.
[[nodiscard]] std::atomic<bool>& interruptFlag();

}  // namespace cd4ml::driver
