#include "runtime/data/text_file.h"

#include <arrow/buffer.h>
#include <arrow/io/compressed.h>
#include <arrow/io/file.h>
#include <arrow/io/memory.h>
#include <arrow/util/compression.h>
#include <arrow/util/utf8.h>
#include <fmt/format.h>

#include <fstream>

#include "runtime/data/column.h"
#include "runtime/data/encoding.h"
#include "runtime/data/table_file.h"

namespace cd4ml::data {

namespace {

constexpr std::string_view kGzip("\x1f\x8b", 2);
constexpr std::string_view kZstd("\x28\xb5\x2f\xfd", 4);

/// An Arrow buffer over memory of ours.
class HeldBuffer final : public arrow::Buffer {
 public:
  HeldBuffer(std::shared_ptr<std::uint8_t> memory, std::int64_t size)
      : Buffer(memory.get(), size), memory_(std::move(memory)) {}

 private:
  std::shared_ptr<std::uint8_t> memory_;
};

arrow::Result<std::shared_ptr<arrow::io::CompressedInputStream>> openPacked(
    const std::shared_ptr<arrow::io::InputStream>& raw, bool gzip) {
  ARROW_ASSIGN_OR_RAISE(auto codec,
                        arrow::util::Codec::Create(gzip ? arrow::Compression::GZIP : arrow::Compression::ZSTD));
  return arrow::io::CompressedInputStream::Make(codec.get(), raw);
}

arrow::Result<std::shared_ptr<arrow::Buffer>> unpack(const std::shared_ptr<arrow::Buffer>& packed, bool gzip) {
  ARROW_ASSIGN_OR_RAISE(auto stream, openPacked(std::make_shared<arrow::io::BufferReader>(packed), gzip));
  ARROW_ASSIGN_OR_RAISE(auto sink, arrow::io::BufferOutputStream::Create(packed->size() * 4));
  for (;;) {
    ARROW_ASSIGN_OR_RAISE(auto piece, stream->Read(std::int64_t{4} << 20));
    if (piece->size() == 0) break;
    ARROW_RETURN_NOT_OK(sink->Write(piece));
  }
  return sink->Finish();
}

/// Read, not mapped: a file that is cut while it is read must give an error, not a signal.
arrow::Result<std::shared_ptr<arrow::Buffer>> readBytes(const std::string& path) {
  ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::ReadableFile::Open(path));
  ARROW_ASSIGN_OR_RAISE(const std::int64_t size, file->GetSize());
  auto memory = allocateBuffer(static_cast<std::size_t>(size));
  ARROW_ASSIGN_OR_RAISE(const std::int64_t read, file->ReadAt(0, size, memory.get()));
  return std::make_shared<HeldBuffer>(std::move(memory), read);
}

}  // namespace

std::string_view textOf(const arrow::Buffer& buffer) {
  return {reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(buffer.size())};
}

bool isUtf8(std::string_view text) {
  arrow::util::InitializeUTF8();
  return arrow::util::ValidateUTF8(reinterpret_cast<const std::uint8_t*>(text.data()),
                                   static_cast<std::int64_t>(text.size()));
}

Result<std::shared_ptr<arrow::Buffer>> readText(const std::string& path, const std::string& encoding, Span span) {
  const auto fail = [&](const arrow::Status& status) {
    return makeError("CD5002", fmt::format("cannot read `{}`: {}", path, reasonOf(status.message())), span);
  };
  auto bytes = readBytes(path);
  if (!bytes.ok()) return fail(bytes.status());
  const bool gzip = textOf(**bytes).starts_with(kGzip);
  if (gzip || textOf(**bytes).starts_with(kZstd)) {
    bytes = unpack(*bytes, gzip);
    if (!bytes.ok()) {
      Error e = fail(bytes.status());
      e.help.emplace_back("the file may be cut off; compare its size with the original's");
      return e;
    }
  }
  return toUtf8(*bytes, encoding, path, span);
}

std::string firstText(const std::string& path) {
  constexpr std::size_t kEnough = 4096;
  std::ifstream in(path, std::ios::binary);
  std::string first(kEnough, '\0');
  in.read(first.data(), kEnough);
  first.resize(static_cast<std::size_t>(in.gcount()));
  const bool gzip = first.starts_with(kGzip);
  if (!gzip && !first.starts_with(kZstd)) return first;
  const auto file = arrow::io::ReadableFile::Open(path);
  if (!file.ok()) return first;
  const auto stream = openPacked(*file, gzip);
  if (!stream.ok()) return first;
  const auto piece = (*stream)->Read(kEnough);
  return piece.ok() ? std::string(textOf(**piece)) : first;
}

}  // namespace cd4ml::data
