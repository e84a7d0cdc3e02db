#include "runtime/data/write.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "runtime/data/value_text.h"
#include "runtime/data/write_arrow.h"

namespace cd4ml::data {

namespace {

/// Vectors taken apart, so that every column holds single values.
std::vector<NamedColumn> flatten(const std::vector<NamedColumn>& columns) {
  std::vector<NamedColumn> out;
  for (const NamedColumn& named : columns) {
    if (named.column.type.kind != ir::Kind::Vector) {
      out.push_back(named);
      continue;
    }
    for (std::uint32_t k = 0; k < named.column.type.width; ++k) {
      Column element = named.column;
      element.type.kind = ir::Kind::Float;
      element.type.width = 0;
      element.values = {
          named.column.values,
          named.column.values.get() + static_cast<std::size_t>(k) * static_cast<std::size_t>(named.column.stride) * 8};
      element.stride = 0;
      out.push_back({fmt::format("{}_{}", named.name, k), finishColumn(std::move(element))});
    }
  }
  return out;
}

void appendText(std::string& out, std::string_view text) {
  const bool plain = !text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos;
  if (plain) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    out += c;
    if (c == '"') out += c;
  }
  out += '"';
}

void appendField(std::string& out, const Column& column, const score::ColumnView& view, std::int64_t row) {
  if (!view.isValid(row)) return;
  if (view.kind == ir::Kind::Category)
    return appendText(out, view.dictionary->levels[static_cast<std::size_t>(view.codes()[row])]);
  if (view.kind == ir::Kind::Text) return appendText(out, view.text(row));
  if (view.kind == ir::Kind::Float) return appendFloat(out, view.floats()[row]);
  if (view.kind == ir::Kind::Int) return appendInt(out, view.ints()[row]);
  if (view.kind == ir::Kind::Date) return appendDate(out, view.ints()[row]);
  if (view.kind == ir::Kind::Timestamp) return appendTimestamp(out, view.ints()[row]);
  out += valueText(column, row);
}

Error notWritten(const std::string& path, const std::string& why) {
  return makeError("CD5018", fmt::format("cannot write `{}`: {}", path, why));
}

Status writeText(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) return makeError("CD5018", std::strerror(errno));
  return Done{};
}

}  // namespace

std::string csvText(const std::vector<NamedColumn>& columns) {
  const std::vector<NamedColumn> flat = flatten(columns);
  std::string out;
  std::vector<score::ColumnView> views;
  for (std::size_t c = 0; c < flat.size(); ++c) {
    if (c > 0) out += ',';
    appendText(out, flat[c].name);
    views.push_back(flat[c].column.view());
  }
  out += '\n';
  const std::int64_t rows = flat.empty() ? 0 : flat[0].column.rows;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < flat.size(); ++c) {
      if (c > 0) out += ',';
      appendField(out, flat[c].column, views[c], r);
    }
    out += '\n';
  }
  return out;
}

Status writeTable(const std::string& path, const std::vector<NamedColumn>& columns) {
  const std::string partial = fmt::format("{}.part-{}", path, ::getpid());
  const std::vector<NamedColumn> flat = flatten(columns);
  Status done = Done{};
  if (path.ends_with(".csv"))
    done = writeText(partial, csvText(flat));
  else if (path.ends_with(".parquet"))
    done = writeParquet(partial, flat);
  else if (path.ends_with(".arrow"))
    done = writeArrow(partial, flat);
  else
    return notWritten(path, "its ending is none of .csv, .parquet, .arrow");
  if (!done.ok()) {
    std::remove(partial.c_str());
    return notWritten(path, done.error().message);
  }
  if (std::rename(partial.c_str(), path.c_str()) == 0) return Done{};
  const std::string why = std::strerror(errno);
  std::remove(partial.c_str());
  return notWritten(path, why);
}

}  // namespace cd4ml::data
