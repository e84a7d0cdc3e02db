#include "runtime/engine/score_file.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstring>

#include "runtime/data/read.h"
#include "runtime/data/write.h"
#include "runtime/engine/history.h"
#include "runtime/engine/snapshots.h"
#include "runtime/evaluate/evaluate.h"
#include "runtime/score/score_rows.h"

namespace cd4ml::engine {

namespace {

/// The reasons of bad rows as a text column; null where the row is good.
data::Column reasonColumn(const std::vector<score::BadRow>& bad, std::int64_t rows) {
  data::Column column;
  column.type.kind = ir::Kind::Text;
  column.type.nullable = true;
  column.rows = rows;
  auto offsets = data::allocateBuffer(static_cast<std::size_t>(rows + 1) * sizeof(std::int64_t));
  auto validity = data::allocateValidity(rows);
  auto* at = reinterpret_cast<std::int64_t*>(offsets.get());
  std::string bytes;
  std::size_t next = 0;
  for (std::int64_t r = 0; r < rows; ++r) {
    at[r] = static_cast<std::int64_t>(bytes.size());
    if (next < bad.size() && bad[next].row == r)
      bytes += bad[next++].reason;
    else
      validity.get()[r >> 3] &= static_cast<std::uint8_t>(~(1U << (r & 7)));
  }
  at[rows] = static_cast<std::int64_t>(bytes.size());
  auto values = data::allocateBuffer(bytes.size());
  std::memcpy(values.get(), bytes.data(), bytes.size());
  column.values = std::move(values);
  column.offsets = std::move(offsets);
  column.validity = std::move(validity);
  return data::finishColumn(std::move(column));
}

/// Makes the given rows null.
data::Column without(data::Column column, const std::vector<score::BadRow>& bad) {
  if (bad.empty()) return column;
  auto validity = data::allocateValidity(column.rows);
  if (column.validity != nullptr)
    std::memcpy(validity.get(), column.validity.get(), static_cast<std::size_t>(column.rows + 7) / 8);
  for (const score::BadRow& row : bad)
    validity.get()[row.row >> 3] &= static_cast<std::uint8_t>(~(1U << (row.row & 7)));
  column.validity = std::move(validity);
  column.type.nullable = true;
  return data::finishColumn(std::move(column));
}

/// The rows that the reader or the scorer refuses, by row; the reader's reason where both do.
std::vector<score::BadRow> allBad(const std::vector<data::BadCell>& read, const std::vector<score::BadRow>& scored) {
  std::vector<score::BadRow> out;
  std::size_t next = 0;
  for (const data::BadCell& cell : read) {
    for (; next < scored.size() && scored[next].row < cell.row; ++next) out.push_back(scored[next]);
    if (next < scored.size() && scored[next].row == cell.row) ++next;
    out.push_back({cell.row, cell.reason});
  }
  for (; next < scored.size(); ++next) out.push_back(scored[next]);
  return out;
}

/// Where bad values give null, fields take null and any level, and the scorer says which rows that makes bad.
std::vector<data::SourceField> inputFields(const score::Bundle& bundle, bool null_on_error) {
  std::vector<data::SourceField> fields;
  for (const ir::Column& input : bundle.program.inputs) {
    ir::Type type = input.type;
    if (null_on_error) type.nullable = true;
    if (null_on_error && type.kind == ir::Kind::Category) type.levels = nullptr;
    fields.push_back({input.name, type, {}});
  }
  return fields;
}

}  // namespace

Result<ScoreSummary> scoreFile(const ScoreRequest& request, TaskContext& context, Run* run) {
  CD4ML_TRY(score::Bundle bundle, score::readBundle(request.bundle));
  CD4ML_TRY(const std::vector<ir::HistoryInput> history, historyOf(bundle));
  if (!history.empty() && run == nullptr) return noHistory(history, request.bundle);
  data::ReadRequest read;
  read.files = {{.path = request.input}};
  read.fields = inputFields(bundle, request.null_on_error);
  read.fields.resize(read.fields.size() - history.size());
  read.threads = context.threads;
  read.bad_cells = request.null_on_error ? data::BadCells::Null : data::BadCells::Refuse;
  CD4ML_TRY(data::ReadResult input, data::readFiles(std::move(read)));
  if (!history.empty()) {
    CD4ML_TRY_VOID(addHistory(*run, bundle, history, input.columns, input.rows));
  }
  for (const ir::HistoryInput& each : history) {  // what a person reads, where a row has none
    std::string& name = bundle.program.inputs[each.input].name;
    name = each.reads;
    std::erase(name, '`');
  }
  const ir::Task task = bundle.model.task;
  const ir::Kind target = bundle.model.target;
  const std::vector<std::string> classes = bundle.model.classes;
  CD4ML_TRY(const auto lookups, openSnapshots(bundle.lookups));
  const score::RowScorer scorer(std::move(bundle), lookups);
  std::vector<score::ColumnView> views;
  for (const data::Column& column : input.columns) views.push_back(column.view());
  CD4ML_TRY(const score::ScoredRows scored,
            scorer.score(views, input.rows, request.null_on_error ? score::OnError::Null : score::OnError::Fail,
                         context.threads, request.input));
  const std::vector<score::BadRow> bad = allBad(input.bad, scored.bad);
  const std::vector<data::Column> columns = evaluate::predictionColumns(scored.predictions, task, target, classes);
  std::vector<data::NamedColumn> out;
  out.push_back({"prediction", without(columns[0], bad)});
  if (columns.size() > 1) out.push_back({"probability", without(columns[1], bad)});
  if (request.null_on_error) out.push_back({"reason", reasonColumn(bad, input.rows)});
  if (request.output.empty()) {
    const std::string text = data::csvText(out);
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
      return makeError("CD5018", "cannot write to the standard output");
    }
  } else {
    CD4ML_TRY_VOID(data::writeTable(request.output, out));
  }
  return ScoreSummary{static_cast<std::uint64_t>(input.rows), bad.size()};
}

}  // namespace cd4ml::engine
