#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/chunked_array.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "base/parallel.h"
#include "runtime/data/arrow_type.h"
#include "runtime/data/cell_column.h"
#include "runtime/data/csv_cursor.h"
#include "runtime/data/table_file.h"
#include "runtime/data/text_file.h"

namespace cd4ml::data {

namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 21;

/// The rows of one part of the text.
struct Block {
  std::vector<std::shared_ptr<arrow::Array>> columns;  ///< as wanted
  std::vector<CellFault> faults;                       ///< columns are wanted ones, rows count from the block's first
  std::int64_t rows = 0;
  const char* broken = nullptr;  ///< where a record begins that has not as many fields as there are names
  std::size_t fields = 0;        ///< of that record
  bool open = false;             ///< its quote is never closed
};

/// Parses a block once; `wanted` has the place of a field among the wanted ones, or -1, for each column.
class BlockParser {
 public:
  BlockParser(const CsvOptions& options, const std::vector<SourceField>& fields, const std::vector<int>& wanted,
              EmptyLines empty, BadCells bad)
      : options_(options), wanted_(wanted), empty_(empty) {
    for (const SourceField& field : fields)
      columns_.emplace_back(std::make_unique<CellColumn>(field, options.format, bad));
  }

  Block parse(std::string_view text) {
    Block out;
    CsvCursor cursor(text, options_, empty_);
    for (auto& column : columns_) column->reserve(text.size() / (4 * wanted_.size() + 1));
    for (; cursor.next(); ++out.rows) {
      const char* const begin = cursor.position();
      if (parseRecord(cursor, out)) continue;
      out.broken = begin;
      return out;
    }
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      for (const ValueFault& fault : columns_[c]->faults()) out.faults.push_back({static_cast<int>(c), fault});
      out.columns.push_back(columns_[c]->finish());
    }
    return out;
  }

 private:
  bool parseRecord(CsvCursor& cursor, Block& out) {
    std::size_t count = 0;
    CsvField field;
    do {
      field = cursor.field();
      if (count < wanted_.size() && wanted_[count] >= 0)
        add(*columns_[static_cast<std::size_t>(wanted_[count])], field);
      ++count;
      out.open = out.open || field.open;
    } while (!field.last);
    out.fields = count;
    return count == wanted_.size() && !field.open;
  }

  void add(CellColumn& column, const CsvField& field) const {
    if (!field.quoted && isNull(field.text)) return column.addNull();
    column.addField(field.text);
  }

  [[nodiscard]] bool isNull(std::string_view text) const {
    if (text.empty()) return true;
    return std::find(options_.nulls.begin(), options_.nulls.end(), text) != options_.nulls.end();
  }

  const CsvOptions& options_;
  const std::vector<int>& wanted_;
  EmptyLines empty_;
  std::vector<std::unique_ptr<CellColumn>> columns_;
};

class CsvTable final : public TableFile {
 public:
  static Result<std::unique_ptr<TableFile>> open(const OpenRequest& request) {
    auto table = std::make_unique<CsvTable>();
    table->path_ = request.path;
    table->options_ = request.csv;
    CD4ML_TRY(table->buffer_, readText(request.path, request.csv.encoding, request.span));
    CD4ML_TRY_VOID(table->readHeader(request));
    table->selectFields(request);
    CD4ML_TRY_VOID(table->parse(request));
    return std::unique_ptr<TableFile>(std::move(table));
  }

  [[nodiscard]] const arrow::Schema& schema() const override { return *schema_; }
  [[nodiscard]] std::int64_t rows() const override { return begins_.back(); }
  [[nodiscard]] std::size_t pieces() const override { return blocks_.size(); }
  [[nodiscard]] std::int64_t pieceBegin(std::size_t piece) const override { return begins_[piece]; }
  [[nodiscard]] Texts texts() const override { return Texts::AreUntyped; }
  [[nodiscard]] const TextFormat& format() const override { return options_.format; }
  [[nodiscard]] const std::vector<CellFault>& faults() const override { return faults_; }
  [[nodiscard]] Result<std::shared_ptr<arrow::ChunkedArray>> load(std::size_t piece, int column) override {
    const int at = wanted_[static_cast<std::size_t>(column)];
    return std::make_shared<arrow::ChunkedArray>(blocks_[piece].columns[static_cast<std::size_t>(at)]);
  }
  [[nodiscard]] std::string rowText(std::int64_t row) const override {
    CsvCursor cursor(body_, options_, empty_);
    bool there = cursor.next();
    for (std::int64_t r = 0; r < row && there; ++r, there = cursor.next()) {
      while (!cursor.field().last) {
      }
    }
    return placeText(row, cursor.position());
  }

 private:
  [[nodiscard]] std::string placeText(std::int64_t row, const char* at) const {
    return fmt::format("row {} (line {})", row + 1, lineOf(textOf(*buffer_), at));
  }

  /// The names in the first record, each wanted one once and there.
  [[nodiscard]] Status readHeader(const OpenRequest& request) {
    CD4ML_TRY_VOID(refuseNulBytes(request));
    body_ = csvBody(textOf(*buffer_), options_);
    CsvCursor cursor(body_, options_);
    if (!cursor.next()) return makeError("CD5003", fmt::format("`{}` is empty", path_), request.span);
    const char* const begin = cursor.position();
    for (CsvField field; !field.last;) {
      field = cursor.field();
      names_.emplace_back(options_.header ? std::string(field.text) : fmt::format("c{}", names_.size() + 1));
      if (!isUtf8(names_.back())) {
        return makeError(
            "CD5010",
            fmt::format("`{}`, header (line {}): the bytes are no UTF-8", path_, lineOf(textOf(*buffer_), begin)),
            request.span);
      }
    }
    const char* const rows = options_.header ? cursor.position() : begin;
    body_.remove_prefix(static_cast<std::size_t>(rows - body_.data()));
    empty_ = names_.size() == 1 ? EmptyLines::AreRows : EmptyLines::AreNone;
    return checkNames(request);
  }

  [[nodiscard]] Status checkNames(const OpenRequest& request) const {
    std::set<std::string> seen;
    std::set<std::string> twice;
    for (const std::string& name : names_) {
      if (!seen.insert(name).second) twice.insert(name);
    }
    const auto refuse = [&](const std::string& name, Span span) {
      return makeError("CD5004", fmt::format("`{}` has two columns `{}`", path_, name), span);
    };
    if (request.fields == nullptr) {
      if (!twice.empty()) return refuse(*twice.begin(), request.span);
      return Done{};
    }
    for (const SourceField& field : *request.fields) {
      if (!seen.contains(field.name)) return absent(field, request);
      if (twice.contains(field.name)) return refuse(field.name, field.span);
    }
    return Done{};
  }

  /// A zero byte is no text: a damaged file, or UTF-16 without a byte order mark.
  [[nodiscard]] Status refuseNulBytes(const OpenRequest& request) const {
    const std::string_view text = textOf(*buffer_);
    const std::size_t at = text.find('\0');
    if (at == std::string_view::npos) return Done{};
    Error e = makeError(
        "CD5010", fmt::format("`{}`, line {}: a zero byte, which is no text", path_, lineOf(text, text.data() + at)),
        request.span);
    e.help.emplace_back(at == 1 ? "the file may be UTF-16: write `encoding: \"utf-16\"`" : "the file may be damaged");
    return e;
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

  /// The fields that are asked for, or all as texts.
  void selectFields(const OpenRequest& request) {
    std::vector<std::shared_ptr<arrow::Field>> columns;
    for (const std::string& name : names_) {
      int at = -1;
      if (request.fields == nullptr) {
        at = static_cast<int>(fields_.size());
        fields_.push_back({.name = name, .type = {.kind = ir::Kind::Text, .nullable = true}});
      } else {
        const auto found = std::find_if(request.fields->begin(), request.fields->end(),
                                        [&](const SourceField& f) { return f.name == name; });
        if (found != request.fields->end() && found->type.kind != ir::Kind::Vector) {
          at = static_cast<int>(fields_.size());
          fields_.push_back(*found);
        }
      }
      if (at >= 0) column_of_.push_back(static_cast<int>(wanted_.size()));
      wanted_.push_back(at);
      // What nobody asks for has a type that fills nothing.
      columns.push_back(arrow::field(name, at < 0 ? arrow::binary() : arrowType(fields_.back().type.kind)));
    }
    schema_ = arrow::schema(columns);
  }

  [[nodiscard]] Status parse(const OpenRequest& request) {
    const std::vector<std::string_view> parts = splitRecords(body_, options_, empty_, kBlockBytes);
    blocks_.resize(parts.size());
    std::vector<char> utf8(parts.size(), 1);
    parallelFor(request.threads, parts.size(), [&](std::size_t b) {
      utf8[b] = isUtf8(parts[b]) ? 1 : 0;
      blocks_[b] = BlockParser(options_, fields_, wanted_, empty_, request.bad_cells).parse(parts[b]);
    });
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      const std::int64_t first = begins_.back();
      if (utf8[b] == 0) CD4ML_TRY_VOID(refuseBadBytes(parts[b], first, request.span));
      if (blocks_[b].broken != nullptr) return broken(blocks_[b], first + blocks_[b].rows, request.span);
      for (CellFault& fault : blocks_[b].faults) {
        fault.fault.row += first;
        fault.column = column_of_[static_cast<std::size_t>(fault.column)];
        faults_.push_back(std::move(fault));
      }
      begins_.push_back(first + blocks_[b].rows);
    }
    return Done{};
  }

  [[nodiscard]] Error broken(const Block& block, std::int64_t row, Span span) const {
    const std::string place = fmt::format("`{}`, {}", path_, placeText(row, block.broken));
    if (block.open) return makeError("CD5008", fmt::format("{}: a quote is opened and never closed", place), span);
    return makeError("CD5008", fmt::format("{}: {} fields where the header has {}", place, block.fields, names_.size()),
                     span);
  }

  /// Bytes that are no UTF-8 in a column that is asked for.
  [[nodiscard]] Status refuseBadBytes(std::string_view part, std::int64_t row, Span span) const {
    CsvCursor cursor(part, options_, empty_);
    for (; cursor.next(); ++row) {
      const char* const begin = cursor.position();
      CsvField field;
      for (std::size_t f = 0; !field.last; ++f) {
        field = cursor.field();
        if (f >= wanted_.size() || wanted_[f] < 0 || isUtf8(field.text)) continue;
        Error e = makeError(
            "CD5010",
            fmt::format("`{}`, {}, column `{}`: the bytes are no UTF-8", path_, placeText(row, begin), names_[f]),
            span);
        e.help.emplace_back("if the file has another encoding, name it: `encoding: \"windows-1252\"`");
        return e;
      }
    }
    return Done{};
  }

  std::string path_;
  CsvOptions options_;
  std::shared_ptr<arrow::Buffer> buffer_;
  std::string_view body_;  ///< the data records
  EmptyLines empty_ = EmptyLines::AreNone;
  std::vector<std::string> names_;
  std::vector<int> wanted_;  ///< a column of the file → field, -1: none
  std::vector<SourceField> fields_;
  std::vector<int> column_of_;  ///< a field → column of the file
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<Block> blocks_;
  std::vector<CellFault> faults_;
  std::vector<std::int64_t> begins_{0};
};

}  // namespace

Result<std::unique_ptr<TableFile>> openCsv(const OpenRequest& request) { return CsvTable::open(request); }

}  // namespace cd4ml::data
