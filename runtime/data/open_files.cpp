#include "runtime/data/open_files.h"

#include <arrow/compute/initialize.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>

namespace cd4ml::data {

namespace {

Result<std::string> formatByContent(const std::string& path) {
  char magic[6] = {};
  std::ifstream in(path, std::ios::binary);
  if (!in) return makeError("CD5001", fmt::format("cannot open `{}`", path));
  in.read(magic, sizeof magic);
  if (std::memcmp(magic, "PAR1", 4) == 0) return std::string("parquet");
  if (std::memcmp(magic, "ARROW1", 6) == 0 || std::memcmp(magic, "\xff\xff\xff\xff", 4) == 0)
    return std::string("arrow");
  return std::string("csv");
}

Result<std::unique_ptr<TableFile>> openOne(const std::string& reader, const OpenRequest& request) {
  std::string format = reader;
  if (format.empty()) {
    CD4ML_TRY(format, formatByContent(request.path));
  }
  if (format == "parquet") return openParquet(request);
  if (format == "arrow") return openArrow(request);
  if (format == "csv" || format == "tsv") return openCsv(request);
  return makeError("CD5014", fmt::format("reader `{}` is not supported yet", format), request.span);
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
    if (!canFill(field.type, type, file.table->carrier())) {
      return makeError("CD5011",
                       fmt::format("`{}`, column `{}` holds `{}`, which is not read as `{}`", file.path, field.name,
                                   type.ToString(), ir::typeText(field.type)),
                       field.span);
    }
    file.columns.push_back(at[0]);
  }
  return Done{};
}

std::size_t editDistance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string reasonOf(std::string text) {
  text = text.substr(0, text.find('\n'));
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  return text;
}

Error missingColumn(const std::string& path, const SourceField& field, const std::vector<std::string>& there) {
  constexpr std::size_t kShown = 20;
  std::string names;
  for (std::size_t i = 0; i < there.size() && i < kShown; ++i)
    names += fmt::format("{}`{}`", i == 0 ? "" : ", ", there[i]);
  if (there.size() > kShown) names += fmt::format(" and {} more", there.size() - kShown);
  Error e = makeError("CD5004", fmt::format("`{}` has no column `{}`", path, field.name), field.span);
  e.help.push_back("its columns are " + names);
  const auto nearest = std::min_element(there.begin(), there.end(), [&](const std::string& a, const std::string& b) {
    return editDistance(a, field.name) < editDistance(b, field.name);
  });
  if (nearest != there.end() && editDistance(*nearest, field.name) <= 1 + field.name.size() / 4) {
    e.help.push_back(fmt::format("did you mean `{}`?", *nearest));
  }
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
  OpenRequest open{.path = {}, .fields = &request.fields, .csv = {}, .span = request.span, .threads = request.threads};
  if (request.fields.empty()) open.fields = nullptr;
  CD4ML_TRY(open.csv, csvOptions(request.reader, request.options));
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
