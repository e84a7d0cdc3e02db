#include "compiler/ir/type.h"

#include <algorithm>

#include <fmt/format.h>

#include "compiler/ir/value.h"

namespace cd4ml::ir {

std::string_view kindText(Kind kind) {
  switch (kind) {
    case Kind::Error: return "error";
    case Kind::Null: return "null";
    case Kind::Int: return "int";
    case Kind::Float: return "float";
    case Kind::Bool: return "bool";
    case Kind::Text: return "text";
    case Kind::Category: return "category";
    case Kind::Date: return "date";
    case Kind::Timestamp: return "timestamp";
    case Kind::Duration: return "duration";
    case Kind::Vector: return "vector";
  }
  return "error";
}

std::string typeText(const Type& type) {
  std::string text{kindText(type.kind)};
  if (!type.unit.empty()) text += "<" + type.unit + ">";
  if (type.levels != nullptr) {
    text += '{';
    for (std::size_t i = 0; i < type.levels->size(); ++i) {
      if (i > 0) text += ", ";
      text += literalText(Literal{(*type.levels)[i]});
    }
    text += '}';
  }
  if (type.kind == Kind::Vector && type.width > 0) text += fmt::format("[{}]", type.width);
  if (type.nullable) text += '?';
  return text;
}

namespace {

std::shared_ptr<const std::vector<std::string>> joinLevels(const Type& a, const Type& b) {
  if (a.levels == nullptr || b.levels == nullptr) return nullptr;
  auto levels = std::make_shared<std::vector<std::string>>(*a.levels);
  for (const std::string& level : *b.levels) {
    if (std::find(levels->begin(), levels->end(), level) == levels->end()) levels->push_back(level);
  }
  return levels;
}

}  // namespace

Type unionType(const Type& a, const Type& b) {
  Type type = a.kind == Kind::Null ? b : a;
  type.nullable = a.nullable || b.nullable || a.kind == Kind::Null || b.kind == Kind::Null;
  if (a.kind == Kind::Null || b.kind == Kind::Null) return type;
  if (a.isNumber() && b.isNumber()) {
    type.kind = a.kind == b.kind ? a.kind : Kind::Float;
    return type;
  }
  if (a.kind != b.kind || a.width != b.width) return {};
  type.levels = joinLevels(a, b);
  return type;
}

bool sameRepresentation(const Type& a, const Type& b) {
  if (a.kind != b.kind || a.nullable != b.nullable || a.width != b.width) return false;
  if ((a.levels == nullptr) != (b.levels == nullptr)) return false;
  return a.levels == nullptr || *a.levels == *b.levels;
}

}  // namespace cd4ml::ir
