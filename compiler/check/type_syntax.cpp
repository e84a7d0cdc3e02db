// Written types → ir::Type.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "compiler/check/expression.h"

namespace cd4ml::check {
namespace {

struct TypeWord {
  std::string_view word;
  ir::Kind kind;
};
constexpr std::array type_words = {
    TypeWord{"int", ir::Kind::Int},           TypeWord{"float", ir::Kind::Float},
    TypeWord{"bool", ir::Kind::Bool},         TypeWord{"text", ir::Kind::Text},
    TypeWord{"category", ir::Kind::Category}, TypeWord{"date", ir::Kind::Date},
    TypeWord{"timestamp", ir::Kind::Timestamp}, TypeWord{"duration", ir::Kind::Duration},
};

std::string wordList() {
  std::string text;
  for (const TypeWord& word : type_words) text += fmt::format("{}`{}`", text.empty() ? "" : ", ", word.word);
  return text;
}

void reportUnknown(const syntax::TypeSyntax& syntax, diag::Diagnostics& diagnostics) {
  auto& d = diagnostics.add(diag::Code::UnknownType, syntax.name.span,
                            fmt::format("there is no type `{}`", syntax.name.text));
  std::vector<std::string> words;
  for (const TypeWord& word : type_words) words.emplace_back(word.word);
  const std::array<std::pair<std::string_view, std::string_view>, 10> other_names = {{
      {"string", "category"}, {"str", "category"}, {"double", "float"}, {"integer", "int"}, {"boolean", "bool"},
      {"datetime", "timestamp"}, {"number", "float"}, {"enum", "category"}, {"long", "int"}, {"timedelta", "duration"},
  }};
  std::vector<std::string> near = diag::nearest(syntax.name.text, words, 1);
  const auto* other = std::ranges::find(other_names, syntax.name.text, &std::pair<std::string_view, std::string_view>::first);
  if (other != other_names.end()) near = {std::string(other->second)};
  if (!near.empty()) {
    d.help.push_back(fmt::format("did you mean `{}`?", near.front()));
    d.fixes.push_back({fmt::format("write `{}`", near.front()), {{syntax.name.span, near.front()}}, false});
  }
  d.help.push_back("the types are " + wordList());
}

}  // namespace

ir::Type ExpressionChecker::type(const syntax::TypeSyntax& syntax) {
  if (syntax.name.text.empty()) return {};  // said by the parser
  if (syntax.name.text == "list" || syntax.name.text == "vector") {
    diagnostics_.add(diag::Code::ExpressionNotSupported, syntax.span,
                     fmt::format("the type `{}` is not supported yet here", syntax.name.text));
    return {};
  }
  const auto* word = std::ranges::find(type_words, syntax.name.text, &TypeWord::word);
  if (word == type_words.end()) {
    reportUnknown(syntax, diagnostics_);
    return {};
  }
  ir::Type type{.kind = word->kind, .nullable = syntax.nullable};
  if (!syntax.unit.empty()) {
    const auto unit = canonicalUnit(syntax.unit);
    if (!unit || !type.isNumber()) {
      auto& d = diagnostics_.add(diag::Code::UnknownUnit, syntax.unit_span,
                                 unit ? fmt::format("only `int` and `float` have units, `{}` has none", syntax.name.text)
                                      : fmt::format("`{}` is not a unit", syntax.unit));
      d.help.push_back("a unit is a name, or a product of names: `float<eur>`, `float<eur/kg>`, `float<m/s^2>`");
      return {};
    }
    type.unit = *unit;
  }
  if (syntax.has_levels && !setLevels(syntax, type)) return {};
  return type;
}

bool ExpressionChecker::setLevels(const syntax::TypeSyntax& syntax, ir::Type& type) {
  if (type.kind != ir::Kind::Category) {
    diagnostics_.add(diag::Code::UnknownType, syntax.span,
                     fmt::format("only `category` lists its levels, `{}` cannot", syntax.name.text));
    return false;
  }
  std::vector<std::string> levels;
  for (const syntax::ExprId id : syntax.levels) {
    const syntax::Expr& level = tree_[id];
    if (level.kind == syntax::ExprKind::Error) return false;
    if (level.kind != syntax::ExprKind::Text) {
      diagnostics_.add(diag::Code::TypeMismatch, level.span, "a level of a category is a text")
          .help.push_back("write it in quotes: `category{\"sun\", \"rain\"}`");
      return false;
    }
    if (std::ranges::find(levels, level.text) != levels.end()) {
      diagnostics_.add(diag::Code::DuplicateLevel, level.span, fmt::format("the level \"{}\" is listed twice", level.text));
      continue;
    }
    levels.push_back(level.text);
  }
  if (levels.empty()) {
    diagnostics_.add(diag::Code::BadSet, syntax.span, "a closed category needs at least one level");
    return false;
  }
  type.levels = std::make_shared<const std::vector<std::string>>(std::move(levels));
  return true;
}

bool fits(const ir::Type& from, const ir::Type& to) {
  using ir::Kind;
  if (from.isError() || to.isError()) return true;
  if (from.nullable && !to.nullable) return false;
  if (from.kind == Kind::Null) return true;
  if (from.kind != to.kind) {
    if (from.kind == Kind::Int && to.kind == Kind::Float) return from.unit == to.unit;
    if (from.kind == Kind::Date && to.kind == Kind::Timestamp) return true;
    return from.kind == Kind::Duration && to.kind == Kind::Float && microsecondsOf(to.unit).has_value();
  }
  if (from.isNumber()) return from.unit == to.unit;
  if (from.kind == Kind::Category && to.levels != nullptr) {
    return from.levels != nullptr && std::ranges::all_of(*from.levels, [&](const std::string& level) {
             return std::ranges::find(*to.levels, level) != to.levels->end();
           });
  }
  return true;
}

}  // namespace cd4ml::check
