#include "runtime/report/table.h"

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

void Table::row(const std::vector<std::string>& cells, std::string_view classes) {
  body_ += classes.empty() ? "<tr role=\"row\">" : fmt::format("<tr role=\"row\" class=\"{}\">", classes);
  for (std::size_t c = 0; c < cells.size() && c < columns_.size(); ++c) {
    // An empty cell takes no room in a card.
    const std::string_view empty = cells[c].empty() ? " empty" : "";
    if (c == 0) body_ += fmt::format("<th role=\"rowheader\" scope=\"row\" class=\"{}\">{}</th>", classOf(columns_[c]), cells[c]);
    else body_ += fmt::format("<td role=\"cell\" class=\"{}{}\" data-label=\"{}\">{}</td>", classOf(columns_[c]), empty, escape(columns_[c].heading), cells[c]);
  }
  body_ += "</tr>\n";
  ++rows_;
}

std::string Table::finish() {
  std::string head;
  for (const TableColumn& column : columns_) {
    const std::string_view sort = order_ == Order::Sortable && column.kind != TableColumn::Kind::Picture ? " data-sort=\"1\"" : "";
    head += fmt::format("<th role=\"columnheader\" scope=\"col\" class=\"{}\"{}>{}</th>", classOf(column), sort, escape(column.heading));
  }
  return fmt::format("<div class=\"frame\" role=\"region\" aria-label=\"{0}\" tabindex=\"0\"><table role=\"table\" class=\"{1}\"><caption>{0}</caption>"
                     "<thead role=\"rowgroup\"><tr role=\"row\">{2}</tr></thead><tbody role=\"rowgroup\">\n{3}</tbody></table></div>\n",
                     caption_, narrow_ == Narrow::Cards ? "cards" : "wide", head, body_);
}

std::string badge(std::string_view verdict) {
  const Tone tone = toneOf(verdict);
  return fmt::format("<span class=\"badge {}\"><span aria-hidden=\"true\">{}</span> {}</span>", toneClass(tone), mark(tone), escape(words(verdict)));
}

}  // namespace cd4ml::report
