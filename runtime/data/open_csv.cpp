#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/csv/api.h>
#include <arrow/io/memory.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/utf8.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "runtime/data/csv_text.h"
#include "runtime/data/table_file.h"

namespace cd4ml::data {

namespace {

std::string_view textOf(const arrow::Buffer& buffer) {
  return {reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(buffer.size())};
}

/// How values are read: by Arrow, or as text, which is slower but knows the row of a bad one.
enum class Values : std::uint8_t { Typed, AsText };

/// `first` is the field in the first data row: Arrow wants to be told whether times carry a zone.
std::shared_ptr<arrow::DataType> typeToRead(ir::Kind kind, Values values, std::string_view first) {
  if (kind == ir::Kind::Category) return arrow::dictionary(arrow::int32(), arrow::utf8());
  if (values == Values::AsText) return arrow::utf8();
  switch (kind) {
    case ir::Kind::Int:
      return arrow::int64();
    case ir::Kind::Float:
      return arrow::float64();
    case ir::Kind::Bool:
      return arrow::boolean();
    case ir::Kind::Date:
      return arrow::date32();
    case ir::Kind::Timestamp:
      return arrow::timestamp(arrow::TimeUnit::MICRO, first.ends_with('Z') ? "UTC" : "");
    case ir::Kind::Category:
    case ir::Kind::Duration:
    case ir::Kind::Text:
    case ir::Kind::Vector:
    case ir::Kind::Null:
    case ir::Kind::Error:
      return arrow::utf8();
  }
  CD4ML_UNREACHABLE("kind");
}

class CsvTable final : public TableFile {
 public:
  static Result<std::unique_ptr<TableFile>> open(const OpenRequest& request) {
    auto table = std::make_unique<CsvTable>();
    table->path_ = request.path;
    table->options_ = request.csv;
    CD4ML_TRY(table->buffer_, readText(request.path));
    CD4ML_TRY_VOID(table->readHeader(request));
    auto read = table->parse(request, Values::Typed);
    if (!read.ok() && request.fields != nullptr) {
      CD4ML_TRY_VOID(table->findStructuralFault(request.span));
      read = table->parse(request, Values::AsText);
    }
    if (!read.ok()) {
      CD4ML_TRY_VOID(table->findStructuralFault(request.span));
      return makeError("CD5002",
                       fmt::format("cannot read `{}` as CSV: {}", request.path, reasonOf(read.status().message())),
                       request.span);
    }
    table->keep(**read);
    return std::unique_ptr<TableFile>(std::move(table));
  }

  [[nodiscard]] const arrow::Schema& schema() const override { return *table_->schema(); }
  [[nodiscard]] std::int64_t rows() const override { return table_->num_rows(); }
  [[nodiscard]] std::size_t pieces() const override { return begins_.size() - 1; }
  [[nodiscard]] std::int64_t pieceBegin(std::size_t piece) const override { return begins_[piece]; }
  [[nodiscard]] std::string rowText(std::int64_t row) const override {
    return fmt::format("row {} (line {})", row + 1, lineOfRow(textOf(*buffer_), options_, row));
  }
  [[nodiscard]] Carrier carrier() const override { return Carrier::TextFile; }
  [[nodiscard]] char decimal() const override { return options_.decimal; }
  [[nodiscard]] Result<std::shared_ptr<arrow::ChunkedArray>> load(std::size_t piece, int column) override {
    return table_->column(column)->Slice(begins_[piece], begins_[piece + 1] - begins_[piece]);
  }

 private:
  [[nodiscard]] Error empty() const { return makeError("CD5003", fmt::format("`{}` is empty", path_)); }

  /// The names in the first record, each once and those that are declared among them.
  [[nodiscard]] Status readHeader(const OpenRequest& request) {
    const std::string_view text = textOf(*buffer_);
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
      return makeError("CD5010", fmt::format("`{}` is UTF-16; CSV is read as UTF-8", path_), request.span);
    }
    CsvRecord first;
    CsvScanner scanner(text, options_);
    if (!scanner.next(first)) return empty();
    names_ = first.fields;
    first_row_ = first;
    if (options_.header) scanner.next(first_row_);
    if (!options_.header) {
      for (std::size_t i = 0; i < names_.size(); ++i) names_[i] = fmt::format("c{}", i + 1);
    }
    std::set<std::string> seen;
    for (const std::string& name : names_) {
      if (!seen.insert(name).second) {
        return makeError("CD5004", fmt::format("`{}` has two columns `{}`", path_, name), request.span);
      }
    }
    if (request.fields == nullptr) return Done{};
    for (const SourceField& field : *request.fields) {
      if (!seen.contains(field.name)) return absent(field, request);
    }
    return Done{};
  }

  /// A header that is one name which holds another delimiter was most likely written with that one.
  [[nodiscard]] Error absent(const SourceField& field, const OpenRequest& request) const {
    if (names_.size() == 1) {
      for (const char other : {';', '\t', '|', ','}) {
        if (other == options_.delimiter || names_[0].find(other) == std::string::npos) continue;
        const std::string shown = other == '\t' ? "\\t" : std::string(1, other);
        Error e = makeError("CD5009",
                            fmt::format("`{}` has one column `{}` when split at `{}`", path_, names_[0],
                                        options_.delimiter == '\t' ? "\\t" : std::string(1, options_.delimiter)),
                            request.span);
        e.help.push_back(fmt::format("its fields seem to be split by `{0}`: write `delimiter: \"{0}\"`", shown));
        return e;
      }
    }
    return missingColumn(path_, field, names_);
  }

  arrow::Result<std::shared_ptr<arrow::Table>> parse(const OpenRequest& request, Values values) {
    arrow::csv::ReadOptions read = arrow::csv::ReadOptions::Defaults();
    read.use_threads = request.threads > 1;
    read.block_size = 1 << 22;
    read.skip_rows = static_cast<std::int32_t>(options_.skip);
    if (!options_.header) read.column_names = names_;
    arrow::csv::ParseOptions how = arrow::csv::ParseOptions::Defaults();
    how.delimiter = options_.delimiter;
    how.quoting = options_.quote != 0;
    how.quote_char = how.quoting ? options_.quote : '"';
    const bool quotes = how.quoting && std::memchr(buffer_->data(), options_.quote,
                                                   static_cast<std::size_t>(buffer_->size())) != nullptr;
    how.newlines_in_values = quotes;  // finding blocks is dearer then
    arrow::csv::ConvertOptions convert = arrow::csv::ConvertOptions::Defaults();
    convert.null_values = options_.nulls;
    convert.null_values.emplace_back();
    convert.strings_can_be_null = true;
    convert.quoted_strings_can_be_null = false;
    convert.decimal_point = options_.decimal;
    if (request.fields != nullptr) {
      for (const SourceField& field : *request.fields) {
        convert.include_columns.push_back(field.name);
        const auto at = static_cast<std::size_t>(std::find(names_.begin(), names_.end(), field.name) - names_.begin());
        const std::string_view shown = at < first_row_.fields.size() ? std::string_view(first_row_.fields[at]) : "";
        convert.column_types[field.name] = typeToRead(field.type.kind, values, shown);
      }
    }
    auto input = std::make_shared<arrow::io::BufferReader>(buffer_);
    ARROW_ASSIGN_OR_RAISE(auto reader,
                          arrow::csv::TableReader::Make(arrow::io::default_io_context(), input, read, how, convert));
    return reader->Read();
  }

  /// What Arrow says without a place, said with one: bytes that are no UTF-8, records of another length.
  [[nodiscard]] Status findStructuralFault(Span span) const {
    CsvScanner scanner(textOf(*buffer_), options_);
    CsvRecord record;
    std::int64_t row = options_.header ? -1 : 0;
    arrow::util::InitializeUTF8();
    for (; scanner.next(record); ++row) {
      const std::string place = row < 0 ? fmt::format("header (line {})", record.line)
                                        : fmt::format("row {} (line {})", row + 1, record.line);
      for (std::size_t f = 0; f < record.fields.size(); ++f) {
        const std::string& field = record.fields[f];
        if (arrow::util::ValidateUTF8(reinterpret_cast<const std::uint8_t*>(field.data()),
                                      static_cast<std::int64_t>(field.size())))
          continue;
        const std::string column = f < names_.size() ? fmt::format(", column `{}`", names_[f]) : "";
        return makeError("CD5010", fmt::format("`{}`, {}{}: the bytes are no UTF-8", path_, place, column), span);
      }
      if (record.fields.size() == names_.size()) continue;
      return makeError(
          "CD5008",
          fmt::format("`{}`, {}: {} fields where the header has {}", path_, place, record.fields.size(), names_.size()),
          span);
    }
    return Done{};
  }

  void keep(const arrow::Table& table) {
    table_ = table.Slice(0);
    begins_.push_back(0);
    if (table_->num_columns() > 0) {
      for (const auto& chunk : table_->column(0)->chunks()) begins_.push_back(begins_.back() + chunk->length());
    }
  }

  std::string path_;
  CsvOptions options_;
  std::shared_ptr<arrow::Buffer> buffer_;
  std::vector<std::string> names_;
  CsvRecord first_row_;  ///< of data
  std::shared_ptr<arrow::Table> table_;
  std::vector<std::int64_t> begins_;
};

}  // namespace

Result<std::unique_ptr<TableFile>> openCsv(const OpenRequest& request) { return CsvTable::open(request); }

}  // namespace cd4ml::data
