// What a diagnostic means and how to fix it.
#include <fmt/format.h>

#include "compiler/diag/diagnostic.h"
#include "compiler/diag/explain.h"
#include "compiler/driver/commands.h"

namespace cd4ml::driver {

int cmdExplain(const Arguments& arguments, const Console& console) {
  if (arguments.names.size() != 1) {
    console.problem(makeError("CD4101", "which code? `cd4mlc explain CD2004`"));
    return Wrong;
  }
  if (const auto page = diag::explain(arguments.names[0])) {
    console.result(fmt::format("{}\n", *page));
    return Ok;
  }
  Error error = makeError("CD4101", fmt::format("there is no diagnostic `{}`", arguments.names[0]));
  std::vector<std::string> codes;
  for (const std::string_view code : diag::explainedCodes()) codes.emplace_back(code);
  for (const std::string& near : diag::nearest(arguments.names[0], codes)) error.help.push_back(fmt::format("did you mean `{}`?", near));
  console.problem(error);
  return Wrong;
}

}  // namespace cd4ml::driver
