#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>
#include <arrow/util/key_value_metadata.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/parallel.h"
#include "runtime/data/literal_column.h"
#include "runtime/data/parse_value.h"
#include "runtime/data/traffic.h"
#include "runtime/store/label_store.h"

namespace cd4ml::data {

namespace {

struct File {
  std::shared_ptr<arrow::Schema> schema;
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  std::int64_t rows = 0;
};

/// Reads what is whole; false if something was cut off.
bool readFile(const std::string& path, File& out) {
  const auto file = arrow::io::ReadableFile::Open(path);
  if (!file.ok()) return false;
  const auto size = (*file)->GetSize();
  const auto stream = arrow::ipc::RecordBatchStreamReader::Open(*file);
  if (!stream.ok()) return false;
  out.schema = (*stream)->schema();
  for (;;) {
    std::shared_ptr<arrow::RecordBatch> batch;
    if (!(*stream)->ReadNext(&batch).ok()) return false;
    // A file that ends after a whole batch ends well: its writer may still be at work.
    if (batch == nullptr) return true;
    if (!batch->ValidateFull().ok()) return false;
    const auto at = (*file)->Tell();
    if (size.ok() && at.ok() && *at > *size) return false;
    out.rows += batch->num_rows();
    out.batches.push_back(std::move(batch));
  }
}

std::vector<std::string> filesOf(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("rows-") && name.ends_with(".arrows")) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

ir::Kind kindOf(const arrow::Field& field) {
  const auto text = field.metadata() == nullptr ? arrow::Result<std::string>(std::string()) : field.metadata()->Get("cd4ml.kind");
  using enum ir::Kind;
  for (const ir::Kind kind : {Int, Float, Bool, Text, Category, Date, Timestamp, Duration}) {
    if (text.ok() && *text == ir::kindText(kind)) return kind;
  }
  return Error;
}

/// The columns of all files, each with the type of the newest file that has it.
std::vector<SourceField> fieldsOf(const std::vector<File>& files, const std::vector<SourceField>& wanted) {
  std::vector<SourceField> raw;
  std::vector<SourceField> own;
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    if (file->schema == nullptr) continue;
    for (const auto& field : file->schema->fields()) {
      std::vector<SourceField>& list = field->name().starts_with("_") ? own : raw;
      const auto same = [&](const SourceField& each) { return each.name == field->name(); };
      if (std::any_of(list.begin(), list.end(), same)) continue;
      SourceField made{.name = field->name(), .type = {.kind = kindOf(*field)}};
      const auto given = std::find_if(wanted.begin(), wanted.end(), same);
      if (given != wanted.end()) made.type.kind = given->type.kind;
      made.type.nullable = true;
      if (made.type.kind != ir::Kind::Error) list.push_back(std::move(made));
    }
  }
  raw.insert(raw.end(), own.begin(), own.end());
  return raw;
}

/// A column of all rows; what a file lacks, or has in a form that cannot be read as the type, is null.
Column assemble(const SourceField& field, const std::vector<File>& files, std::int64_t rows) {
  Assembler assembler(field, rows);
  std::int64_t at = 0;
  for (const File& file : files) {
    for (const auto& batch : file.batches) {
      std::shared_ptr<arrow::Array> piece = batch->GetColumnByName(field.name);
      const bool fits = piece != nullptr && canFill(field.type, *piece->type());
      if (fits && assembler.add(piece, at).empty()) {
        at += batch->num_rows();
        continue;
      }
      const bool added = assembler.add(std::make_shared<arrow::NullArray>(batch->num_rows()), at).empty();
      CD4ML_CHECK(added);
      at += batch->num_rows();
    }
  }
  return assembler.finish(1);
}


struct Labels {
  std::unordered_map<std::string, std::size_t> place;  ///< of each id
  std::vector<std::string> values;                     ///< JSON scalars
  std::vector<std::int64_t> at_us;
};

Result<Labels> readLabels(const std::string& folder) {
  Labels labels;
  CD4ML_TRY(const auto store, store::LabelStore::openExisting(folder + "/labels.db"));
  if (store == nullptr) return labels;
  CD4ML_TRY_VOID(store->forEach([&](std::string_view id, std::string_view value, std::int64_t at_us) {
    labels.place.emplace(id, labels.values.size());
    labels.values.emplace_back(value);
    labels.at_us.push_back(at_us);
  }));
  return labels;
}

/// A label as a value of `kind`; null if it is none.
ir::Literal literalOf(const std::string& json_text, ir::Kind kind) {
  const auto json = nlohmann::json::parse(json_text, nullptr, false);
  const std::string text = json.is_string() ? json.get<std::string>() : json_text;
  ir::Literal literal;
  const auto set = [&](const auto& value) {
    if (value) literal.value = *value;
  };
  switch (kind) {
    case ir::Kind::Int: set(parseInt(text)); break;
    case ir::Kind::Float: set(parseFloat(text)); break;
    case ir::Kind::Bool: set(parseBool(text)); break;
    case ir::Kind::Date: set(parseDate(text)); break;
    case ir::Kind::Timestamp: set(parseTimestamp(text)); break;
    case ir::Kind::Duration: set(parseDuration(text)); break;
    case ir::Kind::Text: case ir::Kind::Category: literal.value = text; break;
    case ir::Kind::Error: case ir::Kind::Null: case ir::Kind::Vector: break;
  }
  return literal;
}

void addLabels(const Labels& labels, ir::Kind kind, Traffic& traffic) {
  std::vector<ir::Literal> values(static_cast<std::size_t>(traffic.rows));
  std::vector<ir::Literal> times(values.size());
  const Column* ids = traffic.find("_id");
  if (ids != nullptr && ids->type.kind == ir::Kind::Text) {
    const score::ColumnView view = ids->view();
    for (std::int64_t r = 0; r < traffic.rows; ++r) {
      const auto found = view.isValid(r) ? labels.place.find(std::string(view.text(r))) : labels.place.end();
      if (found == labels.place.end()) continue;
      values[static_cast<std::size_t>(r)] = literalOf(labels.values[found->second], kind);
      times[static_cast<std::size_t>(r)].value = labels.at_us[found->second];
    }
  }
  const ir::Type type{.kind = kind, .nullable = true};
  traffic.columns.push_back({"_label", literalColumn(type, values)});
  traffic.columns.push_back({"_label_at", literalColumn({.kind = ir::Kind::Timestamp, .nullable = true}, times)});
}

void keepTimes(const TrafficRequest& request, Traffic& traffic) {
  const Column* at = traffic.find("_at");
  if (at == nullptr || at->type.kind != ir::Kind::Timestamp) return;
  const score::ColumnView view = at->view();
  std::vector<std::int32_t> kept;
  for (std::int64_t r = 0; r < traffic.rows; ++r) {
    if (view.isValid(r) && view.ints()[r] >= request.from_us && view.ints()[r] < request.to_us) kept.push_back(static_cast<std::int32_t>(r));
  }
  if (static_cast<std::int64_t>(kept.size()) == traffic.rows) return;
  for (NamedColumn& each : traffic.columns) each.column = take(each.column, kept);
  traffic.rows = static_cast<std::int64_t>(kept.size());
}

/// When a file was begun: `rows-00000000001717236900000000-….arrows` says it in µs; 0 for another name.
std::int64_t beginOf(const std::string& path) {
  const std::string name = std::filesystem::path(path).stem().string().substr(std::string_view("rows-").size());
  std::int64_t at = 0;
  std::from_chars(name.data(), name.data() + name.size(), at);
  return at;
}

/// Whether a file may hold rows of the wanted time. Files follow each other, so one ends about where the next begins.
bool mayHold(const std::vector<std::string>& paths, std::size_t file, const TrafficRequest& request) {
  constexpr std::int64_t slack_us = 3'600'000'000;  // clocks are set back, and a server may end while the next runs
  const std::int64_t begin = beginOf(paths[file]);
  if (begin > 0 && begin - slack_us >= request.to_us) return false;
  const std::int64_t end = file + 1 < paths.size() ? beginOf(paths[file + 1]) : 0;
  return end == 0 || end + slack_us > request.from_us;
}

}  // namespace

const Column* Traffic::find(std::string_view name) const {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const NamedColumn& each) { return each.name == name; });
  return found == columns.end() ? nullptr : &found->column;
}

Result<Traffic> readTraffic(const TrafficRequest& request) {
  Traffic traffic;
  std::vector<File> files;
  const std::vector<std::string> paths = filesOf(request.folder);
  for (std::size_t p = 0; p < paths.size(); ++p) {
    if (!mayHold(paths, p, request)) continue;
    if (!readFile(paths[p], files.emplace_back())) traffic.torn.push_back(paths[p]);
    traffic.rows += files.back().rows;
  }
  CD4ML_TRY(const Labels labels, readLabels(request.folder));
  const std::vector<SourceField> fields = fieldsOf(files, request.fields);
  if (fields.empty()) return traffic;
  traffic.columns.resize(fields.size());
  parallelFor(request.threads, fields.size(), [&](std::size_t f) {
    traffic.columns[f] = {fields[f].name, assemble(fields[f], files, traffic.rows)};
  });
  keepTimes(request, traffic);
  addLabels(labels, request.label, traffic);
  return traffic;
}

}  // namespace cd4ml::data
