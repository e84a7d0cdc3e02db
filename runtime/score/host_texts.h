/// Reading arguments and writing results of the functions that run on whole columns.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/score/graph_run.h"

namespace cd4ml::score {

/// Texts of text and category arguments by row.
class TextArguments {
 public:
  TextArguments(GraphRun& run, std::span<const ir::ValueId> args);
  /// False if one is null.
  [[nodiscard]] bool read(std::int64_t row, std::span<std::string_view> out) const;

 private:
  struct Argument {
    std::optional<std::string_view> constant;
    const ColumnView* column = nullptr;
    Texts texts;  ///< category
  };
  std::vector<Argument> args_;
};

/// A text column under construction.
class TextColumn {
 public:
  explicit TextColumn(GraphRun& run);
  [[nodiscard]] std::string& bytes() { return bytes_; }
  void closeRow();
  void appendNull();
  Held finish();

 private:
  GraphRun& run_;
  Held held_;
  std::string bytes_;
  std::int64_t row_ = 0;
};

/// Marks a row of a result as null.
void clearBit(GraphRun& run, Held& held, std::int64_t row);
/// A bool argument; false where it is null.
[[nodiscard]] bool flagAt(GraphRun& run, ir::ValueId argument, std::int64_t row);
[[nodiscard]] std::optional<std::int64_t> integerAt(GraphRun& run, ir::ValueId argument, std::int64_t row);

/// `concat` of several categories: a code for each combination that occurs.
[[nodiscard]] Held combineCategories(GraphRun& run, const ir::Value& value);

}  // namespace cd4ml::score
