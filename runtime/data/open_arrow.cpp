#include <arrow/buffer.h>
#include <arrow/chunked_array.h>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>

#include "runtime/data/table_file.h"

namespace cd4ml::data {

namespace {

Error unreadable(const std::string& path, const std::string& why) {
  Error e = makeError("CD5002", fmt::format("cannot read `{}` as Arrow IPC: {}", path, reasonOf(why)));
  e.help.emplace_back("the file may be cut off or of another format; compare its size with the original's");
  return e;
}

/// Arrow IPC, file or stream form; batches are validated, since what a file says is not to be trusted.
class ArrowTable final : public TableFile {
 public:
  static Result<std::unique_ptr<TableFile>> open(const OpenRequest& request) {
    auto table = std::make_unique<ArrowTable>();
    const auto mapped = arrow::io::ReadableFile::Open(request.path);
    if (!mapped.ok()) return unreadable(request.path, mapped.status().message());
    if (isFeather1(**mapped))
      return unreadable(request.path,
                        "it is Feather version 1, which is not read; write it as Parquet or Feather version 2");
    const arrow::Status status = table->read(*mapped, request.fields);
    if (!status.ok()) return unreadable(request.path, status.message());
    return std::unique_ptr<TableFile>(std::move(table));
  }

  [[nodiscard]] const arrow::Schema& schema() const override { return *schema_; }
  [[nodiscard]] std::int64_t rows() const override { return begins_.back(); }
  [[nodiscard]] std::size_t pieces() const override { return begins_.size() - 1; }
  [[nodiscard]] std::int64_t pieceBegin(std::size_t piece) const override { return begins_[piece]; }
  [[nodiscard]] std::string rowText(std::int64_t row) const override { return fmt::format("row {}", row + 1); }
  [[nodiscard]] Result<std::shared_ptr<arrow::ChunkedArray>> load(std::size_t piece, int column) override {
    return std::make_shared<arrow::ChunkedArray>(batches_[piece]->column(places_[static_cast<std::size_t>(column)]));
  }

 private:
  static bool isFeather1(arrow::io::ReadableFile& file) {
    const auto magic = file.ReadAt(0, 4);
    return magic.ok() && (*magic)->ToString() == "FEA1";
  }

  /// What to read: the columns that are asked for, each under its place in the file.
  arrow::ipc::IpcReadOptions select(const arrow::Schema& whole, const std::vector<SourceField>* fields) {
    arrow::ipc::IpcReadOptions options = arrow::ipc::IpcReadOptions::Defaults();
    schema_ = std::make_shared<arrow::Schema>(whole);
    places_.assign(static_cast<std::size_t>(whole.num_fields()), -1);
    for (int c = 0; c < whole.num_fields(); ++c) {
      const auto wanted = [&](const SourceField& field) { return field.name == whole.field(c)->name(); };
      if (fields != nullptr && std::none_of(fields->begin(), fields->end(), wanted)) continue;
      places_[static_cast<std::size_t>(c)] = static_cast<int>(options.included_fields.size());
      options.included_fields.push_back(c);
    }
    return options;
  }

  arrow::Status read(const std::shared_ptr<arrow::io::ReadableFile>& file, const std::vector<SourceField>* fields) {
    if (auto whole = arrow::ipc::RecordBatchFileReader::Open(file); whole.ok()) {
      auto reader = arrow::ipc::RecordBatchFileReader::Open(file, select(*(*whole)->schema(), fields));
      ARROW_RETURN_NOT_OK(reader);
      for (int b = 0; b < (*reader)->num_record_batches(); ++b) {
        ARROW_ASSIGN_OR_RAISE(auto batch, (*reader)->ReadRecordBatch(b));
        ARROW_RETURN_NOT_OK(keep(std::move(batch)));
      }
      return arrow::Status::OK();
    }
    ARROW_RETURN_NOT_OK(file->Seek(0));
    ARROW_ASSIGN_OR_RAISE(const auto whole, arrow::ipc::RecordBatchStreamReader::Open(file));
    const arrow::ipc::IpcReadOptions options = select(*whole->schema(), fields);
    ARROW_RETURN_NOT_OK(file->Seek(0));
    ARROW_ASSIGN_OR_RAISE(auto stream, arrow::ipc::RecordBatchStreamReader::Open(file, options));
    for (;;) {
      std::shared_ptr<arrow::RecordBatch> batch;
      ARROW_RETURN_NOT_OK(stream->ReadNext(&batch));
      if (batch == nullptr) return arrow::Status::OK();
      ARROW_RETURN_NOT_OK(keep(std::move(batch)));
    }
  }

  arrow::Status keep(std::shared_ptr<arrow::RecordBatch> batch) {
    ARROW_RETURN_NOT_OK(batch->ValidateFull());
    begins_.push_back(begins_.back() + batch->num_rows());
    batches_.push_back(std::move(batch));
    return arrow::Status::OK();
  }

  std::shared_ptr<arrow::Schema> schema_;
  std::vector<int> places_;  ///< a column of the file → of the batches, -1: not read
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches_;
  std::vector<std::int64_t> begins_{0};
};

}  // namespace

Result<std::unique_ptr<TableFile>> openArrow(const OpenRequest& request) { return ArrowTable::open(request); }

}  // namespace cd4ml::data
