#include "runtime/data/read.h"

#include <arrow/array.h>
#include <arrow/chunked_array.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <tuple>

#include "base/parallel.h"
#include "runtime/data/open_files.h"

namespace cd4ml::data {

namespace {

std::string rule(const ValueFault& fault, const SourceField& field, const TextFormat& format) {
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
    case ValueFault::Rule::OtherKind:
      return fmt::format("{} is no {}", fault.value, ir::kindText(field.type.kind));
    case ValueFault::Rule::NeverComes:
      return fmt::format("`{}` is no time in `{}`: the clocks are set forward over it", fault.value,
                         format.zone->name());
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
    case ValueFault::Rule::OtherKind:
    case ValueFault::Rule::NeverComes:
      return "CD5005";
  }
  CD4ML_UNREACHABLE("rule");
}

Error valueError(const TableFile& table, const std::string& path, std::int64_t row, const ValueFault& fault,
                 const SourceField& field) {
  Error e = makeError(std::string(codeOf(fault.rule)),
                      fmt::format("`{}`, {}, column `{}`: {}", path, table.rowText(row), field.name,
                                  rule(fault, field, table.format())),
                      field.span);
  if (fault.rule == ValueFault::Rule::Null) {
    ir::Type nullable = field.type;
    nullable.nullable = true;
    e.help.push_back(fmt::format("declare it as `{}` if nulls may occur", ir::typeText(nullable)));
  }
  return e;
}

/// Keeps what stands first in the files, whichever thread meets which first: the first error, or of each row the first
/// cell that is refused.
class Faults {
 public:
  using Place = std::tuple<std::size_t, std::int64_t, std::size_t>;  ///< file, row, field
  explicit Faults(BadCells bad) : bad_(bad) {}

  void fail(const Place& place, const auto& makeIt) {
    const std::scoped_lock lock(mutex_);
    if (error_ && place_ <= place) return;
    place_ = place;
    error_ = makeIt();
  }
  void refuse(const OpenFile& file, std::size_t number, std::int64_t row, std::size_t field, const ValueFault& fault,
              const SourceField& declared) {
    if (bad_ == BadCells::Refuse)
      return fail({number, row, field}, [&] { return valueError(*file.table, file.path, row, fault, declared); });
    const std::scoped_lock lock(mutex_);
    cells_.emplace(std::pair(file.first_row + row, field),
                   fmt::format("column `{}`: {}", declared.name, rule(fault, declared, file.table->format())));
  }
  [[nodiscard]] std::optional<Error>& error() { return error_; }
  [[nodiscard]] std::vector<BadCell> firstOfEachRow() const {
    std::vector<BadCell> out;
    for (const auto& [place, reason] : cells_) {
      if (out.empty() || out.back().row != place.first) out.push_back({place.first, reason});
    }
    return out;
  }

 private:
  BadCells bad_;
  std::mutex mutex_;
  Place place_;
  std::optional<Error> error_;
  std::map<std::pair<std::int64_t, std::size_t>, std::string> cells_;  ///< row, field → reason
};

struct Task {
  std::size_t file;
  std::size_t piece;
  std::size_t field;
};

/// Loads one piece of one column and hands it to its assembler.
void runTask(const Task& task, const OpenFiles& files, const std::vector<SourceField>& fields,
             std::vector<std::unique_ptr<Assembler>>& columns, Faults& faults) {
  const OpenFile& file = files.files[task.file];
  std::int64_t row = file.table->pieceBegin(task.piece);
  auto loaded = file.table->load(task.piece, file.columns[task.field]);
  if (!loaded.ok()) return faults.fail({task.file, row, task.field}, [&] { return loaded.error(); });
  for (const auto& chunk : (*loaded)->chunks()) {
    for (const ValueFault& fault : columns[task.field]->add(chunk, file.first_row + row)) {
      faults.refuse(file, task.file, row + fault.row, task.field, fault, fields[task.field]);
    }
    row += chunk->length();
  }
}

/// What the files refused while they were opened; before the nulls that they left.
void takeFaults(const OpenFiles& files, const std::vector<SourceField>& fields, Faults& faults) {
  for (std::size_t f = 0; f < files.files.size(); ++f) {
    const OpenFile& file = files.files[f];
    for (const CellFault& each : file.table->faults()) {
      for (std::size_t c = 0; c < fields.size(); ++c) {
        if (file.columns[c] == each.column) faults.refuse(file, f, each.fault.row, c, each.fault, fields[c]);
      }
    }
  }
}

}  // namespace

Result<ReadResult> readFiles(ReadRequest request) {
  CD4ML_TRY(const OpenFiles files, openFiles(request));
  std::vector<std::unique_ptr<Assembler>> assemblers;
  for (const SourceField& field : request.fields) {
    assemblers.push_back(std::make_unique<Assembler>(field, files.rows, request.bad_cells));
  }
  std::vector<Task> tasks;
  for (std::size_t f = 0; f < files.files.size(); ++f) {
    for (std::size_t p = 0; p < files.files[f].table->pieces(); ++p) {
      for (std::size_t c = 0; c < request.fields.size(); ++c) tasks.push_back({f, p, c});
    }
  }
  Faults faults(request.bad_cells);
  takeFaults(files, request.fields, faults);
  parallelFor(request.threads, tasks.size(),
              [&](std::size_t t) { runTask(tasks[t], files, request.fields, assemblers, faults); });
  if (faults.error()) return std::move(*faults.error());
  ReadResult out;
  out.rows = files.rows;
  out.bad = faults.firstOfEachRow();
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
