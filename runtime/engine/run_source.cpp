#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "runtime/data/read.h"
#include "runtime/data/value_text.h"
#include "runtime/engine/run.h"
#include "runtime/engine/source_request.h"
#include "runtime/engine/stage_folder.h"
#include "runtime/engine/table_program.h"

namespace cd4ml::engine {

namespace {

/// Rows for which a condition is false; a null passes.
struct Failures {
  std::int64_t count = 0;
  std::int64_t first = -1;
};

Failures countFailures(const data::Column& condition) {
  const score::ColumnView view = condition.view();
  Failures failures;
  for (std::int64_t r = 0; r < view.rows; ++r) {
    if (view.bools()[r] != 0 || !view.isValid(r)) continue;
    if (failures.first < 0) failures.first = r;
    ++failures.count;
  }
  return failures;
}

/// "`x` is 21.5, `y` is 3": what the condition read in a row.
std::string valuesText(const ir::Node& node, const Slots& read, const std::vector<data::Column>& columns,
                       std::int64_t row) {
  std::string text;
  for (const std::uint32_t slot : read) {
    text += fmt::format("{}`{}` is {}", text.empty() ? "" : ", ", node.columns[slot].name,
                        data::valueText(columns[slot], row));
  }
  return text;
}

Error checkError(const ir::Node& node, const ir::FieldCheck& check, const Failures& failures, std::int64_t rows,
                 const std::string& place, const std::string& values) {
  std::string message;
  if (check.share >= 1.0) {
    message = fmt::format("{}: `{}` does not hold: {}", place, check.text, values);
    if (failures.count > 1) message += fmt::format(" ({} rows fail)", failures.count);
  } else {
    const double passed = 1.0 - static_cast<double>(failures.count) / static_cast<double>(rows);
    message = fmt::format("`{}` of `{}` holds for {:.4f} % of rows, not for {:.4f} %; the first that fails is {}: {}",
                          check.text, node.name, passed * 100, check.share * 100, place, values);
  }
  return makeError("CD5012", message, check.span);
}

/// `require` and `warn` of all rows at once.
Status runRowChecks(Run& run, const ir::Node& node, const std::vector<data::Column>& columns, std::int64_t rows, nlohmann::ordered_json& out) {
  const auto& source = std::get<ir::Source>(node.body);
  for (const ir::RequireOp& check : source.row_checks) {
    CD4ML_TRY(const bool holds, requireRows(run, source.graph, check, columns, rows, node.name));
    out.push_back({{"text", check.text}, {"holds", holds}});
  }
  return Done{};
}

/// Evaluates all checks over the source's columns (by slot).
Result<SlotContent> runChecks(Run& run, const ir::Node& node, const data::ReadResult& read,
                              const std::vector<data::Column>& columns) {
  const auto& source = std::get<ir::Source>(node.body);
  std::vector<ir::ValueId> conditions;
  for (const ir::FieldCheck& check : source.checks) conditions.push_back(check.condition);
  nlohmann::ordered_json out;
  out["checks"] = nlohmann::ordered_json::array();
  if (!conditions.empty()) {
    CD4ML_TRY(const std::vector<data::Column> passed,
              features::compute(source.graph, conditions, columns, read.rows, run.execute()));
    for (std::size_t c = 0; c < source.checks.size(); ++c) {
      const ir::FieldCheck& check = source.checks[c];
      const Failures failures = countFailures(passed[c]);
      const double share = 1.0 - static_cast<double>(failures.count) / static_cast<double>(read.rows);
      out["checks"].push_back(
          {{"text", check.text}, {"passed", read.rows - failures.count}, {"failed", failures.count}, {"share", share}});
      if (failures.count == 0 || (check.share < 1.0 && share >= check.share)) continue;
      const Slots slots = inputsRead(source.graph, std::span(&check.condition, 1));
      Error error = checkError(node, check, failures, read.rows, data::rowPlace(read.files, failures.first),
                               valuesText(node, slots, columns, failures.first));
      if (!check.warning) return error;
      if (run.task.warn) run.task.warn(error);
    }
  }
  CD4ML_TRY_VOID(runRowChecks(run, node, columns, read.rows, out["checks"]));
  nlohmann::ordered_json hashed = out;
  for (auto& check : hashed["checks"]) check.erase("text");
  SlotContent content = keepJson(out.dump(), hashed.dump());
  content.rows = static_cast<std::uint64_t>(read.rows);
  return content;
}

/// The file that a stage has made, as a file again for as long as the folder lives.
Result<std::optional<StageFolder>> bringStageOutput(Run& run, const ir::Source& source, data::ReadRequest& request) {
  if (!source.stage.valid()) return std::optional<StageFolder>{};
  CD4ML_TRY(const std::string bytes, fetchBytes(run, {source.stage, source.stage_slot}));
  CD4ML_TRY(StageFolder folder, StageFolder::make(run.config.scratch, "read"));
  const ir::Node& stage = run.node(source.stage);
  const std::string& name = std::get<ir::Stage>(stage.body).outputs[source.stage_slot].file;
  const std::filesystem::path path = folder.path() / std::filesystem::path(name).filename();
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  file.close();
  if (!file) return makeError("CD5701", fmt::format("cannot write `{}` of stage `{}` to {}", name, stage.name, path.string()), request.span);
  request.files.push_back({path.string(), bytes.size(), 0, 0});
  return std::optional(std::move(folder));
}

}  // namespace

data::ReadRequest sourceRequest(const Run& run, ir::NodeId id, const Slots& slots) {
  const ir::Node& node = run.node(id);
  const auto& source = std::get<ir::Source>(node.body);
  data::ReadRequest request;
  request.reader = source.reader;
  request.options = source.options;
  request.span = node.name_span;
  request.threads = run.threads();
  if (const auto files = run.known.files.find(id); files != run.known.files.end()) {
    for (const SourceFile& file : files->second)
      request.files.push_back({file.path, file.size, file.mtime_ns, file.inode});
  }
  for (const std::uint32_t slot : slots) {
    request.fields.push_back({node.columns[slot].name, node.columns[slot].type, node.columns[slot].span});
  }
  return request;
}

Result<std::vector<SlotContent>> runSource(Run& run, ir::NodeId id, const Slots& slots) {
  const ir::Node& node = run.node(id);
  const auto& source = std::get<ir::Source>(node.body);
  const auto checks_slot = static_cast<std::uint32_t>(node.columns.size());
  Slots needed;
  for (const std::uint32_t slot : slots) {
    if (slot != checks_slot) needed.push_back(slot);
  }
  const bool wants_checks = std::find(slots.begin(), slots.end(), checks_slot) != slots.end();
  if (wants_checks) {
    std::vector<ir::ValueId> conditions;
    for (const ir::FieldCheck& check : source.checks) conditions.push_back(check.condition);
    for (const ir::RequireOp& check : source.row_checks) conditions.push_back(check.condition);
    const Slots read = inputsRead(source.graph, conditions);
    needed.insert(needed.end(), read.begin(), read.end());
    if (needed.empty()) needed.push_back(0);
  }
  std::sort(needed.begin(), needed.end());
  needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
  const Stopwatch watch;
  data::ReadRequest request = sourceRequest(run, id, needed);
  CD4ML_TRY(const std::optional<StageFolder> stage_output, bringStageOutput(run, source, request));
  CD4ML_TRY(data::ReadResult read, data::readFiles(std::move(request)));
  const double seconds = watch.seconds();
  run.phase("read", seconds);
  CD4ML_TRY_VOID(run.checkCancelled());
  const Cost cost{seconds / static_cast<double>(needed.size()), source.reader == "parquet" || source.reader == "arrow"};
  std::vector<data::Column> columns(node.columns.size());
  for (std::size_t i = 0; i < needed.size(); ++i) columns[needed[i]] = read.columns[i];
  std::vector<SlotContent> out;
  for (const std::uint32_t slot : slots) {
    if (slot == checks_slot) {
      CD4ML_TRY(out.emplace_back(), runChecks(run, node, read, columns));
    } else {
      CD4ML_TRY(out.emplace_back(), keepColumn(run, columns[slot], cost));
    }
  }
  return out;
}

}  // namespace cd4ml::engine
