#include "runtime/data/write_arrow.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/io/file.h>
#include <arrow/ipc/writer.h>
#include <arrow/table.h>
#include <parquet/arrow/writer.h>

#include "runtime/data/arrow_type.h"

namespace cd4ml::data {

namespace {

/// A view of one of our buffers that keeps it alive.
class SharedBuffer final : public arrow::Buffer {
 public:
  SharedBuffer(std::shared_ptr<const std::uint8_t> memory, std::int64_t size)
      : Buffer(memory.get(), size), memory_(std::move(memory)) {}

 private:
  std::shared_ptr<const std::uint8_t> memory_;
};

std::shared_ptr<arrow::Buffer> share(const std::shared_ptr<const std::uint8_t>& memory, std::int64_t size) {
  return memory == nullptr ? nullptr : std::make_shared<SharedBuffer>(memory, size);
}

std::shared_ptr<arrow::Buffer> packBits(const score::ColumnView& view) {
  auto bits = allocateBuffer(static_cast<std::size_t>(view.rows + 7) / 8);
  for (std::int64_t r = 0; r < view.rows; ++r) {
    const auto mask = static_cast<std::uint8_t>(1U << (r & 7));
    std::uint8_t& byte = bits.get()[r >> 3];
    byte = static_cast<std::uint8_t>(view.bools()[r] != 0 ? byte | mask : byte & ~mask);
  }
  return share(bits, (view.rows + 7) / 8);
}

std::shared_ptr<arrow::Buffer> narrowDays(const score::ColumnView& view) {
  auto days = allocateBuffer(static_cast<std::size_t>(view.rows) * 4);
  for (std::int64_t r = 0; r < view.rows; ++r)
    reinterpret_cast<std::int32_t*>(days.get())[r] = static_cast<std::int32_t>(view.ints()[r]);
  return share(days, view.rows * 4);
}

std::shared_ptr<arrow::Table> makeTable(const std::vector<NamedColumn>& columns) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const NamedColumn& named : columns) {
    arrays.push_back(toArrow(named.column));
    fields.push_back(arrow::field(named.name, arrays.back()->type(), true));
  }
  return arrow::Table::Make(arrow::schema(fields), arrays);
}

Status fromArrow(const arrow::Status& status) {
  if (status.ok()) return Done{};
  return makeError("CD5018", status.message());
}

arrow::Status writeIpc(const std::string& path, const arrow::Table& table) {
  ARROW_ASSIGN_OR_RAISE(auto out, arrow::io::FileOutputStream::Open(path));
  ARROW_ASSIGN_OR_RAISE(auto writer, arrow::ipc::MakeFileWriter(out, table.schema()));
  ARROW_RETURN_NOT_OK(writer->WriteTable(table));
  ARROW_RETURN_NOT_OK(writer->Close());
  return out->Close();
}

arrow::Status writeParquetFile(const std::string& path, const arrow::Table& table) {
  ARROW_ASSIGN_OR_RAISE(auto out, arrow::io::FileOutputStream::Open(path));
  auto properties = parquet::WriterProperties::Builder().compression(parquet::Compression::ZSTD)->build();
  auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  ARROW_RETURN_NOT_OK(
      parquet::arrow::WriteTable(table, arrow::default_memory_pool(), out, 1 << 20, properties, arrow_properties));
  return out->Close();
}

}  // namespace

std::shared_ptr<arrow::Array> toArrow(const Column& column) {
  const score::ColumnView view = column.view();
  const auto validity = share(column.validity, (view.rows + 7) / 8);
  const std::int64_t nulls = countNulls(column);
  std::vector<std::shared_ptr<arrow::Buffer>> buffers{validity};
  if (view.kind == ir::Kind::Text) {
    buffers.push_back(share(column.offsets, (view.rows + 1) * 8));
    buffers.push_back(share(column.values, view.offsets[view.rows]));
  } else if (view.kind == ir::Kind::Bool) {
    buffers.push_back(packBits(view));
  } else if (view.kind == ir::Kind::Date) {
    buffers.push_back(narrowDays(view));
  } else {
    buffers.push_back(share(column.values, view.rows * static_cast<std::int64_t>(valueBytes(view.kind))));
  }
  const auto type = arrowType(view.kind);
  if (view.kind != ir::Kind::Category) return arrow::MakeArray(arrow::ArrayData::Make(type, view.rows, buffers, nulls));
  arrow::StringBuilder levels;
  for (const std::string& level : *column.levels) CD4ML_CHECK(levels.Append(level).ok());
  const auto codes = arrow::MakeArray(arrow::ArrayData::Make(arrow::int32(), view.rows, buffers, nulls));
  return std::make_shared<arrow::DictionaryArray>(type, codes, levels.Finish().ValueOrDie());
}

Status writeParquet(const std::string& path, const std::vector<NamedColumn>& columns) {
  return fromArrow(writeParquetFile(path, *makeTable(columns)));
}

Status writeArrow(const std::string& path, const std::vector<NamedColumn>& columns) {
  return fromArrow(writeIpc(path, *makeTable(columns)));
}

}  // namespace cd4ml::data
