/// Rows that are put together value by value, as a server gets them: one column an input of a scoring program.
///
/// Memory is kept from batch to batch. Texts are views: what they point at must outlive the scoring. A text of a category
/// is a code of its own in each row; equal texts may have several.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/pipeline.h"
#include "runtime/score/column_view.h"

namespace cd4ml::score {

class RowBatch {
 public:
  struct Column {
    ir::Kind kind = ir::Kind::Error;
    bool nullable = false;
    std::int64_t* words = nullptr;   ///< int64, or the bits of a float64
    std::uint8_t* bytes = nullptr;   ///< bool
    std::uint8_t* validity = nullptr;
    std::vector<std::string_view> texts{};
    std::int64_t nulls = 0;

    void setWord(std::int64_t row, std::int64_t value) { words[row] = value; }
    void setFloat(std::int64_t row, double value) { reinterpret_cast<double*>(words)[row] = value; }
    void setBool(std::int64_t row, bool value) { bytes[row] = value ? 1 : 0; }
    void setText(std::int64_t row, std::string_view value) { texts[static_cast<std::size_t>(row)] = value; }
    void setNull(std::int64_t row) {
      validity[row >> 3] &= static_cast<std::uint8_t>(~(1U << (row & 7)));
      ++nulls;
    }
    [[nodiscard]] bool isValid(std::int64_t row) const { return ((validity[row >> 3] >> (row & 7)) & 1) != 0; }
  };

  RowBatch() = default;
  /// The columns of a scoring program's inputs.
  explicit RowBatch(std::span<const ir::Column> inputs);

  /// Begins a batch: every value is there and unspecified.
  void reset(std::int64_t rows);
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::vector<Column>& columns() { return columns_; }
  [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
  /// Texts that stand nowhere else (unescaped ones): kept until the next `reset`.
  std::string_view keep(std::string text);
  /// A copy whose texts are its own.
  [[nodiscard]] RowBatch ownedCopy() const;

  /// Views for `RowScorer::score`; they hold until the batch is changed.
  [[nodiscard]] std::vector<ColumnView> views();

 private:
  void grow(std::int64_t rows);

  std::vector<Column> columns_;
  std::int64_t rows_ = 0;
  std::int64_t capacity_ = 0;
  std::vector<std::shared_ptr<std::uint8_t>> memory_;
  std::vector<std::unique_ptr<std::string>> kept_;
  std::vector<std::int32_t> codes_;             ///< 0, 1, 2, …
  std::vector<Dictionary> dictionaries_;
  std::vector<std::string> text_bytes_;
  std::vector<std::vector<std::int64_t>> offsets_;
};

}  // namespace cd4ml::score
