// cd4mlc: takes the command line apart, calls the command, returns its exit code.
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "compiler/driver/arguments.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/console.h"
#include "compiler/driver/version.h"

namespace cd4ml::driver {

namespace {

using Command = int (*)(const Arguments&, const Console&);

constexpr std::pair<std::string_view, Command> commands[] = {
    {"agent", cmdAgent},   {"approve", cmdApprove}, {"pause", cmdPause},   {"reject", cmdReject},
    {"audit", cmdAudit},   {"check", cmdCheck},     {"completion", cmdCompletion}, {"deploy", cmdDeploy},
    {"doctor", cmdDoctor}, {"explain", cmdExplain}, {"init", cmdInit},             {"models", cmdModels},
    {"monitor", cmdMonitor}, {"notify", cmdNotify}, {"params", cmdParams},   {"pin", cmdPin},               {"plan", cmdPlan},
    {"promote", cmdPromote}, {"report", cmdReport}, {"rollback", cmdRollback}, {"run", cmdRun},           {"runs", cmdRuns},
    {"score", cmdScore},   {"serve", cmdServe},   {"show", cmdShow},       {"test", cmdTest},         {"why", cmdWhy},
};

int dispatch(const Arguments& arguments) {
  const Console console(arguments);
  for (const auto& [name, command] : commands) {
    if (name == arguments.command) return command(arguments, console);
  }
  CD4ML_UNREACHABLE("a command row without a command");
}

/// The trainer's threads wait for each other thousands of times a tree. By default they spin for milliseconds before they
/// sleep, which on a busy machine takes from the very thread they wait for: 11 s in place of 1 s was measured. Read when
/// the engine is opened; who sets either variable decides for himself.
void waitBriefly() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "10000", 0);
}

}  // namespace

}  // namespace cd4ml::driver

int main(int count, char** words) {
  using namespace cd4ml::driver;
  // Asked for by scripts at every turn: answered before anything is built up.
  if (count == 2 && std::string_view(words[1]) == "--version") {
    std::fputs(versionLine().c_str(), stdout);
    return Ok;
  }
  const cd4ml::Result<Parsed> parsed = parseArguments(count, words);
  if (!parsed.ok()) {
    Console(Arguments{}).problem(parsed.error());
    return Wrong;
  }
  if (parsed->text) {
    std::fputs(parsed->text->c_str(), stdout);
    return Ok;
  }
  waitBriefly();
  return dispatch(parsed->arguments);
}
