#include "runtime/data/arrow_type.h"

#include <arrow/type.h>

#include "base/internal_check.h"

namespace cd4ml::data {

std::shared_ptr<arrow::DataType> arrowType(ir::Kind kind) {
  switch (kind) {
    case ir::Kind::Int:
      return arrow::int64();
    case ir::Kind::Float:
      return arrow::float64();
    case ir::Kind::Bool:
      return arrow::boolean();
    case ir::Kind::Text:
      return arrow::large_utf8();
    case ir::Kind::Category:
      return arrow::dictionary(arrow::int32(), arrow::utf8());
    case ir::Kind::Date:
      return arrow::date32();
    case ir::Kind::Timestamp:
      return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
    case ir::Kind::Duration:
      return arrow::duration(arrow::TimeUnit::MICRO);
    case ir::Kind::Vector:
    case ir::Kind::Null:
    case ir::Kind::Error:
      break;
  }
  CD4ML_UNREACHABLE("a column of single values");
}

}  // namespace cd4ml::data
