#include <arrow/array.h>
#include <arrow/chunked_array.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>

#include "runtime/data/arrow_type.h"
#include "runtime/data/cell_column.h"
#include "runtime/data/cell_kinds.h"
#include "runtime/data/sqlite_query.h"
#include "runtime/data/table_file.h"
#include "runtime/data/text_file.h"

namespace cd4ml::data {

namespace {

constexpr std::int64_t kPieceRows = std::int64_t{1} << 18;

CellKind kindOf(SqliteQuery::Type type) {
  switch (type) {
    case SqliteQuery::Type::Int:
      return CellKind::Int;
    case SqliteQuery::Type::Float:
      return CellKind::Float;
    case SqliteQuery::Type::Text:
      return CellKind::Text;
    case SqliteQuery::Type::Null:
    case SqliteQuery::Type::Blob:
      return CellKind::Other;
  }
  CD4ML_UNREACHABLE("type");
}

/// The rows of a query; a cell has the type it is stored with, whatever its column was declared as in SQL.
class SqliteTable final : public TableFile {
 public:
  static Result<std::unique_ptr<TableFile>> open(const OpenRequest& request) {
    auto table = std::make_unique<SqliteTable>();
    CD4ML_TRY(const std::unique_ptr<SqliteQuery> query, SqliteQuery::open(request.path, request.query, request.span));
    CD4ML_TRY_VOID(table->selectFields(*query, request));
    CD4ML_TRY_VOID(table->read(*query, request));
    return std::unique_ptr<TableFile>(std::move(table));
  }

  [[nodiscard]] const arrow::Schema& schema() const override { return *schema_; }
  [[nodiscard]] std::int64_t rows() const override { return begins_.back(); }
  [[nodiscard]] std::size_t pieces() const override { return pieces_.size(); }
  [[nodiscard]] std::int64_t pieceBegin(std::size_t piece) const override { return begins_[piece]; }
  [[nodiscard]] Texts texts() const override { return Texts::MayBeTimes; }
  [[nodiscard]] const std::vector<CellFault>& faults() const override { return faults_; }
  [[nodiscard]] std::string rowText(std::int64_t row) const override {
    return fmt::format("row {} of the query", row + 1);
  }
  [[nodiscard]] Result<std::shared_ptr<arrow::ChunkedArray>> load(std::size_t piece, int column) override {
    return std::make_shared<arrow::ChunkedArray>(pieces_[piece][static_cast<std::size_t>(column)]);
  }

 private:
  [[nodiscard]] Status selectFields(SqliteQuery& query, const OpenRequest& request) {
    const std::vector<std::string>& names = query.columns();
    if (request.fields == nullptr) {
      CD4ML_TRY_VOID(lookAtFields(query, request));
    } else {
      for (const SourceField& field : *request.fields) {
        if (field.type.kind != ir::Kind::Vector) fields_.push_back(field);
      }
    }
    std::vector<std::shared_ptr<arrow::Field>> columns;
    for (const SourceField& field : fields_) {
      const auto at = std::find(names.begin(), names.end(), field.name);
      if (at == names.end()) return missingColumn(request.path, field, names);
      if (std::count(names.begin(), names.end(), field.name) > 1)
        return makeError("CD5004", fmt::format("the query on `{}` gives two columns `{}`", request.path, field.name),
                         field.span);
      places_.push_back(static_cast<std::size_t>(at - names.begin()));
      columns.push_back(arrow::field(field.name, arrowType(field.type.kind)));
    }
    schema_ = arrow::schema(columns);
    return Done{};
  }

  [[nodiscard]] Status lookAtFields(SqliteQuery& query, const OpenRequest& request) {
    CellKinds kinds;
    for (const std::string& name : query.columns()) static_cast<void>(kinds.columnOf(name));
    for (;;) {
      CD4ML_TRY(const bool more, query.next());
      if (!more) break;
      for (std::size_t c = 0; c < query.columns().size(); ++c) {
        if (query.type(c) != SqliteQuery::Type::Null)
          kinds.saw(kinds.columnOf(query.columns()[c]), kindOf(query.type(c)));
      }
    }
    query.rewind();
    CD4ML_TRY(fields_, kinds.fields(request.path, request.span));
    return Done{};
  }

  [[nodiscard]] Status read(SqliteQuery& query, const OpenRequest& request) {
    std::vector<std::unique_ptr<CellColumn>> columns;
    for (const SourceField& field : fields_)
      columns.push_back(std::make_unique<CellColumn>(field, format(), request.bad_cells));
    std::int64_t rows = 0;
    for (;;) {
      CD4ML_TRY(const bool more, query.next());
      if (!more || rows == kPieceRows) keepPiece(columns, rows);
      if (!more) return Done{};
      for (std::size_t c = 0; c < columns.size(); ++c) {
        if (query.type(places_[c]) == SqliteQuery::Type::Text && !isUtf8(query.textAt(places_[c]))) {
          return makeError("CD5010",
                           fmt::format("`{}`, {}, column `{}`: the bytes are no UTF-8", request.path,
                                       rowText(begins_.back() + rows), fields_[c].name),
                           fields_[c].span);
        }
        addCell(query, places_[c], fields_[c].type.kind, *columns[c]);
      }
      ++rows;
    }
  }

  static void addCell(const SqliteQuery& query, std::size_t place, ir::Kind kind, CellColumn& column) {
    switch (query.type(place)) {
      case SqliteQuery::Type::Null:
        return column.addNull();
      case SqliteQuery::Type::Int: {
        const std::int64_t value = query.intAt(place);
        // SQLite has no bools; 0 and 1 stand for them.
        if (kind == ir::Kind::Bool && (value == 0 || value == 1)) return column.addBool(value == 1);
        return column.addInt(value);
      }
      case SqliteQuery::Type::Float:
        return column.addFloat(query.floatAt(place));
      case SqliteQuery::Type::Text:
        return column.addText(query.textAt(place));
      case SqliteQuery::Type::Blob:
        return column.addOther("a blob");
    }
    CD4ML_UNREACHABLE("type");
  }

  void keepPiece(std::vector<std::unique_ptr<CellColumn>>& columns, std::int64_t& rows) {
    std::vector<std::shared_ptr<arrow::Array>> piece;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      for (const ValueFault& fault : columns[c]->faults()) {
        faults_.push_back({static_cast<int>(c), fault});
        faults_.back().fault.row += begins_.back();
      }
      piece.push_back(columns[c]->finish());
    }
    pieces_.push_back(std::move(piece));
    begins_.push_back(begins_.back() + rows);
    rows = 0;
  }

  std::vector<SourceField> fields_;
  std::vector<std::size_t> places_;  ///< a field → column of the query
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<std::vector<std::shared_ptr<arrow::Array>>> pieces_;
  std::vector<CellFault> faults_;
  std::vector<std::int64_t> begins_{0};
};

}  // namespace

Result<std::unique_ptr<TableFile>> openSqlite(const OpenRequest& request) { return SqliteTable::open(request); }

}  // namespace cd4ml::data
