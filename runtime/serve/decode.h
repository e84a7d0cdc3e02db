/// From the body of a request to rows of a model's inputs: columns by name, each value of its column's type.
///
/// Nothing is guessed: an unknown, doubled or missing column, a value of another type, a null where none may be and a
/// shape that does not fit its data are rejected with column and row. Formats: Open Inference Protocol V2 (JSON), MLflow's
/// four JSON shapes, CSV, JSON lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <simdjson.h>

#include "base/internal_check.h"
#include "compiler/ir/pipeline.h"
#include "runtime/score/row_batch.h"
#include "runtime/score/score_rows.h"
#include "runtime/serve/limits.h"
#include "runtime/serve/reject.h"

namespace cd4ml::serve {

/// The inputs of a model, found by name. The columns must outlive it.
class InputSchema {
 public:
  explicit InputSchema(const std::vector<ir::Column>& inputs);
  [[nodiscard]] const std::vector<ir::Column>& inputs() const { return *inputs_; }
  [[nodiscard]] std::size_t size() const { return inputs_->size(); }
  /// -1: there is none.
  [[nodiscard]] int find(std::string_view name) const;
  [[nodiscard]] Rejected unknown(std::string_view name) const;

 private:
  const std::vector<ir::Column>* inputs_;
  std::unordered_map<std::string_view, int> places_;
};

struct Tensor;  // of V2 (decode_v2.cpp)

enum class UnknownColumns : std::uint8_t { Reject, Ignore };

/// What a request asks besides its rows.
struct Ask {
  std::string_view id;                 ///< of the body; empty: none
  std::string_view key;                ///< parameter `key`: what a canary is sticky by
  score::OnError on_error = score::OnError::Fail;
  UnknownColumns unknown = UnknownColumns::Reject;
  /// Names of outputs, in the order asked for; empty: all.
  std::vector<std::string_view> outputs{};
  /// V2 `parameters`, to be echoed: JSON text; empty: none.
  std::string parameters{};
};

/// Decodes into a batch; reused from request to request by one thread.
class Decoder {
 public:
  Decoder(const InputSchema& schema, const Limits& limits) : schema_(schema), limits_(limits), seen_(schema.size()) {}

  Rejected v2(simdjson::dom::element body, score::RowBatch& batch, Ask& ask);
  Rejected mlflow(simdjson::dom::element body, score::RowBatch& batch, Ask& ask);
  Rejected csv(std::string_view body, score::RowBatch& batch, Ask& ask);
  Rejected jsonLines(std::string_view body, simdjson::dom::parser& parser, score::RowBatch& batch, Ask& ask);

 private:
  using Element = simdjson::dom::element;
  Rejected cell(std::size_t column, std::int64_t row, Element value, score::RowBatch& batch) const;
  Rejected textCell(std::size_t column, std::int64_t row, std::string_view text, score::RowBatch& batch) const;
  Rejected beginRows(std::int64_t rows, score::RowBatch& batch);
  Rejected allSeen() const;
  /// Rows as lists of values; `columns` names their places.
  Rejected table(simdjson::dom::array rows, const std::vector<int>& columns, score::RowBatch& batch);
  Rejected split(Element value, score::RowBatch& batch, const Ask& ask);
  Rejected records(simdjson::dom::array rows, score::RowBatch& batch, const Ask& ask);
  Rejected record(simdjson::dom::object object, std::int64_t row, score::RowBatch& batch, const Ask& ask);
  Rejected columnLists(simdjson::dom::object object, score::RowBatch& batch, const Ask& ask);
  Rejected instances(Element value, score::RowBatch& batch, const Ask& ask);
  Rejected claimColumns(const Tensor& tensor, std::size_t first, std::size_t count);
  enum class Layout : std::uint8_t { Column, Matrix };
  Rejected element(const Tensor& tensor, std::size_t column, std::int64_t row, Layout layout, Element value, score::RowBatch& batch) const;
  Rejected fillColumns(const Tensor& tensor, std::size_t first, std::size_t count, score::RowBatch& batch);
  Rejected tensors(simdjson::dom::array inputs, score::RowBatch& batch, const Ask& ask);
  [[nodiscard]] std::vector<int> inOrder() const;

  const InputSchema& schema_;
  const Limits& limits_;
  std::vector<std::uint8_t> seen_;
};

/// What an element of that type holds.
[[nodiscard]] inline simdjson::dom::array arrayOf(simdjson::dom::element value) {
  simdjson::dom::array array;
  CD4ML_CHECK(value.get(array) == simdjson::SUCCESS);
  return array;
}
[[nodiscard]] inline simdjson::dom::object objectOf(simdjson::dom::element value) {
  simdjson::dom::object object;
  CD4ML_CHECK(value.get(object) == simdjson::SUCCESS);
  return object;
}

/// Parameters that every JSON form takes: `on_error`, `key`, `unknown_columns`.
Rejected takeParameters(simdjson::dom::element parameters, Ask& ask);
/// Doubled keys are rejected: readers differ in which of them they believe.
[[nodiscard]] Rejected uniqueKeys(simdjson::dom::object object, std::string_view where);

}  // namespace cd4ml::serve
