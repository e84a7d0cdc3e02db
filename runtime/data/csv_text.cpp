#include "runtime/data/csv_text.h"

#include <arrow/buffer.h>
#include <arrow/io/compressed.h>
#include <arrow/io/file.h>
#include <arrow/io/memory.h>
#include <arrow/util/compression.h>
#include <fmt/format.h>

#include <cstring>

#include "runtime/data/column.h"

namespace cd4ml::data {

namespace {

constexpr std::string_view kGzip("\x1f\x8b", 2);
constexpr std::string_view kZstd("\x28\xb5\x2f\xfd", 4);

std::string_view textOf(const arrow::Buffer& buffer) {
  return {reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(buffer.size())};
}

/// An Arrow buffer over memory of ours.
class HeldBuffer final : public arrow::Buffer {
 public:
  HeldBuffer(std::shared_ptr<std::uint8_t> memory, std::int64_t size)
      : Buffer(memory.get(), size), memory_(std::move(memory)) {}

 private:
  std::shared_ptr<std::uint8_t> memory_;
};

arrow::Result<std::shared_ptr<arrow::Buffer>> unpack(const std::shared_ptr<arrow::Buffer>& packed,
                                                     arrow::Compression::type how) {
  ARROW_ASSIGN_OR_RAISE(auto codec, arrow::util::Codec::Create(how));
  auto raw = std::make_shared<arrow::io::BufferReader>(packed);
  ARROW_ASSIGN_OR_RAISE(auto stream, arrow::io::CompressedInputStream::Make(codec.get(), raw));
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

Result<std::shared_ptr<arrow::Buffer>> readText(const std::string& path) {
  const auto fail = [&](const arrow::Status& status) {
    return makeError("CD5002", fmt::format("cannot read `{}`: {}", path, status.message()));
  };
  auto bytes = readBytes(path);
  if (!bytes.ok()) return fail(bytes.status());
  const std::string_view text = textOf(**bytes);
  const bool gzip = text.starts_with(kGzip);
  if (!gzip && !text.starts_with(kZstd)) return *bytes;
  auto plain = unpack(*bytes, gzip ? arrow::Compression::GZIP : arrow::Compression::ZSTD);
  if (!plain.ok()) return fail(plain.status());
  return *plain;
}

CsvScanner::CsvScanner(std::string_view text, const CsvOptions& options) : text_(text), options_(options) {
  if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
  for (std::int64_t i = 0; i < options.skip; ++i) skipLine();
}

void CsvScanner::skipLine() {
  const std::size_t end = text_.find('\n', at_);
  at_ = end == std::string_view::npos ? text_.size() : end + 1;
  ++line_;
}

bool CsvScanner::next(CsvRecord& record) {
  while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) {
    if (text_[at_] == '\n') ++line_;
    ++at_;
  }
  if (at_ >= text_.size()) return false;
  record.fields.assign(1, {});
  record.line = line_;
  bool quoted = false;
  bool field_start = true;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '\n') ++line_;
    if (quoted) {
      if (c != options_.quote) {
        record.fields.back() += c;
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == options_.quote) {
        record.fields.back() += c;
        ++at_;
      } else {
        quoted = false;
      }
      continue;
    }
    if (c == '\n') {
      ++at_;
      return true;
    }
    if (c == options_.delimiter) {
      record.fields.emplace_back();
      field_start = true;
      continue;
    }
    if (c == options_.quote && field_start && options_.quote != 0) {
      quoted = true;
    } else if (c != '\r') {
      record.fields.back() += c;
    }
    field_start = false;
  }
  return true;
}

std::int64_t lineOfRow(std::string_view text, const CsvOptions& options, std::int64_t row) {
  CsvScanner scanner(text, options);
  CsvRecord record;
  if (options.header) scanner.next(record);
  for (std::int64_t i = 0; i <= row; ++i) {
    if (!scanner.next(record)) break;
  }
  return record.line;
}

}  // namespace cd4ml::data
