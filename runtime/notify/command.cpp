#include <chrono>

#include "runtime/notify/channel.h"
#include "runtime/process/run_program.h"

namespace cd4ml::notify {

namespace {

constexpr auto time_limit = std::chrono::seconds(30);

}  // namespace

/// The program's output goes to our standard error: results are on our standard output.
Attempt attemptCommand(const track::Message& message) {
  if (message.argv.empty()) return {track::Outcome::GivenUp, "the command has no words"};
  const process::Program program{.argv = message.argv, .input = message.body + "\n", .limit = time_limit};
  const process::Outcome outcome = process::run(program);
  return {outcome.ok() ? track::Outcome::Delivered : track::Outcome::Retry, process::outcomeText(outcome, program)};
}

}  // namespace cd4ml::notify
