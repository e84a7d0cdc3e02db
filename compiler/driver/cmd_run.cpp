// `run`: bring targets up to date and decide every gate.
#include "compiler/driver/commands.h"
#include "compiler/driver/run_project.h"
#include "compiler/driver/run_shortcut.h"

namespace cd4ml::driver {

int cmdRun(const Arguments& arguments, const Console& console) {
  if (!arguments.deploy) {
    if (const auto code = answerFromSnapshot(arguments, console)) return *code;
  }
  return runProject(arguments, console, arguments.names, arguments.deploy ? Acting::Yes : Acting::No);
}

}  // namespace cd4ml::driver
