#include <arrow/chunked_array.h>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

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
    const arrow::Status status = table->read(*mapped);
    if (!status.ok()) return unreadable(request.path, status.message());
    return std::unique_ptr<TableFile>(std::move(table));
  }

  [[nodiscard]] const arrow::Schema& schema() const override { return *schema_; }
  [[nodiscard]] std::int64_t rows() const override { return begins_.back(); }
  [[nodiscard]] std::size_t pieces() const override { return begins_.size() - 1; }
  [[nodiscard]] std::int64_t pieceBegin(std::size_t piece) const override { return begins_[piece]; }
  [[nodiscard]] std::string rowText(std::int64_t row) const override { return fmt::format("row {}", row + 1); }
  [[nodiscard]] Result<std::shared_ptr<arrow::ChunkedArray>> load(std::size_t piece, int column) override {
    return std::make_shared<arrow::ChunkedArray>(batches_[piece]->column(column));
  }

 private:
  arrow::Status read(const std::shared_ptr<arrow::io::ReadableFile>& file) {
    if (auto reader = arrow::ipc::RecordBatchFileReader::Open(file); reader.ok()) {
      schema_ = (*reader)->schema();
      for (int b = 0; b < (*reader)->num_record_batches(); ++b) {
        ARROW_ASSIGN_OR_RAISE(auto batch, (*reader)->ReadRecordBatch(b));
        ARROW_RETURN_NOT_OK(keep(std::move(batch)));
      }
      return arrow::Status::OK();
    }
    ARROW_RETURN_NOT_OK(file->Seek(0));
    ARROW_ASSIGN_OR_RAISE(auto stream, arrow::ipc::RecordBatchStreamReader::Open(file));
    schema_ = stream->schema();
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
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches_;
  std::vector<std::int64_t> begins_{0};
};

}  // namespace

Result<std::unique_ptr<TableFile>> openArrow(const OpenRequest& request) { return ArrowTable::open(request); }

}  // namespace cd4ml::data
