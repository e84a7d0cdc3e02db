/// Which kinds the cells of an undeclared column have, in files where each cell has a type of its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/data/assemble.h"

namespace cd4ml::data {

enum class CellKind : std::uint8_t { Int, Float, Bool, Text, Other };

/// The kinds seen in each column, columns in order of appearance.
class CellKinds {
 public:
  /// The column of that name, new at the end.
  [[nodiscard]] std::size_t columnOf(std::string_view name);
  void saw(std::size_t column, CellKind kind);
  void join(const CellKinds& other);
  [[nodiscard]] std::vector<std::string> names() const;
  /// A nullable field each; ints among floats are floats, a column of nulls is text. Other mixtures, and cells that no
  /// field takes, are an error (CD5011).
  [[nodiscard]] Result<std::vector<SourceField>> fields(const std::string& path, Span span) const;

 private:
  struct Seen {
    std::string name;
    std::uint8_t kinds = 0;  ///< a bit a kind
  };
  std::vector<Seen> columns_;
};

}  // namespace cd4ml::data
