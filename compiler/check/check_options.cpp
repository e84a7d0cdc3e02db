#include "compiler/check/check_options.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace cd4ml::check {
namespace {

std::optional<double> numberOf(const ir::Literal& literal) {
  if (const auto* whole = std::get_if<std::int64_t>(&literal.value)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&literal.value)) return *real;
  return std::nullopt;
}

class OptionChecker {
 public:
  OptionChecker(Context& context, std::string_view owner, const OptionRow& row, syntax::ExprId value)
      : context_(context), owner_(owner), row_(row), value_(value) {}

  /// The value as given; the default when it is wrong.
  ir::Literal check() {
    if (row_.status == Status::Later) {
      context_.notSupported(context_.span(value_), fmt::format("the option `{}` of `{}`", row_.name, owner_));
      return defaultOf(row_);
    }
    if (row_.type == "signs") return defaultOf(row_);  // names of features: whoever has them reads it
    const std::optional<ir::Literal> literal = row_.type == "texts" ? texts() : single();
    if (!literal || !inRange(*literal) || !isChoice(*literal)) return defaultOf(row_);
    return *literal;
  }

 private:
  std::optional<ir::Literal> single() {
    ir::Type type = typeOf(row_);
    if (context_.tree[value_].kind == syntax::ExprKind::Null && row_.default_text == "null") return ir::Literal{};
    const Constant constant = context_.expressions.constant(value_, &type);
    if (!constant.ok()) return std::nullopt;
    return constant.value;
  }

  std::optional<ir::Literal> texts() {
    const syntax::Expr& expr = context_.tree[value_];
    if (const Param* given = context_.listParam(value_); given != nullptr) {
      if (given->type.isError()) return std::nullopt;
      if (given->type.kind == ir::Kind::Text) return given->value;
    }
    if (row_.default_text == "null" && expr.kind == syntax::ExprKind::Null) return ir::Literal{};
    const bool many = expr.kind == syntax::ExprKind::List;
    ir::Literal::List list;
    for (const syntax::ExprId operand : many ? expr.operands : std::vector<syntax::ExprId>{value_}) {
      const std::optional<std::string> text = context_.expressions.constantText(operand);
      if (!text) return std::nullopt;
      list.push_back({*text});
    }
    return ir::Literal{std::move(list)};
  }

  bool inRange(const ir::Literal& literal) {
    const std::optional<double> number = numberOf(literal);
    if (!number || row_.type == "choice") return true;
    const Bounds bounds = boundsOf(row_);
    if ((!bounds.low || *number >= *bounds.low) && (!bounds.high || *number <= *bounds.high)) return true;
    context_.report(diag::Code::OutOfRange, context_.span(value_),
                    fmt::format("`{}` of `{}` is {}, it must be in {}", row_.name, owner_, ir::literalText(literal), row_.range))
        .help.push_back(fmt::format("{}: {}", row_.name, row_.summary));
    return false;
  }

  bool isChoice(const ir::Literal& literal) {
    const auto* text = std::get_if<std::string>(&literal.value);
    if (row_.type != "choice" || text == nullptr) return true;
    const std::vector<std::string> choices = choicesOf(row_);
    if (std::find(choices.begin(), choices.end(), *text) != choices.end()) return true;
    diag::Diagnostic& diagnostic = context_.report(diag::Code::OptionValue, context_.span(value_),
                                                   fmt::format("`{}` of `{}` cannot be \"{}\"", row_.name, owner_, *text));
    diagnostic.help.push_back(fmt::format("it is one of \"{}\"", fmt::join(choices, "\", \"")));
    return false;
  }

  Context& context_;
  std::string_view owner_;
  const OptionRow& row_;
  syntax::ExprId value_;
};

}  // namespace

std::vector<ir::Option> checkOptions(Context& context, std::string_view owner, std::span<const OptionRow> rows,
                                     const std::vector<syntax::Argument>& arguments) {
  std::vector<ir::Option> options;
  std::vector<std::string> names;
  for (const OptionRow& row : rows) {
    options.push_back({.name = std::string(row.name), .value = defaultOf(row)});
    names.emplace_back(row.name);
  }
  std::set<std::string> given;
  for (const syntax::Argument& argument : arguments) {
    if (!argument.name) continue;
    const auto found = std::find(names.begin(), names.end(), argument.name->text);
    if (found == names.end()) {
      diag::Diagnostic& diagnostic = context.report(diag::Code::UnknownOption, argument.name->span,
                                                    fmt::format("`{}` has no option `{}`", owner, argument.name->text));
      addCandidates(diagnostic, argument.name->span, argument.name->text, names);
      continue;
    }
    if (!given.insert(argument.name->text).second) {
      context.report(diag::Code::DuplicateItem, argument.name->span, fmt::format("`{}` is given twice", argument.name->text));
      continue;
    }
    const auto index = static_cast<std::size_t>(found - names.begin());
    options[index].value = OptionChecker(context, owner, rows[index], argument.value).check();
    options[index].span = context.span(argument.value);
  }
  return options;
}

const ir::Option* findOption(const std::vector<ir::Option>& options, std::string_view name) {
  const auto found = std::find_if(options.begin(), options.end(), [&](const ir::Option& option) { return option.name == name; });
  return found == options.end() ? nullptr : &*found;
}

}  // namespace cd4ml::check
