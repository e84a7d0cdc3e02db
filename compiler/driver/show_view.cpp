#include "compiler/driver/show_view.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "compiler/driver/text_table.h"

namespace cd4ml::driver {

namespace {

using track::Json;
using track::textOf;

constexpr std::array bars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::size_t longest_cell = 32;

std::string cellText(const Json& value, const Console& console) {
  if (value.is_null()) return console.out(Style::Dim, "null");
  if (value.is_number_float()) return shortNumber(value.get<double>());
  if (value.is_string()) {
    std::string text = value.get<std::string>();
    if (displayWidth(text) > longest_cell) text = clipped(text, longest_cell - 1) + "…";
    return text;
  }
  return value.dump();
}

bool isNumeric(std::string_view type) {
  return type.starts_with("int") || type.starts_with("float") || type.starts_with("duration") || type.starts_with("vector");
}

/// Heights of the bins as one character each.
std::string sparkline(const Json& histogram) {
  std::int64_t highest = 0;
  for (const Json& bin : histogram) highest = std::max(highest, bin.get<std::int64_t>());
  std::string text;
  for (const Json& bin : histogram) {
    const auto count = bin.get<std::int64_t>();
    if (count == 0) {
      text += " ";
      continue;
    }
    text += bars[static_cast<std::size_t>((count * 7 + highest - 1) / std::max<std::int64_t>(highest, 1))];
  }
  return text;
}

std::string topText(const Json& column, const Console& console) {
  std::string text;
  const double rows = std::max(1.0, column.value("rows", 1.0));
  int shown = 0;
  for (const Json& top : column.value("top", Json::array())) {
    if (shown++ == 4) break;
    text += fmt::format("{}{} {:.0f} %", text.empty() ? "" : ", ", cellText(top["value"], console), 100 * top.value("rows", 0.0) / rows);
  }
  return text;
}

std::string statistics(const Json& columns, const Console& console) {
  TextTable table({Align::Left, Align::Left, Align::Right, Align::Right, Align::Right, Align::Right, Align::Right, Align::Right, Align::Left});
  const auto head = [&](std::string_view text) { return console.out(Style::Dim, text); };
  table.add({head("column"), head("type"), head("nulls"), head("distinct"), head("min"), head("mean"), head("std"), head("max"), head("values")});
  for (const Json& column : columns) {
    const auto cell = [&](const char* name) { return column.contains(name) ? cellText(column[name], console) : std::string(); };
    const std::string shape = column.contains("histogram") ? console.out(Style::Accent, sparkline(column["histogram"])) : topText(column, console);
    table.add({console.out(Style::Strong, textOf(column, "name")), console.out(Style::Dim, textOf(column, "type")), cell("nulls"),
               cell("distinct"), cell("min"), cell("mean"), cell("std"), cell("max"), shape});
  }
  return table.text();
}

/// How many columns of the rows a terminal has room for (all where there is none), and at least one.
std::size_t columnsThatFit(const Json& answer, const Console& console) {
  const std::size_t all = answer["columns"].size();
  if (!console.resultsOnTerminal()) return all;
  std::size_t used = 0;
  for (std::size_t c = 0; c < all; ++c) {
    const Json& column = answer["columns"][c];
    const std::string type = textOf(column, "type");
    std::size_t width = std::max(displayWidth(textOf(column, "name")), std::min(displayWidth(type), longest_cell));
    for (const Json& row : answer["rows"]) width = std::max(width, displayWidth(cellText(row[c], console)));
    used += width + (c == 0 ? 0 : 2);
    if (c > 0 && used > static_cast<std::size_t>(console.width())) return c;
  }
  return all;
}

std::string rowsTable(const Json& answer, const Console& console) {
  const std::size_t shown = columnsThatFit(answer, console);
  std::vector<Align> aligns;
  std::vector<std::string> names;
  std::vector<std::string> types;
  for (std::size_t c = 0; c < shown; ++c) {
    const Json& column = answer["columns"][c];
    const std::string type = textOf(column, "type");
    aligns.push_back(isNumeric(type) ? Align::Right : Align::Left);
    names.push_back(console.out(Style::Strong, textOf(column, "name")));
    types.push_back(console.out(Style::Dim, type.size() > longest_cell ? type.substr(0, type.find('{')) : type));
  }
  TextTable table(aligns);
  table.add(std::move(names));
  table.add(std::move(types));
  for (const Json& row : answer["rows"]) {
    std::vector<std::string> cells;
    for (std::size_t c = 0; c < shown; ++c) cells.push_back(cellText(row[c], console));
    table.add(std::move(cells));
  }
  const std::size_t left = answer["columns"].size() - shown;
  if (left == 0) return table.text();
  std::string names_left;
  for (std::size_t c = shown; c < answer["columns"].size(); ++c) {
    names_left += fmt::format("{}{}", names_left.empty() ? "" : ", ", textOf(answer["columns"][c], "name"));
  }
  return table.text() + console.out(Style::Dim, fmt::format("… {} more columns: {}", left, names_left)) + "\n";
}

}  // namespace

std::string renderRows(const Json& answer, ShowAs as, const Console& console) {
  const auto total = answer.value("rows_total", std::uint64_t{0});
  const Json columns = answer.value("columns", Json::array());
  std::string text = fmt::format("{} rows × {} columns\n\n", groupedNumber(total), columns.size());
  if (as == ShowAs::Statistics) return text + statistics(columns, console);
  text += rowsTable(answer, console);
  const std::size_t shown = answer.value("rows", Json::array()).size();
  if (shown < total) text += console.out(Style::Dim, fmt::format("… {} more (--rows N, -o FILE)\n", groupedNumber(total - shown)));
  return text;
}

namespace {

std::string numberText(const Json& value) { return value.is_number() ? fmt::format("{:.6g}", value.get<double>()) : std::string("no value"); }

/// What the candidates, the trials or the keys of a model came to.
std::string searchText(const Json& model, const Console& console) {
  std::string text;
  if (model.contains("choice")) {
    const Json& choice = model["choice"];
    TextTable table({Align::Left, Align::Right, Align::Left});
    std::size_t i = 0;
    for (const Json& candidate : choice["candidates"]) {
      table.add({textOf(candidate, "name"), numberText(candidate["value"]), i++ == choice["chosen"].get<std::size_t>() ? "chosen" : ""});
    }
    text += fmt::format("the best of {} by validate.{}\n{}", choice["candidates"].size(), textOf(choice, "metric"), table.text("  "));
  }
  if (model.contains("search")) {
    const Json& search = model["search"];
    std::vector<Json> trials(search["trials"].begin(), search["trials"].end());
    const auto best = search["best"].get<std::size_t>();
    const bool maximize = textOf(search, "goal") == "maximize";
    std::stable_sort(trials.begin(), trials.end(), [&](const Json& a, const Json& b) {
      if (!a["value"].is_number() || !b["value"].is_number()) return a["value"].is_number();
      return maximize ? a["value"].get<double>() > b["value"].get<double>() : a["value"].get<double>() < b["value"].get<double>();
    });
    TextTable table({Align::Left, Align::Right, Align::Left});
    for (std::size_t t = 0; t < std::min<std::size_t>(trials.size(), 10); ++t) {
      std::string options;
      for (const auto& [name, value] : trials[t]["options"].items()) options += fmt::format("{}{}: {}", options.empty() ? "" : ", ", name, value.is_string() ? value.get<std::string>() : value.dump());
      const bool is_best = trials[t]["trial"].get<std::size_t>() == best;
      table.add({fmt::format("trial {}", trials[t]["trial"].get<std::size_t>()), console.out(is_best ? Style::Good : Style::Plain, numberText(trials[t]["value"])), options});
    }
    text += fmt::format("the best of {} trials by {}, validate.{}\n{}", trials.size(), textOf(search, "method"), textOf(search, "metric"), table.text("  "));
  }
  if (model.contains("per")) {
    const Json& per = model["per"];
    text += fmt::format("{} models, one a value of", groupedNumber(per.value("models", std::uint64_t{0})));
    for (const Json& column : per["columns"]) text += " " + column.get<std::string>();
    text += "\n";
    if (const auto thin = per.value("fell_back", std::uint64_t{0}); thin > 0) {
      text += fmt::format("{} keys use the fallback:\n", groupedNumber(thin));
      TextTable table({Align::Left, Align::Right});
      for (const Json& key : per["fallback_keys"]) table.add({textOf(key, "key"), fmt::format("{} rows", key["rows"].get<std::uint64_t>())});
      text += table.text("  ");
    }
  }
  return text;
}

}  // namespace

std::string renderModel(const std::string& name, const Json& model, const Console& console) {
  std::string text = fmt::format("{}: {}, {}\n", console.out(Style::Strong, name), textOf(model, "algorithm"), textOf(model, "task"));
  text += fmt::format("trained on {} rows{}\n", groupedNumber(model.value("train_rows", std::uint64_t{0})),
                      model.value("validate_rows", std::uint64_t{0}) > 0
                          ? fmt::format(", watched on {}", groupedNumber(model.value("validate_rows", std::uint64_t{0})))
                          : "");
  if (model.value("iterations", 0) > 0) {
    text += fmt::format("{} iterations, best {}\n", model.value("iterations", 0), model.value("best_iteration", model.value("iterations", 0)));
  }
  text += searchText(model, console);
  const Json features = model.value("features", Json::array());
  double highest = 0;
  double sum = 0;
  for (const Json& feature : features) {
    highest = std::max(highest, feature.value("gain", 0.0));
    sum += feature.value("gain", 0.0);
  }
  if (highest <= 0) return text;
  std::vector<Json> sorted(features.begin(), features.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const Json& a, const Json& b) { return a.value("gain", 0.0) > b.value("gain", 0.0); });
  TextTable table({Align::Left, Align::Right, Align::Left});
  for (const Json& feature : sorted) {
    const double gain = feature.value("gain", 0.0);
    std::string bar;
    for (int i = 0; i < static_cast<int>(gain / highest * 30 + 0.5); ++i) bar += "━";
    table.add({textOf(feature, "name"), fmt::format("{:.1f} %", 100 * gain / sum), console.out(Style::Accent, bar)});
  }
  return text + "\n" + console.out(Style::Dim, "share of the gain") + "\n" + table.text("  ");
}

std::string renderParts(const Json& parts, const Console& console) {
  TextTable table({Align::Left, Align::Right, Align::Left});
  for (const Json& part : parts.value("parts", Json::array())) {
    const std::string from = textOf(part, "from");
    table.add({console.out(Style::Strong, textOf(part, "part")), groupedNumber(part.value("rows", std::uint64_t{0})),
               from.empty() ? "" : fmt::format("{} … {}", from, textOf(part, "to"))});
  }
  for (const Json& fold : parts.value("folds", Json::array())) {
    table.add({fmt::format("  fold {}", fold.value("fold", 0)), groupedNumber(fold.value("rows", std::uint64_t{0})), ""});
  }
  return table.text();
}

}  // namespace cd4ml::driver
