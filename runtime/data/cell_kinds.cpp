#include "runtime/data/cell_kinds.h"

#include <fmt/format.h>

#include <bit>

namespace cd4ml::data {

namespace {

std::uint8_t bit(CellKind kind) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind)); }

std::string_view wordOf(CellKind kind) {
  switch (kind) {
    case CellKind::Int:
    case CellKind::Float:
      return "numbers";
    case CellKind::Bool:
      return "bools";
    case CellKind::Text:
      return "texts";
    case CellKind::Other:
      return "values that are not single";
  }
  CD4ML_UNREACHABLE("kind");
}

std::string wordsOf(std::uint8_t kinds) {
  std::string out;
  for (const CellKind kind : {CellKind::Int, CellKind::Float, CellKind::Bool, CellKind::Text, CellKind::Other}) {
    if ((kinds & bit(kind)) == 0 || out.ends_with(wordOf(kind))) continue;
    out += fmt::format("{}{}", out.empty() ? "" : " and ", wordOf(kind));
  }
  return out;
}

}  // namespace

std::size_t CellKinds::columnOf(std::string_view name) {
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (columns_[c].name == name) return c;
  }
  columns_.push_back({std::string(name), 0});
  return columns_.size() - 1;
}

void CellKinds::saw(std::size_t column, CellKind kind) {
  columns_[column].kinds = static_cast<std::uint8_t>(columns_[column].kinds | bit(kind));
}

void CellKinds::join(const CellKinds& other) {
  for (const Seen& seen : other.columns_) {
    Seen& here = columns_[columnOf(seen.name)];
    here.kinds = static_cast<std::uint8_t>(here.kinds | seen.kinds);
  }
}

std::vector<std::string> CellKinds::names() const {
  std::vector<std::string> out;
  for (const Seen& seen : columns_) out.push_back(seen.name);
  return out;
}

Result<std::vector<SourceField>> CellKinds::fields(const std::string& path, Span span) const {
  std::vector<SourceField> out;
  for (const Seen& seen : columns_) {
    SourceField field{.name = seen.name, .type = {.kind = ir::Kind::Text, .nullable = true}, .span = span};
    const std::uint8_t numbers = bit(CellKind::Int) | bit(CellKind::Float);
    if (seen.kinds == bit(CellKind::Int)) {
      field.type.kind = ir::Kind::Int;
    } else if (seen.kinds != 0 && (seen.kinds & ~numbers) == 0) {
      field.type.kind = ir::Kind::Float;
    } else if (seen.kinds == bit(CellKind::Bool)) {
      field.type.kind = ir::Kind::Bool;
    } else if (seen.kinds != 0 && seen.kinds != bit(CellKind::Text)) {
      Error e =
          makeError("CD5011", fmt::format("`{}`, column `{}` holds {}", path, seen.name, wordsOf(seen.kinds)), span);
      e.help.emplace_back("declare the columns you need in `{ … }`; the others are not read");
      return e;
    }
    out.push_back(std::move(field));
  }
  return out;
}

}  // namespace cd4ml::data
