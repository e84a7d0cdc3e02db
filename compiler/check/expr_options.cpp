// Named options of builtins, readers, models and metrics, checked against their rows in stdlib/*.def.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/expr_walk.h"

namespace cd4ml::check {

using diag::Code;
using syntax::ExprKind;

namespace {

std::string namesOf(std::span<const OptionRow> rows) {
  std::string text;
  for (const OptionRow& row : rows) text += fmt::format("{}`{}`", text.empty() ? "" : ", ", row.name);
  return text;
}

void reportUnknown(diag::Diagnostics& diagnostics, const syntax::Name& name, std::string_view owner,
                   std::span<const OptionRow> rows) {
  auto& d = diagnostics.add(Code::UnknownOption, name.span, fmt::format("`{}` has no option `{}`", owner, name.text));
  std::vector<std::string> names;
  for (const OptionRow& row : rows) names.emplace_back(row.name);
  const auto near = diag::nearest(name.text, names);
  for (const std::string& candidate : near) d.help.push_back(fmt::format("did you mean `{}`?", candidate));
  if (near.size() == 1) d.fixes.push_back({fmt::format("write `{}`", near.front()), {{name.span, near.front()}}, false});
  d.help.push_back(rows.empty() ? fmt::format("`{}` has no options", owner) : "its options are " + namesOf(rows));
}

std::optional<double> numberOf(const ir::Literal& literal) {
  if (const auto* x = std::get_if<std::int64_t>(&literal.value)) return static_cast<double>(*x);
  if (const auto* x = std::get_if<double>(&literal.value)) return *x;
  return std::nullopt;
}

/// What is wrong with a value of the right type; empty: nothing.
std::string wrongValue(const OptionRow& row, const ir::Literal& literal) {
  if (row.type == "choice") {
    const auto choices = choicesOf(row);
    const auto& text = std::get<std::string>(literal.value);
    if (std::ranges::find(choices, text) != choices.end()) return {};
    std::string list;
    for (const std::string& choice : choices) list += fmt::format("{}\"{}\"", list.empty() ? "" : ", ", choice);
    return fmt::format("`{}` is one of {}, not \"{}\"", row.name, list, text);
  }
  const auto value = numberOf(literal);
  const Bounds bounds = boundsOf(row);
  const bool inside = value && (!bounds.low || *value >= *bounds.low) && (!bounds.high || *value <= *bounds.high);
  if (!value || inside || (!bounds.low && !bounds.high)) return {};
  if (!bounds.high) return fmt::format("`{}` is at least {}, not {}", row.name, *bounds.low, *value);
  if (!bounds.low) return fmt::format("`{}` is at most {}, not {}", row.name, *bounds.high, *value);
  return fmt::format("`{}` lies in {} .. {}, {} does not", row.name, *bounds.low, *bounds.high, *value);
}

}  // namespace

std::optional<ir::Literal> ExpressionChecker::optionValue(const OptionRow& row, syntax::ExprId id) {
  const syntax::Expr& expr = tree_[id];
  if (expr.kind == ExprKind::Null && row.default_text == "null") return ir::Literal{};
  if (row.type == "texts") {
    ir::Literal::List list;
    const bool many = expr.kind == ExprKind::List || expr.kind == ExprKind::Set;
    for (const syntax::ExprId item : many ? expr.operands : std::vector<syntax::ExprId>{id}) {
      const auto text = constantText(item);
      if (!text) return std::nullopt;
      list.push_back({*text});
    }
    return ir::Literal{std::move(list)};
  }
  const ir::Type type = typeOf(row);
  Constant value = constant(id, &type);
  if (!value.ok()) return std::nullopt;
  if (std::string wrong = wrongValue(row, value.value); !wrong.empty()) {
    diagnostics_.add(Code::OptionValue, expr.span, std::move(wrong)).help.push_back(fmt::format("`{}`: {}", row.name, row.summary));
    return std::nullopt;
  }
  return std::move(value.value);
}

std::vector<ir::Option> ExpressionChecker::options(std::span<const OptionRow> rows, const std::vector<syntax::Argument>& arguments,
                                                   std::string_view owner, Span call) {
  std::vector<ir::Option> options;
  for (const OptionRow& row : rows) options.push_back({std::string(row.name), defaultOf(row), {}});
  std::vector<bool> given(rows.size());
  for (const syntax::Argument& argument : arguments) {
    if (!argument.name) continue;
    const auto it = std::ranges::find(rows, argument.name->text, &OptionRow::name);
    if (it == rows.end()) {
      reportUnknown(diagnostics_, *argument.name, owner, rows);
      continue;
    }
    const auto index = static_cast<std::size_t>(it - rows.begin());
    if (it->status == Status::Later) {
      diagnostics_.add(Code::ExpressionNotSupported, argument.name->span,
                       fmt::format("the option `{}` of `{}` is not supported yet", it->name, owner));
      continue;
    }
    if (given[index]) {
      diagnostics_.add(Code::OptionValue, argument.name->span, fmt::format("`{}` is given twice", it->name));
      continue;
    }
    given[index] = true;
    options[index].span = argument.name->span;
    if (auto value = optionValue(*it, argument.value)) options[index].value = std::move(*value);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (given[i] || !rows[i].default_text.empty()) continue;
    diagnostics_.add(Code::WrongArguments, call, fmt::format("`{}` needs the option `{}`", owner, rows[i].name))
        .help.push_back(fmt::format("`{}`: {}", rows[i].name, rows[i].summary));
  }
  return options;
}

}  // namespace cd4ml::check
