#include "runtime/data/open_files.h"

#include <arrow/compute/initialize.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "runtime/data/near_names.h"
#include "runtime/data/text_file.h"

namespace cd4ml::data {

namespace {

/// By the first bytes; texts by their first letter or, where that does not tell, by the file's name.
std::string formatByContent(const std::string& path) {
  const std::string bytes = firstText(path);
  std::string_view first = bytes;
  if (first.starts_with("PAR1")) return "parquet";
  if (first.starts_with("ARROW1") || first.starts_with("\xff\xff\xff\xff")) return "arrow";
  if (first.starts_with("SQLite format 3")) return "sqlite";
  if (first.starts_with("\xef\xbb\xbf")) first.remove_prefix(3);
  const std::size_t begin = first.find_first_not_of(" \t\r\n");
  if (begin != std::string_view::npos && first[begin] == '{') return "jsonl";
  std::string_view name = path;
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.remove_suffix(packed.size());
  }
  return name.ends_with(".tsv") ? "tsv" : "csv";
}

Result<std::unique_ptr<TableFile>> openAs(const std::string& format, const OpenRequest& request) {
  if (format == "parquet") return openParquet(request);
  if (format == "arrow") return openArrow(request);
  if (format == "csv" || format == "tsv") return openCsv(request);
  if (format == "jsonl") return openJsonl(request);
  if (format == "sqlite") return openSqlite(request);
  return makeError("CD5014", fmt::format("there is no reader `{}`", format), request.span);
}

/// The reader's own, or as the file's content says.
Result<std::unique_ptr<TableFile>> openOne(const std::string& reader, OpenRequest request) {
  if (!reader.empty()) return openAs(reader, request);
  const std::string format = formatByContent(request.path);
  if (format == "sqlite") {
    Error e =
        makeError("CD5014", fmt::format("`{}` is an SQLite database, whose rows only a query gives", request.path));
    e.help.emplace_back(
        "write the rows of a query to a file first: `sqlite3 -header -csv FILE \"select …\" > rows.csv`");
    return e;
  }
  CD4ML_TRY(request.csv, csvOptions(format, {}));
  return openAs(format, request);
}

/// Finds each field in the file and makes sure that its values can be read as declared.
Status matchFields(const std::vector<SourceField>& fields, OpenFile& file) {
  const arrow::Schema& schema = file.table->schema();
  for (const SourceField& field : fields) {
    const std::vector<int> at = schema.GetAllFieldIndices(field.name);
    if (at.empty()) return missingColumn(file.path, field, schema.field_names());
    if (at.size() > 1) {
      return makeError("CD5004", fmt::format("`{}` has two columns `{}`", file.path, field.name), field.span);
    }
    const arrow::DataType& type = *schema.field(at[0])->type();
    if (!canFill(field.type, type)) {
      return makeError("CD5011",
                       fmt::format("`{}`, column `{}` holds `{}`, which is not read as `{}`", file.path, field.name,
                                   type.ToString(), ir::typeText(field.type)),
                       field.span);
    }
    file.columns.push_back(at[0]);
  }
  return Done{};
}

}  // namespace

std::string reasonOf(std::string text) {
  text = text.substr(0, text.find('\n'));
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  return text;
}

const TextFormat& TableFile::format() const {
  static const TextFormat plain;
  return plain;
}

const std::vector<CellFault>& TableFile::faults() const {
  static const std::vector<CellFault> none;
  return none;
}

Error missingColumn(const std::string& path, const SourceField& field, const std::vector<std::string>& there) {
  constexpr std::size_t kShown = 20;
  std::string names;
  for (std::size_t i = 0; i < there.size() && i < kShown; ++i)
    names += fmt::format("{}`{}`", i == 0 ? "" : ", ", there[i]);
  if (there.size() > kShown) names += fmt::format(" and {} more", there.size() - kShown);
  Error e = makeError("CD5004", fmt::format("`{}` has no column `{}`", path, field.name), field.span);
  e.help.push_back("its columns are " + names);
  const std::vector<std::string> near = nearNames(field.name, there);
  if (!near.empty()) e.help.push_back(fmt::format("did you mean `{}`?", near[0]));
  return e;
}

Status checkUnchanged(const ReadRequest& request) {
  for (const InputFile& file : request.files) {
    struct stat now{};
    if (stat(file.path.c_str(), &now) != 0) {
      return makeError("CD5001", fmt::format("cannot open `{}`: {}", file.path, std::strerror(errno)), request.span);
    }
    if (S_ISDIR(now.st_mode))
      return makeError("CD5001", fmt::format("`{}` is a folder, not a file", file.path), request.span);
    if (file.inode == 0) continue;
    const std::int64_t mtime = static_cast<std::int64_t>(now.st_mtim.tv_sec) * 1'000'000'000 + now.st_mtim.tv_nsec;
    if (file.inode == now.st_ino && file.mtime_ns == mtime && file.size == static_cast<std::uint64_t>(now.st_size))
      continue;
    Error e = makeError("CD5013", fmt::format("`{}` changed while it was read", file.path), request.span);
    e.help.emplace_back("run again once nothing writes to it; nothing was cached");
    return e;
  }
  return Done{};
}

Result<OpenFiles> openFiles(const ReadRequest& request) {
  if (const auto status = arrow::compute::Initialize(); !status.ok()) {
    return makeError("CD5002", "cannot start Arrow: " + status.message());
  }
  if (request.files.empty()) return makeError("CD5001", "the source has no files", request.span);
  CD4ML_TRY_VOID(checkUnchanged(request));
  OpenRequest open{.path = {},
                   .fields = &request.fields,
                   .bad_cells = request.bad_cells,
                   .span = request.span,
                   .threads = request.threads};
  if (request.fields.empty()) open.fields = nullptr;
  if (request.reader == "csv" || request.reader == "tsv") {
    CD4ML_TRY(open.csv, csvOptions(request.reader, request.options));
  }
  open.query = textOption(request.options, "query");
  OpenFiles out;
  for (const InputFile& input : request.files) {
    open.path = input.path;
    OpenFile file{.path = input.path, .table = nullptr, .columns = {}, .first_row = out.rows};
    auto table = openOne(request.reader, open);
    if (!table.ok()) {
      Error e = std::move(table).error();
      if (e.span.empty()) e.span = request.span;
      return e;
    }
    file.table = std::move(table).value();
    CD4ML_TRY_VOID(matchFields(request.fields, file));
    out.rows += file.table->rows();
    out.files.push_back(std::move(file));
  }
  if (out.rows == 0) return makeError("CD5003", fmt::format("`{}` holds no rows", request.files[0].path), request.span);
  if (out.rows > std::numeric_limits<std::int32_t>::max()) {
    return makeError("CD5002",
                     fmt::format("the source has {} rows; more than 2,147,483,647 are not supported yet", out.rows),
                     request.span);
  }
  return out;
}

}  // namespace cd4ml::data
