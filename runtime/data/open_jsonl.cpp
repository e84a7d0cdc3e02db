#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/chunked_array.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/parallel.h"
#include "runtime/data/arrow_type.h"
#include "runtime/data/cell_column.h"
#include "runtime/data/cell_kinds.h"
#include "runtime/data/json_line.h"
#include "runtime/data/parse_value.h"
#include "runtime/data/table_file.h"
#include "runtime/data/text_file.h"

namespace cd4ml::data {

namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 21;

bool isBlank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

/// Calls `work(line)` for each line that is not blank until it returns false.
void forEachLine(std::string_view text, const auto& work) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!isBlank(line) && !work(line)) return;
  }
}

bool isWhole(std::string_view number) { return number.find_first_of(".eENni") == std::string_view::npos; }

/// The first line of a block that cannot be read.
struct Broken {
  std::string_view line{};
  JsonFault fault{};
  std::string twice{};  ///< the name of a member that is there twice
};

struct Block {
  std::vector<std::shared_ptr<arrow::Array>> columns;
  std::vector<CellFault> faults;
  std::int64_t rows = 0;
  std::optional<Broken> broken;
};

/// Puts the members of lines into columns.
class Columns final : public JsonMembers {
 public:
  Columns(const std::vector<SourceField>& fields, const TextFormat& format, BadCells bad)
      : fields_(fields), seen_(fields.size(), -1) {
    for (const SourceField& field : fields) columns_.push_back(std::make_unique<CellColumn>(field, format, bad));
  }

  bool member(std::string_view name) override {
    // Lines mostly have their members in one order.
    if (next_ >= fields_.size() || fields_[next_].name != name) {
      next_ = 0;
      while (next_ < fields_.size() && fields_[next_].name != name) ++next_;
      if (next_ == fields_.size()) return false;
    }
    at_ = next_++;
    if (seen_[at_] == row_) {
      twice_ = name;
      return false;
    }
    seen_[at_] = row_;
    return true;
  }
  void null() override { columns_[at_]->addNull(); }
  void boolean(bool value) override { columns_[at_]->addBool(value); }
  void text(std::string_view value) override { columns_[at_]->addText(value); }
  void nested(std::string_view what) override { columns_[at_]->addOther(std::string(what)); }
  void number(std::string_view text) override {
    CellColumn& column = *columns_[at_];
    const ir::Kind kind = fields_[at_].type.kind;
    const bool whole = isWhole(text);
    if (kind == ir::Kind::Int && whole) {
      if (const auto value = parseInt(text)) return column.addInt(*value);
      return column.addFault(ValueFault::Rule::OutOfRange, std::string(text));
    }
    if (kind == ir::Kind::Float) {
      if (const auto value = parseFloat(text)) return column.addFloat(*value);
    }
    column.addOther("the number " + std::string(text));
  }

  /// Ends a row: members that are not there are null. False if one was there twice.
  bool endRow() {
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (seen_[c] != row_) columns_[c]->addNull();
    }
    ++row_;
    next_ = 0;
    return twice_.empty();
  }
  [[nodiscard]] const std::string& twice() const { return twice_; }
  void finish(Block& out) {
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      for (const ValueFault& fault : columns_[c]->faults()) out.faults.push_back({static_cast<int>(c), fault});
      out.columns.push_back(columns_[c]->finish());
    }
  }

 private:
  const std::vector<SourceField>& fields_;
  std::vector<std::unique_ptr<CellColumn>> columns_;
  std::vector<std::int64_t> seen_;  ///< the last row that had the member
  std::int64_t row_ = 0;
  std::size_t next_ = 0;
  std::size_t at_ = 0;
  std::string twice_;
};

/// Looks at the members of lines, for a schema that is not declared.
class Kinds final : public JsonMembers {
 public:
  bool member(std::string_view name) override {
    at_ = kinds.columnOf(name);
    return true;
  }
  void null() override {}
  void boolean(bool /*value*/) override { kinds.saw(at_, CellKind::Bool); }
  void text(std::string_view /*value*/) override { kinds.saw(at_, CellKind::Text); }
  void nested(std::string_view /*what*/) override { kinds.saw(at_, CellKind::Other); }
  void number(std::string_view text) override {
    kinds.saw(at_, isWhole(text) && parseInt(text) ? CellKind::Int : CellKind::Float);
  }
  CellKinds kinds;

 private:
  std::size_t at_ = 0;
};

class JsonlTable final : public TableFile {
 public:
  static Result<std::unique_ptr<TableFile>> open(const OpenRequest& request) {
    auto table = std::make_unique<JsonlTable>();
    table->path_ = request.path;
    table->span_ = request.span;
    CD4ML_TRY(table->buffer_, readText(request.path, "utf-8", request.span));
    table->body_ = textOf(*table->buffer_);
    if (table->body_.starts_with("\xef\xbb\xbf")) table->body_.remove_prefix(3);
    if (isBlank(table->body_.substr(0, table->body_.find('\n'))) &&
        table->body_.find_first_not_of(" \t\r\n") == std::string_view::npos)
      return makeError("CD5003", fmt::format("`{}` is empty", request.path), request.span);
    table->split();
    if (request.fields == nullptr) {
      CD4ML_TRY_VOID(table->lookAtFields(request));
    } else {
      for (const SourceField& field : *request.fields) {
        if (field.type.kind != ir::Kind::Vector) table->fields_.push_back(field);
      }
    }
    CD4ML_TRY_VOID(table->parse(request));
    return std::unique_ptr<TableFile>(std::move(table));
  }

  [[nodiscard]] const arrow::Schema& schema() const override { return *schema_; }
  [[nodiscard]] std::int64_t rows() const override { return begins_.back(); }
  [[nodiscard]] std::size_t pieces() const override { return blocks_.size(); }
  [[nodiscard]] std::int64_t pieceBegin(std::size_t piece) const override { return begins_[piece]; }
  [[nodiscard]] Texts texts() const override { return Texts::MayBeTimes; }
  [[nodiscard]] const std::vector<CellFault>& faults() const override { return faults_; }
  [[nodiscard]] Result<std::shared_ptr<arrow::ChunkedArray>> load(std::size_t piece, int column) override {
    return std::make_shared<arrow::ChunkedArray>(blocks_[piece].columns[static_cast<std::size_t>(column)]);
  }
  [[nodiscard]] std::string rowText(std::int64_t row) const override {
    std::int64_t seen = 0;
    std::string_view found;
    forEachLine(body_, [&](std::string_view line) {
      found = line;
      return seen++ < row;
    });
    return fmt::format("row {} (line {})", row + 1, lineOf(found));
  }

 private:
  [[nodiscard]] std::int64_t lineOf(std::string_view line) const {
    return std::count(textOf(*buffer_).data(), line.data(), '\n') + 1;
  }

  /// JSON holds no line ends within texts, so every one ends a line.
  void split() {
    std::string_view rest = body_;
    while (!rest.empty()) {
      const std::size_t end = rest.size() <= kBlockBytes ? std::string_view::npos : rest.find('\n', kBlockBytes);
      parts_.push_back(rest.substr(0, end == std::string_view::npos ? end : end + 1));
      rest.remove_prefix(parts_.back().size());
    }
  }

  [[nodiscard]] Status lookAtFields(const OpenRequest& request) {
    std::vector<Kinds> seen(parts_.size());
    std::vector<std::optional<Broken>> broken(parts_.size());
    parallelFor(request.threads, parts_.size(), [&](std::size_t b) {
      forEachLine(parts_[b], [&](std::string_view line) {
        auto fault = readJsonLine(line, seen[b]);
        if (fault) broken[b] = Broken{line, std::move(*fault)};
        return !broken[b];
      });
    });
    CellKinds all;
    for (std::size_t b = 0; b < parts_.size(); ++b) {
      if (broken[b]) return unreadable(*broken[b]);
      all.join(seen[b].kinds);
    }
    CD4ML_TRY(fields_, all.fields(path_, span_));
    return Done{};
  }

  [[nodiscard]] Status parse(const OpenRequest& request) {
    std::vector<std::shared_ptr<arrow::Field>> columns;
    for (const SourceField& field : fields_) columns.push_back(arrow::field(field.name, arrowType(field.type.kind)));
    schema_ = arrow::schema(columns);
    blocks_.resize(parts_.size());
    parallelFor(request.threads, parts_.size(),
                [&](std::size_t b) { parseBlock(parts_[b], request.bad_cells, blocks_[b]); });
    for (Block& block : blocks_) {
      if (block.broken) return unreadable(*block.broken);
      for (CellFault& fault : block.faults) {
        fault.fault.row += begins_.back();
        faults_.push_back(std::move(fault));
      }
      begins_.push_back(begins_.back() + block.rows);
    }
    return refuseAbsent();
  }

  void parseBlock(std::string_view part, BadCells bad, Block& out) const {
    Columns columns(fields_, format(), bad);
    forEachLine(part, [&](std::string_view line) {
      auto fault = readJsonLine(line, columns);
      if (fault) {
        out.broken = Broken{line, std::move(*fault)};
      } else if (!columns.endRow()) {
        out.broken = Broken{line, {}, columns.twice()};
      }
      ++out.rows;
      return !out.broken;
    });
    if (!out.broken) columns.finish(out);
  }

  /// A member may be missing here and there, but one that no line has is a mistake.
  [[nodiscard]] Status refuseAbsent() const {
    for (std::size_t c = 0; c < fields_.size(); ++c) {
      const bool there = std::any_of(blocks_.begin(), blocks_.end(), [&](const Block& block) {
        return block.columns[c]->null_count() < block.columns[c]->length();
      });
      if (there || std::any_of(faults_.begin(), faults_.end(),
                               [&](const CellFault& f) { return f.column == static_cast<int>(c); }))
        continue;
      Kinds kinds;
      std::vector<std::string> names;
      forEachLine(body_, [&](std::string_view line) { return !readJsonLine(line, kinds); });
      names = kinds.kinds.names();
      if (std::find(names.begin(), names.end(), fields_[c].name) == names.end())
        return missingColumn(path_, fields_[c], names);
    }
    return Done{};
  }

  [[nodiscard]] Error unreadable(const Broken& broken) const {
    const std::int64_t line = lineOf(broken.line);
    if (!broken.twice.empty())
      return makeError("CD5004",
                       fmt::format("`{}`, line {}: two members `{}` in one object", path_, line, broken.twice), span_);
    if (!isUtf8(broken.line))
      return makeError("CD5010", fmt::format("`{}`, line {}: the bytes are no UTF-8", path_, line), span_);
    Error e = makeError(
        "CD5025", fmt::format("`{}`, line {}, column {}: {}", path_, line, broken.fault.column + 1, broken.fault.what),
        span_);
    if (line == 1 && broken.line.find_first_not_of(" \t") != std::string_view::npos &&
        broken.line[broken.line.find_first_not_of(" \t")] == '[') {
      e.help.emplace_back("the file is one list; write an object a line: `jq -c '.[]' FILE`");
    } else {
      e.help.emplace_back("each line holds one whole object: `{\"x\": 1, \"kind\": \"a\"}`");
    }
    return e;
  }

  std::string path_;
  Span span_;
  std::shared_ptr<arrow::Buffer> buffer_;
  std::string_view body_;
  std::vector<std::string_view> parts_;
  std::vector<SourceField> fields_;
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<Block> blocks_;
  std::vector<CellFault> faults_;
  std::vector<std::int64_t> begins_{0};
};

}  // namespace

Result<std::unique_ptr<TableFile>> openJsonl(const OpenRequest& request) { return JsonlTable::open(request); }

}  // namespace cd4ml::data
