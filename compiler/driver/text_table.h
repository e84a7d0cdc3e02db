/// Aligned columns of text for a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/driver/console.h"

namespace cd4ml::driver {

enum class Align : std::uint8_t { Left, Right };

class TextTable {
 public:
  explicit TextTable(std::vector<Align> columns) : columns_(std::move(columns)) {}
  /// Cells may hold colours. A row shorter than the columns is padded.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  /// Each line begins with `indent` and ends without spaces.
  [[nodiscard]] std::string text(std::string_view indent = "") const;

 private:
  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace cd4ml::driver
