// Params, their values and where each came from.
#include <fmt/format.h>

#include "compiler/driver/opened.h"
#include "compiler/driver/text_table.h"
#include "runtime/track/json.h"

namespace cd4ml::driver {

namespace {

/// The value as one would write it: a duration in its greatest whole unit, a text with its quotes.
std::string valueText(const ir::Param& param) {
  const auto* microseconds = std::get_if<std::int64_t>(&param.value.value);
  if (param.type.kind != ir::Kind::Duration || microseconds == nullptr) return ir::literalText(param.value);
  constexpr std::pair<std::int64_t, std::string_view> units[] = {
      {604'800'000'000, "w"}, {86'400'000'000, "d"}, {3'600'000'000, "h"}, {60'000'000, "min"}, {1'000'000, "s"}, {1'000, "ms"}};
  for (const auto& [size, unit] : units) {
    if (*microseconds % size == 0 && *microseconds != 0) return fmt::format("{}{}", *microseconds / size, unit);
  }
  return fmt::format("{}us", *microseconds);
}

}  // namespace

int cmdParams(const Arguments& arguments, const Console& console) {
  return withProject(arguments, console, [&](Opened& opened) -> Result<int> {
    TextTable table({Align::Left, Align::Left, Align::Left, Align::Left, Align::Left});
    track::Json list = track::Json::array();
    for (const ir::Param& param : opened.compilation.pipeline.params) {
      const std::string type = param.is_list ? fmt::format("list<{}>", ir::typeText(param.type)) : ir::typeText(param.type);
      const std::string value = valueText(param);
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
