// `audit verify`: is the ledger whole?
#include <fmt/format.h>

#include "compiler/driver/commands.h"
#include "compiler/driver/project.h"
#include "runtime/track/json.h"
#include "runtime/track/ledger.h"

namespace cd4ml::driver {

int cmdAudit(const Arguments& arguments, const Console& console) {
  const auto audit = [&]() -> Result<int> {
    CD4ML_TRY(const Project project, locateProject(arguments));
    CD4ML_TRY(const std::shared_ptr<track::Ledger> ledger, track::Ledger::openExisting(project.ledger()));
    std::optional<std::int64_t> broken;
    if (ledger != nullptr) {
      CD4ML_TRY(broken, ledger->verify());
    }
    if (console.json()) {
      track::Json json{{"v", 1}, {"whole", !broken.has_value()}};
      if (broken) json["first_broken"] = *broken;
      console.result(json.dump() + "\n");
    } else if (broken) {
      console.result(fmt::format("the ledger was changed: entry {} does not follow from those before it\n", *broken));
    } else {
      console.result("the ledger is whole\n");
    }
    return broken ? Tampered : Ok;
  };
  const Result<int> code = audit();
  if (code.ok()) return *code;
  console.problem(code.error());
  return exitCodeOf(code.error());
}

}  // namespace cd4ml::driver
