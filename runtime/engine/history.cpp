#include "runtime/engine/history.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compiler/opt/define_window.h"
#include "compiler/opt/history.h"
#include "runtime/engine/run_asof.h"
#include "runtime/engine/run_window.h"
#include "runtime/engine/snapshots.h"
#include "runtime/engine/table_program.h"

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

/// Rows that a window folds, as they were in training: columns of its owner's rows by slot.
struct FoldedRows {
  std::vector<data::Column> columns;
  std::int64_t rows = 0;
};

Result<FoldedRows> ownRowsOfFeatures(Run& run, const ir::Features& features, const ir::Window& window) {
  const Slots read = opt::ownSlotsRead(window);
  const Slots slots = columnsUnder(run, features, read);
  FoldedRows own;
  CD4ML_TRY(own.columns, fetchSparse(run, features.from, slots));
  own.rows = own.columns[slots[0]].rows;
  CD4ML_TRY_VOID(addWindows(run, features, read, own.columns, own.rows));
  return own;
}

/// The rows of a table where the verb `place.step` finds them.
Result<FoldedRows> ownRowsOfTable(Run& run, const ir::HistoryPlace& place, const ir::Window& window) {
  CD4ML_TRY(TableRows rows, runFirstVerbs(run, place.node, opt::ownSlotsRead(window), place.step));
  return FoldedRows{std::move(rows.variables), rows.rows};
}

/// Gives the inputs of a program that come from history, one place after the other: a later one may read an earlier one.
class HistoryFiller {
 public:
  HistoryFiller(Run& run, const score::Bundle& bundle, std::vector<data::Column>& columns, std::int64_t rows)
      : run_(run), bundle_(bundle), columns_(columns), rows_(rows), options_(run.execute()) {}

  Status fill(const std::vector<ir::HistoryInput>& history) {
    const std::map<std::string, ir::HistoryPlace> places = opt::historyPlaces(run_.pipeline());
    CD4ML_TRY(lookups_, openSnapshots(bundle_.lookups));
    options_.lookups = lookups_.get();
    columns_.resize(bundle_.program.inputs.size());
    std::vector<Wanted> wanted;
    for (const ir::HistoryInput& each : history) {
      const auto at = places.find(each.definition);
      if (at == places.end()) {
        return makeError("CD5605", fmt::format("the model reads {}, and the pipeline has no such window or join any more", each.reads));
      }
      wanted.push_back({&each, at->second});
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      CD4ML_TRY_VOID(run_.checkCancelled());
      CD4ML_TRY_VOID(fillOne(wanted, i));
    }
    return Done{};
  }

 private:
  struct Wanted {
    const ir::HistoryInput* input;
    ir::HistoryPlace place;
  };

  Status fillOne(const std::vector<Wanted>& wanted, std::size_t i) {
    const ir::NodeBody& body = run_.node(wanted[i].place.node).body;
    if (const auto* features = std::get_if<ir::Features>(&body)) return fillWindow(features->windows[wanted[i].place.step], wanted[i]);
    const ir::TableOp& op = std::get<ir::Table>(body).ops[wanted[i].place.step];
    if (const auto* window = std::get_if<ir::WindowOp>(&op)) return fillWindow(window->window, wanted[i]);
    return fillAsOf(std::get<ir::AsOfOp>(op), wanted, i);
  }

  /// Values of the rows that are scored.
  Result<std::vector<data::Column>> valuesOf(const std::vector<ir::ValueId>& values) {
    return features::compute(bundle_.program.graph, values, columns_, rows_, options_);
  }

  Status fillWindow(const ir::Window& window, const Wanted& wanted) {
    std::vector<ir::ValueId> values = wanted.input->keys;
    values.push_back(wanted.input->time);
    values.insert(values.end(), wanted.input->row_inputs.begin(), wanted.input->row_inputs.end());
    CD4ML_TRY(const std::vector<data::Column> computed, valuesOf(values));
    std::vector<std::uint32_t> slots = window.current_keys;
    slots.push_back(window.current_time);
    slots.insert(slots.end(), window.row_inputs.begin(), window.row_inputs.end());
    std::vector<data::Column> current(*std::max_element(slots.begin(), slots.end()) + 1);
    for (std::size_t c = 0; c < slots.size(); ++c) current[slots[c]] = computed[c];
    FoldedRows own;
    if (!window.node.valid()) {
      const auto* features = std::get_if<ir::Features>(&run_.node(wanted.place.node).body);
      CD4ML_TRY(own, features != nullptr ? ownRowsOfFeatures(run_, *features, window) : ownRowsOfTable(run_, wanted.place, window));
    }
    CD4ML_TRY(columns_[wanted.input->input], WindowRunner(run_).fold(window, {current, rows_}, {own.columns, own.rows}));
    return Done{};
  }

  /// All columns of the join that are wanted, at once.
  Status fillAsOf(const ir::AsOfOp& op, const std::vector<Wanted>& wanted, std::size_t first) {
    if (columns_[wanted[first].input->input].type.kind != ir::Kind::Error) return Done{};
    std::vector<ir::ValueId> values = wanted[first].input->keys;
    values.push_back(wanted[first].input->time);
    CD4ML_TRY(std::vector<data::Column> computed, valuesOf(values));
    AsOfLeft left{.keys = {}, .time = std::move(computed.back())};
    computed.pop_back();
    left.keys = std::move(computed);
    std::vector<std::size_t> results;
    std::vector<std::uint32_t> inputs;
    for (const Wanted& each : wanted) {
      if (each.place.node != wanted[first].place.node || each.place.step != wanted[first].place.step) continue;
      results.push_back(each.place.column);
      inputs.push_back(each.input->input);
    }
    CD4ML_TRY(std::vector<data::Column> columns, runAsOf(run_, op, left, results));
    for (std::size_t c = 0; c < columns.size(); ++c) columns_[inputs[c]] = std::move(columns[c]);
    return Done{};
  }

  Run& run_;
  const score::Bundle& bundle_;
  std::vector<data::Column>& columns_;
  std::int64_t rows_;
  features::ExecuteOptions options_;
  std::shared_ptr<const score::LookupSnapshots> lookups_;
};

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
  Error error = makeError("CD5605", fmt::format("the model in `{}` reads other rows than the scored one ({}), which come from the sources of its project", bundle, fmt::join(reads, "; ")));
  error.help.emplace_back("score in the project, by the model's name");
  return error;
}

Status addHistory(Run& run, const score::Bundle& bundle, const std::vector<ir::HistoryInput>& history, std::vector<data::Column>& columns,
                  std::int64_t rows) {
  if (history.empty()) return Done{};
  return HistoryFiller(run, bundle, columns, rows).fill(history);
}

}  // namespace cd4ml::engine
