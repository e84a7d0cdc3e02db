#include "runtime/report/table.h"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/report/text.h"
#include "runtime/report/tone.h"

namespace cd4ml::report {

namespace {

std::string_view classOf(const TableColumn& column) {
  switch (column.kind) {
    case TableColumn::Kind::Text: return "t";
    case TableColumn::Kind::Number: return "n";
    case TableColumn::Kind::Picture: return "p";
  }
  return "t";
}

}  // namespace

Table::Table(std::string_view caption, std::vector<TableColumn> columns, Narrow narrow, Order order)
    : caption_(escape(caption)), columns_(std::move(columns)), narrow_(narrow), order_(order) {}

void Table::row(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::finish() const {
  std::vector<std::size_t> shown;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (c == 0 || std::any_of(rows_.begin(), rows_.end(), [&](const auto& cells) { return !cells[c].empty(); })) shown.push_back(c);
  }
  std::string head;
  for (const std::size_t c : shown) {
    const std::string_view sort = order_ == Order::Sortable && columns_[c].kind != TableColumn::Kind::Picture ? " data-sort=\"1\"" : "";
    head += fmt::format("<th role=\"columnheader\" scope=\"col\" class=\"{}\"{}>{}</th>", classOf(columns_[c]), sort, escape(columns_[c].heading));
  }
  std::string body;
  for (const std::vector<std::string>& cells : rows_) {
    body += fmt::format("<tr role=\"row\"><th role=\"rowheader\" scope=\"row\" class=\"{}\">{}</th>", classOf(columns_[0]), cells[0]);
    for (const std::size_t c : shown) {
      // An empty cell takes no room in a card.
      const std::string_view empty = cells[c].empty() ? " empty" : "";
      if (c > 0) body += fmt::format("<td role=\"cell\" class=\"{}{}\" data-label=\"{}\">{}</td>", classOf(columns_[c]), empty, escape(columns_[c].heading), cells[c]);
    }
    body += "</tr>\n";
  }
  return fmt::format("<div class=\"frame\" role=\"region\" aria-label=\"{0}\" tabindex=\"0\"><table role=\"table\" class=\"{1}\"><caption>{0}</caption>"
                     "<thead role=\"rowgroup\"><tr role=\"row\">{2}</tr></thead><tbody role=\"rowgroup\">\n{3}</tbody></table></div>\n",
                     caption_, narrow_ == Narrow::Cards ? "cards" : "wide", head, body);
}

std::string badge(std::string_view verdict) {
  const Tone tone = toneOf(verdict);
  return fmt::format("<span class=\"badge {}\"><span aria-hidden=\"true\">{}</span> {}</span>", toneClass(tone), mark(tone), escape(words(verdict)));
}

}  // namespace cd4ml::report
