/// Cells of one column, added one by one as a file is parsed, as an Arrow array of the field's kind.
///
/// A cell that its field refuses is kept as null and as a fault that says why; everyone who adds cells adds exactly one
/// a row.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/data/assemble.h"
#include "runtime/data/text_time.h"

namespace arrow {
class Array;
class Buffer;
}  // namespace arrow

namespace cd4ml::data {

class CellColumn {
 public:
  /// `format` must outlive the column.
  CellColumn(const SourceField& field, const TextFormat& format, BadCells bad);

  void reserve(std::size_t rows);
  void addNull();
  /// A field of a text file, read as a value of the kind.
  void addField(std::string_view text);
  /// A text of a file that knows types: no number can be had from it, but dates, times and durations can.
  void addText(std::string_view text);
  void addInt(std::int64_t value);
  void addFloat(double value);
  void addBool(bool value);
  /// A cell of a kind that no field takes: "an object".
  void addOther(std::string what);
  void addFault(ValueFault::Rule rule, std::string value);

  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] const std::vector<ValueFault>& faults() const { return faults_; }
  /// What was added; empty afterwards.
  [[nodiscard]] std::shared_ptr<arrow::Array> finish();

 private:
  void push(std::int64_t word);
  void pushText(std::string_view text);
  void pushLevel(std::string_view text);
  std::int32_t levelOf(std::string_view text);
  void addTime(std::string_view text);
  [[nodiscard]] std::shared_ptr<arrow::Array> finishValues(const std::shared_ptr<arrow::Buffer>& validity);

  /// A short text and its code, found again without hashing the text.
  struct Short {
    std::uint64_t word = 0;
    std::uint8_t size = 255;
    std::int32_t code = 0;
  };

  ir::Type type_;
  const TextFormat* format_;
  BadCells bad_;
  TimeReader times_;
  std::int64_t rows_ = 0;
  std::vector<std::int64_t> words_;  ///< numbers (floats as bits), offsets of texts
  std::vector<std::int32_t> codes_;  ///< categories
  std::string bytes_;                ///< texts; levels are in levels_
  std::vector<std::int64_t> nulls_;  ///< rows
  std::vector<std::string> levels_;
  std::unordered_map<std::string, std::int32_t> known_;
  std::vector<Short> short_;  ///< by a hash of the text
  std::vector<ValueFault> faults_;
};

}  // namespace cd4ml::data
