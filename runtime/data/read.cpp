#include "runtime/data/read.h"

#include <arrow/array.h>
#include <arrow/chunked_array.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <tuple>

#include "runtime/data/open_files.h"
#include "base/parallel.h"

namespace cd4ml::data {

namespace {

std::string rule(const ValueFault& fault, const SourceField& field) {
  const std::string type = ir::typeText(field.type);
  switch (fault.rule) {
    case ValueFault::Rule::Null:
      return fmt::format("null, but `{}` has no `?`", type);
    case ValueFault::Rule::Unreadable:
      return fault.value.empty() ? fmt::format("an empty text is no {}", ir::kindText(field.type.kind))
                                 : fmt::format("`{}` is no {}", fault.value, ir::kindText(field.type.kind));
    case ValueFault::Rule::UnknownLevel:
      return fmt::format("`{}` is none of `{}`", fault.value, type);
    case ValueFault::Rule::OutOfRange:
      return fmt::format("`{}` does not fit into {}", fault.value, ir::kindText(field.type.kind));
  }
  CD4ML_UNREACHABLE("rule");
}

std::string_view codeOf(ValueFault::Rule rule) {
  switch (rule) {
    case ValueFault::Rule::Null:
      return "CD5006";
    case ValueFault::Rule::UnknownLevel:
      return "CD5007";
    case ValueFault::Rule::Unreadable:
    case ValueFault::Rule::OutOfRange:
      return "CD5005";
  }
  CD4ML_UNREACHABLE("rule");
}

Error valueError(const TableFile& table, const std::string& path, std::int64_t row, const ValueFault& fault,
                 const SourceField& field) {
  Error e = makeError(
      std::string(codeOf(fault.rule)),
      fmt::format("`{}`, {}, column `{}`: {}", path, table.rowText(row), field.name, rule(fault, field)), field.span);
  if (fault.rule == ValueFault::Rule::Null) {
    ir::Type nullable = field.type;
    nullable.nullable = true;
    e.help.push_back(fmt::format("declare it as `{}` if nulls may occur", ir::typeText(nullable)));
  }
  return e;
}

/// Keeps the error that stands first in the files, whichever thread meets which first.
class FirstError {
 public:
  using Place = std::tuple<std::size_t, std::int64_t, std::size_t>;  ///< file, row, field
  void offer(const Place& place, const auto& makeIt) {
    const std::scoped_lock lock(mutex_);
    if (error_ && place_ <= place) return;
    place_ = place;
    error_ = makeIt();
  }
  [[nodiscard]] std::optional<Error>& error() { return error_; }

 private:
  std::mutex mutex_;
  Place place_;
  std::optional<Error> error_;
};

struct Task {
  std::size_t file;
  std::size_t piece;
  std::size_t field;
};

/// Loads one piece of one column and hands it to its assembler.
void runTask(const Task& task, const OpenFiles& files, const std::vector<SourceField>& fields,
             std::vector<std::unique_ptr<Assembler>>& columns, FirstError& first) {
  const OpenFile& file = files.files[task.file];
  const std::int64_t begin = file.table->pieceBegin(task.piece);
  auto loaded = file.table->load(task.piece, file.columns[task.field]);
  if (!loaded.ok()) return first.offer({task.file, begin, task.field}, [&] { return loaded.error(); });
  std::int64_t row = begin;
  for (const auto& chunk : (*loaded)->chunks()) {
    const auto fault = columns[task.field]->add(chunk, file.first_row + row);
    if (fault) {
      const std::int64_t at = row + fault->row;
      return first.offer({task.file, at, task.field},
                         [&] { return valueError(*file.table, file.path, at, *fault, fields[task.field]); });
    }
    row += chunk->length();
  }
}

}  // namespace

Result<ReadResult> readFiles(ReadRequest request) {
  CD4ML_TRY(const OpenFiles files, openFiles(request));
  std::vector<std::unique_ptr<Assembler>> assemblers;
  for (const SourceField& field : request.fields) {
    assemblers.push_back(std::make_unique<Assembler>(field, files.rows, files.files[0].table->decimal()));
  }
  std::vector<Task> tasks;
  for (std::size_t f = 0; f < files.files.size(); ++f) {
    for (std::size_t p = 0; p < files.files[f].table->pieces(); ++p) {
      for (std::size_t c = 0; c < request.fields.size(); ++c) tasks.push_back({f, p, c});
    }
  }
  FirstError first;
  parallelFor(request.threads, tasks.size(),
              [&](std::size_t t) { runTask(tasks[t], files, request.fields, assemblers, first); });
  if (first.error()) return std::move(*first.error());
  ReadResult out;
  out.rows = files.rows;
  out.columns.resize(assemblers.size());
  parallelFor(request.threads, assemblers.size(), [&](std::size_t c) { out.columns[c] = assemblers[c]->finish(1); });
  for (const OpenFile& file : files.files) out.files.push_back({file.path, file.first_row, file.table->rows()});
  CD4ML_TRY_VOID(checkUnchanged(request));
  return out;
}

std::string rowPlace(const std::vector<FileRows>& files, std::int64_t row) {
  for (const FileRows& file : files) {
    if (row < file.first_row + file.rows) return fmt::format("`{}`, row {}", file.path, row - file.first_row + 1);
  }
  return fmt::format("row {}", row + 1);
}

}  // namespace cd4ml::data
