#include <chrono>
#include <utility>

#include "runtime/learn/algorithms.h"

namespace cd4ml::learn {

namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace

PhaseClock::PhaseClock(const TrainContext& context, std::string phase) : context_(context), phase_(std::move(phase)), start_(now()) {}

PhaseClock::~PhaseClock() {
  if (context_.phase) context_.phase(phase_, now() - start_);
}

}  // namespace cd4ml::learn
