#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>

#include <cstring>

#include "runtime/data/literal_column.h"
#include "runtime/data/traffic.h"
#include "runtime/data/write_arrow.h"

namespace cd4ml::data {

namespace {

Error notWritten(const std::string& path, const arrow::Status& status) {
  return makeError("CD5708", fmt::format("cannot write captured rows to `{}`: {}", path, status.message()));
}

std::shared_ptr<std::uint8_t> copied(const void* from, std::size_t bytes) {
  auto buffer = allocateBuffer(bytes);
  if (bytes > 0) std::memcpy(buffer.get(), from, bytes);
  return buffer;
}

/// The batch's own copy: what the views show is reused when `append` returns.
Column columnOf(const TrafficColumn& from, std::int64_t rows) {
  Column column;
  column.type.kind = from.view.kind;
  column.type.nullable = true;
  column.rows = rows;
  const auto count = static_cast<std::size_t>(rows);
  if (from.view.kind == ir::Kind::Text) {
    column.offsets = copied(from.view.offsets, (count + 1) * sizeof(std::int64_t));
    column.values = copied(from.view.values, static_cast<std::size_t>(from.view.offsets[count]));
  } else {
    column.values = copied(from.view.values, count * valueBytes(from.view.kind));
  }
  if (from.view.validity != nullptr) column.validity = copied(from.view.validity, (count + 7) / 8);
  return finishColumn(std::move(column));
}

/// The kind that a column has in cd4ml stands in its field: Arrow alone would not tell a category from a text.
std::shared_ptr<arrow::Schema> schemaOf(const std::vector<TrafficColumn>& columns) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const TrafficColumn& column : columns) {
    const auto type = toArrow(literalColumn({.kind = column.view.kind}, {}))->type();
    const auto kind = arrow::key_value_metadata({"cd4ml.kind"}, {std::string(ir::kindText(column.type.kind))});
    fields.push_back(arrow::field(column.name, type, true, kind));
  }
  return arrow::schema(std::move(fields));
}

class StreamWriter final : public TrafficWriter {
 public:
  StreamWriter(std::string path, std::shared_ptr<arrow::Schema> schema) : path_(std::move(path)), schema_(std::move(schema)) {}

  arrow::Status open() {
    ARROW_ASSIGN_OR_RAISE(out_, arrow::io::FileOutputStream::Open(path_));
    ARROW_ASSIGN_OR_RAISE(writer_, arrow::ipc::MakeStreamWriter(out_, schema_));
    return arrow::Status::OK();
  }

  Status append(const std::vector<TrafficColumn>& columns, std::int64_t rows) override {
    std::vector<std::shared_ptr<arrow::Array>> arrays;
    for (const TrafficColumn& column : columns) arrays.push_back(toArrow(columnOf(column, rows)));
    const arrow::Status status = writer_->WriteRecordBatch(*arrow::RecordBatch::Make(schema_, rows, std::move(arrays)));
    if (!status.ok()) return notWritten(path_, status);
    return Done{};
  }

  [[nodiscard]] std::uint64_t bytes() const override { return static_cast<std::uint64_t>(out_->Tell().ValueOr(0)); }

  Status close() override {
    arrow::Status status = writer_->Close();
    if (status.ok()) status = out_->Close();
    if (!status.ok()) return notWritten(path_, status);
    return Done{};
  }

 private:
  std::string path_;
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::io::FileOutputStream> out_;
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
};

}  // namespace

Result<std::unique_ptr<TrafficWriter>> TrafficWriter::create(const std::string& path, const std::vector<TrafficColumn>& columns) {
  auto writer = std::make_unique<StreamWriter>(path, schemaOf(columns));
  const arrow::Status status = writer->open();
  if (!status.ok()) return notWritten(path, status);
  return std::unique_ptr<TrafficWriter>(std::move(writer));
}

}  // namespace cd4ml::data
