#include "runtime/engine/history.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compiler/opt/define_window.h"
#include "runtime/engine/run_window.h"
#include "runtime/engine/snapshots.h"

namespace cd4ml::engine {

namespace {

using Json = nlohmann::ordered_json;

Json indices(const std::vector<ir::ValueId>& values) {
  Json out = Json::array();
  for (const ir::ValueId value : values) out.push_back(value.index);
  return out;
}

std::vector<ir::ValueId> values(const Json& list) {
  std::vector<ir::ValueId> out;
  for (const Json& value : list) out.push_back({value.get<std::uint32_t>()});
  return out;
}

/// A window of the pipeline's features.
struct Place {
  ir::NodeId features;
  std::uint32_t window = 0;
};

std::map<std::string, Place> placesOf(const ir::Pipeline& pipeline) {
  std::map<std::string, Place> places;
  for (std::uint32_t n = 0; n < pipeline.nodes.size(); ++n) {
    const auto* features = std::get_if<ir::Features>(&pipeline.nodes[n].body);
    if (features == nullptr || features->windows.empty()) continue;
    const std::vector<Digest> definitions = opt::windowDefinitions(pipeline, {n});
    for (std::uint32_t w = 0; w < definitions.size(); ++w) places.emplace(definitions[w].hex(), Place{{n}, w});
  }
  return places;
}

/// The rows that the window folded in training: columns of `from`, and the windows that it folds.
Result<std::vector<data::Column>> ownRows(Run& run, const ir::Features& features, const ir::Window& window, std::int64_t& rows) {
  const Slots read = opt::ownSlotsRead(window);
  const Slots columns = columnsUnder(run, features, read);
  CD4ML_TRY(std::vector<data::Column> own, fetchSparse(run, features.from, columns));
  rows = own[columns[0]].rows;
  CD4ML_TRY_VOID(addWindows(run, features, read, own, rows));
  return own;
}

}  // namespace

std::string encodeHistory(const ir::ScoringProgram& program) {
  Json out = Json::array();
  for (const ir::HistoryInput& each : program.history) {
    out.push_back({{"input", each.input}, {"definition", each.definition}, {"reads", each.reads}, {"keys", indices(each.keys)},
                   {"time", each.time.index}, {"row", indices(each.row_inputs)}});
  }
  return out.dump();
}

Result<std::vector<ir::HistoryInput>> historyOf(const score::Bundle& bundle) {
  std::vector<ir::HistoryInput> history;
  const auto section = bundle.sections.find("history");
  if (section == bundle.sections.end()) return history;
  const Json list = Json::parse(section->second, nullptr, false);
  if (!list.is_array()) return makeError("CD5601", "the section `history` of the bundle is damaged");
  for (const Json& each : list) {
    history.push_back({.input = each["input"].get<std::uint32_t>(), .definition = each["definition"].get<std::string>(),
                       .reads = each["reads"].get<std::string>(), .keys = values(each["keys"]), .time = {each["time"].get<std::uint32_t>()},
                       .row_inputs = values(each["row"])});
  }
  return history;
}

Error noHistory(const std::vector<ir::HistoryInput>& history, const std::string& bundle) {
  std::vector<std::string> reads;
  for (const ir::HistoryInput& each : history) reads.push_back(each.reads);
  Error error = makeError("CD5605", fmt::format("the model in `{}` folds earlier rows ({}), which come from the sources of its project", bundle, fmt::join(reads, "; ")));
  error.help.emplace_back("score in the project, by the model's name");
  return error;
}

Status addHistory(Run& run, const score::Bundle& bundle, const std::vector<ir::HistoryInput>& history, std::vector<data::Column>& columns,
                  std::int64_t rows) {
  if (history.empty()) return Done{};
  const std::map<std::string, Place> places = placesOf(run.pipeline());
  CD4ML_TRY(const auto lookups, openSnapshots(bundle.lookups));
  features::ExecuteOptions options = run.execute();
  options.lookups = lookups.get();
  columns.resize(bundle.program.inputs.size());
  for (const ir::HistoryInput& each : history) {
    const auto at = places.find(each.definition);
    if (at == places.end()) {
      return makeError("CD5605", fmt::format("the pipeline has no window any more that the model was trained with ({})", each.reads));
    }
    const auto& features = std::get<ir::Features>(run.node(at->second.features).body);
    const ir::Window& window = features.windows[at->second.window];
    std::vector<ir::ValueId> wanted = each.keys;
    wanted.push_back(each.time);
    wanted.insert(wanted.end(), each.row_inputs.begin(), each.row_inputs.end());
    CD4ML_TRY(const std::vector<data::Column> own_values, features::compute(bundle.program.graph, wanted, columns, rows, options));
    std::vector<std::uint32_t> slots = window.current_keys;
    slots.push_back(window.current_time);
    slots.insert(slots.end(), window.row_inputs.begin(), window.row_inputs.end());
    std::vector<data::Column> current(*std::max_element(slots.begin(), slots.end()) + 1);
    for (std::size_t i = 0; i < slots.size(); ++i) current[slots[i]] = own_values[i];
    std::int64_t folded_rows = 0;
    CD4ML_TRY(const std::vector<data::Column> folded, ownRows(run, features, window, folded_rows));
    CD4ML_TRY(columns[each.input], WindowRunner(run).fold(window, {current, rows}, {folded, folded_rows}));
  }
  return Done{};
}

}  // namespace cd4ml::engine
