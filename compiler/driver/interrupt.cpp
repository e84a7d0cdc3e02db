#include "compiler/driver/interrupt.h"

#include <csignal>
#include <cstring>

#include <unistd.h>

namespace cd4ml::driver {

namespace {

// A signal handler can reach nothing else.
std::atomic<bool> interrupted = false;

void onSignal(int) {
  if (interrupted.exchange(true)) _exit(130);
  constexpr char text[] = "\nstopping: nothing new is started (again: stop at once)\n";
  (void)!write(STDERR_FILENO, text, sizeof text - 1);
}

}  // namespace

void listenForInterrupt() {
  struct sigaction action {};
  action.sa_handler = onSignal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

std::atomic<bool>& interruptFlag() { return interrupted; }

}  // namespace cd4ml::driver
