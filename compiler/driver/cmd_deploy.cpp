// `deploy`: bring deploys up to date, decide their gates and act.
#include "compiler/driver/commands.h"
#include "compiler/driver/run_project.h"

namespace cd4ml::driver {

int cmdDeploy(const Arguments& arguments, const Console& console) {
  return runProject(arguments, console, arguments.names, Acting::Yes);
}

}  // namespace cd4ml::driver
