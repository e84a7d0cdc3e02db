// Params, their values and where each came from.
#include <fmt/format.h>

#include "compiler/driver/opened.h"
#include "compiler/driver/text_table.h"
#include "runtime/track/json.h"

namespace cd4ml::driver {

int cmdParams(const Arguments& arguments, const Console& console) {
  return withProject(arguments, console, [&](Opened& opened) -> Result<int> {
    TextTable table({Align::Left, Align::Left, Align::Left, Align::Left, Align::Left});
    track::Json list = track::Json::array();
    for (const ir::Param& param : opened.compilation.pipeline.params) {
      const std::string type = ir::typeText(param.type);
      const std::string value = ir::literalText(param.value);
      table.add({console.out(Style::Strong, param.name), type, value, console.out(Style::Dim, param.origin), param.doc});
      list.push_back({{"name", param.name}, {"type", type}, {"value", value}, {"origin", param.origin}, {"doc", param.doc}});
    }
    if (console.json()) {
      console.result(track::Json{{"v", 1}, {"pipeline", opened.scope.pipeline}, {"params", list}}.dump() + "\n");
    } else {
      console.result(table.empty() ? "this pipeline has no params\n" : table.text());
    }
    return Ok;
  });
}

}  // namespace cd4ml::driver
