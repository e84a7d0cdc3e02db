/// A table of a page: a caption that says what it shows, headings, cells that are HTML already.
///
/// On a narrow screen it scrolls inside its own frame, or (`Narrow::Cards`) each row becomes a card in which cells carry their
/// headings; roles are written out, so that it stays a table to a screen reader.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cd4ml::report {

struct TableColumn {
  enum class Kind : std::uint8_t { Text, Number, Picture } kind = Kind::Text;
  std::string_view heading;
};
enum class Narrow : std::uint8_t { Scrolls, Cards };
enum class Order : std::uint8_t { Fixed, Sortable };

class Table {
 public:
  Table(std::string_view caption, std::vector<TableColumn> columns, Narrow narrow, Order order = Order::Fixed);

  /// HTML of the cells, the first being the row's heading.
  void row(std::vector<std::string> cells);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  /// Columns without any cell are left out.
  [[nodiscard]] std::string finish() const;

 private:
  std::string caption_;
  std::vector<TableColumn> columns_;
  Narrow narrow_;
  Order order_;
  std::vector<std::vector<std::string>> rows_;
};

/// "<span class=…>": a verdict with its mark, never by colour alone.
[[nodiscard]] std::string badge(std::string_view verdict);

}  // namespace cd4ml::report
