#include <arrow/chunked_array.h>
#include <arrow/io/file.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/properties.h>

#include <mutex>

#include "runtime/data/arrow_memory.h"
#include "runtime/data/arrow_text.h"
#include "runtime/data/table_file.h"

namespace cd4ml::data {

namespace {

Error unreadable(const std::string& path, const std::string& why) {
  Error e = makeError("CD5002", fmt::format("cannot read `{}` as Parquet: {}", path, reasonOf(why)));
  e.help.emplace_back("the file may be cut off or of another format; compare its size with the original's");
  return e;
}

class ParquetTable final : public TableFile {
 public:
  static Result<std::unique_ptr<TableFile>> open(const OpenRequest& request) {
    auto table = std::make_unique<ParquetTable>();
    table->path_ = request.path;
    const auto mapped = arrow::io::ReadableFile::Open(request.path);
    if (!mapped.ok()) return unreadable(request.path, mapped.status().message());
    table->file_ = *mapped;
    try {
      CD4ML_TRY_VOID(table->openReader(request));
    } catch (const std::exception& e) {  // Parquet's footer is read by code that throws
      return unreadable(request.path, e.what());
    }
    return std::unique_ptr<TableFile>(std::move(table));
  }

  [[nodiscard]] const arrow::Schema& schema() const override { return *schema_; }
  [[nodiscard]] std::int64_t rows() const override { return begins_.back(); }
  [[nodiscard]] std::size_t pieces() const override { return begins_.size() - 1; }
  [[nodiscard]] std::int64_t pieceBegin(std::size_t piece) const override { return begins_[piece]; }
  [[nodiscard]] std::string rowText(std::int64_t row) const override { return fmt::format("row {}", row + 1); }

  [[nodiscard]] Result<std::shared_ptr<arrow::ChunkedArray>> load(std::size_t piece, int column) override {
    try {
      std::shared_ptr<arrow::ChunkedArray> out;
      arrow::Status status = reader_->RowGroup(static_cast<int>(piece))->Column(column)->Read(&out);
      // Codes and offsets of a damaged file may point anywhere; rows may be fewer than the footer says.
      if (status.ok()) status = out->ValidateFull();
      if (status.ok() && out->length() != begins_[piece + 1] - begins_[piece])
        status = arrow::Status::Invalid("rows are missing");
      if (!status.ok()) return unreadable(path_, status.message());
      return out;
    } catch (const std::exception& e) {
      return unreadable(path_, e.what());
    }
  }

 private:
  [[nodiscard]] Status openReader(const OpenRequest& request) {
    parquet::arrow::FileReaderBuilder builder;
    arrow::Status status = builder.memory_pool(readerMemory())->Open(file_, parquet::ReaderProperties(readerMemory()));
    if (!status.ok()) return unreadable(path_, status.message());
    const auto metadata = builder.raw_reader()->metadata();
    parquet::ArrowReaderProperties properties;
    properties.set_use_threads(false);
    for (int c = 0; c < metadata->num_columns(); ++c) {
      if (metadata->schema()->Column(c)->physical_type() != parquet::Type::BYTE_ARRAY) continue;
      properties.set_read_dictionary(c, wantsDictionary(request, metadata->schema()->Column(c)->name()));
    }
    status = builder.properties(properties)->Build(&reader_);
    if (!status.ok()) return unreadable(path_, status.message());
    status = reader_->GetSchema(&schema_);
    if (!status.ok()) return unreadable(path_, status.message());
    if (schema_->num_fields() != metadata->num_columns()) {
      return makeError("CD5011", fmt::format("`{}` holds nested columns, which are not supported yet", path_),
                       request.span);
    }
    begins_.push_back(0);
    for (int g = 0; g < metadata->num_row_groups(); ++g)
      begins_.push_back(begins_.back() + metadata->RowGroup(g)->num_rows());
    return Done{};
  }

  static bool wantsDictionary(const OpenRequest& request, const std::string& name) {
    if (request.fields == nullptr) return true;
    for (const SourceField& field : *request.fields) {
      if (field.name == name) return field.type.kind == ir::Kind::Category;
    }
    return false;
  }

  std::string path_;
  std::shared_ptr<arrow::io::RandomAccessFile> file_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<std::int64_t> begins_;
};

}  // namespace

Result<std::unique_ptr<TableFile>> openParquet(const OpenRequest& request) { return ParquetTable::open(request); }

}  // namespace cd4ml::data
