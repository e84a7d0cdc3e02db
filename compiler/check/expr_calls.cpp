// Calls of builtins, by the rows of stdlib/builtins.def: arguments are placed, an overload is chosen, units are
// checked, and the call is lowered.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "compiler/check/expr_call.h"
#include "compiler/check/foreign_names.h"

namespace cd4ml::check {

using diag::Code;
using syntax::Expr;
using syntax::ExprKind;

std::vector<std::string_view> piecesOf(std::string_view list) {
  std::vector<std::string_view> pieces;
  while (!list.empty()) {
    const auto comma = list.find(", ");
    pieces.push_back(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 2);
  }
  return pieces;
}

namespace {

ir::Kind kindOf(std::string_view word) {
  using ir::Kind;
  for (const Kind kind : {Kind::Int, Kind::Float, Kind::Bool, Kind::Text, Kind::Category, Kind::Date, Kind::Timestamp,
                          Kind::Duration, Kind::Vector}) {
    if (ir::kindText(kind) == word) return kind;
  }
  CD4ML_UNREACHABLE("a type word of builtins.def");
}

/// "float", "int?", "float<km>", "any".
ir::Type resultType(std::string_view text) {
  if (text == "any") return {};
  ir::Type type;
  if (text.ends_with('?')) text.remove_suffix(1), type.nullable = true;
  if (const auto open = text.find('<'); open != std::string_view::npos) {
    type.unit = text.substr(open + 1, text.size() - open - 2);
    text = text.substr(0, open);
  }
  type.kind = kindOf(text);
  return type;
}

std::string signatures(std::string_view builtin) {
  std::string text;
  for (const OverloadRow& row : overloadsOf(builtin)) {
    std::string parameters;
    for (std::string_view piece : piecesOf(row.parameters)) {
      std::string shown{piece};
      if (const auto mark = shown.find(" ="); mark != std::string::npos) shown.erase(mark + 1, 1);
      parameters += (parameters.empty() ? "" : ", ") + shown;
    }
    text += fmt::format("{}`{}({})`", text.empty() ? "" : ", ", builtin, parameters);
  }
  return text;
}

constexpr std::array later_functions = {"first", "last", "rank", "embed", "hash", "secret",
                                        "corr", "covariance", "probability", "ndcg", "pinball"};

}  // namespace

TypedValue ExpressionWalk::visitCall(const Expr& expr) {
  if (expr.operands.size() == 1 && isModule(expr.operands[0])) return unknownModuleFunction(expr);
  if (const BuiltinRow* row = findBuiltin(expr.name.text); row != nullptr && !expr.name.quoted) return callBuiltin(*row, expr);
  for (const syntax::ExprId operand : expr.operands) visit(operand);
  // `payments.amount` where nothing is known of `payments`: what stands before the point is what is wrong.
  const bool of_lost = expr.operands.size() == 1 && tree_[expr.operands[0]].kind == ExprKind::Reference && isLost(tree_[expr.operands[0]].name);
  if (of_lost || isLost(expr.name)) return error(expr.span);
  return unknownFunction(expr);
}

/// Declared in text that did not parse, as far as one can see.
bool ExpressionWalk::isLost(const syntax::Name& name) const {
  if (isRowName(name.text)) return false;
  const auto known = environment_.params.find(tree_.qualified(name));
  return known != environment_.params.end() ? known->second.type.isError() : tree_.isLost(name.text) || tree_.hasNameless("import");
}

bool ExpressionWalk::isModule(syntax::ExprId id) const {
  const Expr& expr = tree_[id];
  return expr.kind == ExprKind::Reference && !isRowName(expr.name.text) && tree_.isAlias(expr.span.file, expr.name.text);
}

/// `s.f(x)`: calls of functions that there are have been written out already.
TypedValue ExpressionWalk::unknownModuleFunction(const Expr& expr) {
  const std::string& module = tree_[expr.operands[0]].name.text;
  const std::string name = tree_.qualified(expr.span.file, module + "." + expr.name.text);
  if (tree_.isOfMissingModule(name) || tree_.isLost(name)) return error(expr.span);
  auto& d = diagnostics_.add(Code::UnknownFunction, expr.name.span, fmt::format("the module `{}` has no fn `{}`", module, expr.name.text));
  std::vector<std::string> names;
  for (const auto& [node, construct] : environment_.nodes) {
    if (construct == "fn") names.push_back(node);
  }
  for (const std::string& near : diag::nearest(name, names)) d.help.push_back(fmt::format("did you mean `{}`?", near));
  return error(expr.span);
}

TypedValue ExpressionWalk::unknownFunction(const Expr& expr) {
  const std::string& name = expr.name.text;
  if (name == "lag" || name == "lead") {
    auto& d = diagnostics_.add(Code::LagNeedsOver, expr.span, fmt::format("`{}` looks at another row of a series, `over` says which", name));
    d.help.push_back(fmt::format("write `{}(…) over (by k)`; without `by` all rows are one series: `over ()`", name));
    return error(expr.span);
  }
  if (std::ranges::find(later_functions, name) != later_functions.end()) {
    return unsupported(expr.span, fmt::format("`{}(…)`", name));
  }
  auto& d = diagnostics_.add(Code::UnknownFunction, expr.name.span, fmt::format("there is no function `{}`", name));
  if (isRowName(name)) d.help.push_back(fmt::format("`{}` is a column: write it without parentheses", name));
  if (findMetric(name) != nullptr) d.help.push_back(fmt::format("`{}` is a metric: it stands by itself in `evaluate`", name));
  std::vector<std::string> names;
  for (const BuiltinRow& row : builtinRows()) names.emplace_back(row.name);
  for (const auto& [node, construct] : environment_.nodes) {
    if (construct == "fn") names.push_back(node);
  }
  if (helpWithForeignFunction(d, name, expr.name.span)) return error(expr.span);
  const auto near = diag::nearest(name, names);
  for (const std::string& candidate : near) d.help.push_back(fmt::format("did you mean `{}`?", candidate));
  if (near.size() == 1) d.fixes.push_back({fmt::format("write `{}`", near.front()), {{expr.name.span, near.front()}}, false});
  return error(expr.span);
}

TypedValue ExpressionWalk::callBuiltin(const BuiltinRow& row, const Expr& expr) {
  if (row.name == "to") return callTo(expr);
  Call call{.row = row, .expr = expr};
  if (!collectArguments(call)) return error(expr.span);
  call.fold = isFold(row, call.arguments.size());
  const bool may_fold = !call.fold || enterFold(call);
  if (row.name == "trunc" && call.arguments.size() == 2) return callTrunc(call);
  const bool outside = inside_fold_;
  inside_fold_ = outside || call.fold;
  bool good = may_fold;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    Call::Argument& argument = call.arguments[i];
    argument.is_list = tree_[argument.id].kind == ExprKind::List;
    if (!argument.is_list) argument.value = visitAs(argument.id, argument.name.empty() ? wantedBy(row, i) : ir::Type{});
    for (const syntax::ExprId item : argument.is_list ? tree_[argument.id].operands : std::vector<syntax::ExprId>{}) {
      argument.list.push_back(visit(item));
      good = good && !argument.list.back().type.isError();
    }
    good = good && (argument.is_list || !argument.value.type.isError());
  }
  TypedValue value = error(expr.span);
  if (good) {
    call.overload = chooseOverload(call);
    if (call.overload == nullptr) {
      reportNoOverload(call);
    } else if (bindArguments(call) && applyUnits(call)) {
      value = lower(call);
    }
  }
  inside_fold_ = outside;
  value.span = expr.span;
  return value;
}

bool ExpressionWalk::collectArguments(Call& call) {
  for (const syntax::ExprId receiver : call.expr.operands) call.arguments.push_back({.id = receiver, .name = {}});
  std::vector<std::string> known;
  for (const OptionRow& option : builtinOptions(call.row.name)) known.emplace_back(option.name);
  for (const OverloadRow& overload : overloadsOf(call.row.name)) {
    for (const std::string_view piece : piecesOf(overload.parameters)) known.emplace_back(piece.substr(0, piece.find(' ')));
  }
  const bool takes_where = call.row.group == BuiltinGroup::Aggregate || call.row.name == "min" || call.row.name == "max";
  if (takes_where) known.emplace_back("where");
  bool good = true;
  for (const syntax::Argument& argument : call.expr.arguments) {
    if (!argument.name) {
      call.arguments.push_back({.id = argument.value, .name = {}});
    } else if (argument.name->text == "where" && takes_where) {
      call.where = argument.value;
    } else if (std::ranges::find(builtinOptions(call.row.name), argument.name->text, &OptionRow::name) !=
               builtinOptions(call.row.name).end()) {
      call.named_options.push_back(argument);
    } else if (std::ranges::find(known, argument.name->text) != known.end()) {
      call.arguments.push_back({.id = argument.value, .name = argument.name->text});
    } else {
      const bool per_group = takes_where && argument.name->text == "by";
      if (per_group) {
        diagnostics_.add(Code::NotSupportedYet, argument.name->span, fmt::format("{} `by` a column is not supported yet", call.title()))
            .help.emplace_back("fold the groups in a table, `group by`, and join that table");
        return false;
      }
      auto& d = diagnostics_.add(Code::UnknownOption, argument.name->span,
                                 fmt::format("{} has no option `{}`", call.title(), argument.name->text));
      for (const std::string& near : diag::nearest(argument.name->text, known)) d.help.push_back(fmt::format("did you mean `{}`?", near));
      d.help.push_back("it is called as " + signatures(call.row.name));
      visit(argument.value);
      good = false;
    }
  }
  return good;
}

namespace {

/// How far a value is from what a parameter wants: 0 equal, 1 converted, nullopt: no.
std::optional<int> distanceTo(ir::Kind wanted, const ir::Type& type, bool text_literal, bool zero) {
  using ir::Kind;
  if (type.kind == wanted) return 0;
  if (type.kind == Kind::Null) return 1;
  if (wanted == Kind::Float && type.kind == Kind::Int) return 1;
  if (wanted == Kind::Timestamp && type.kind == Kind::Date) return 1;
  if (wanted == Kind::Category && text_literal) return 1;
  if (wanted == Kind::Duration && zero) return 1;
  return std::nullopt;
}

}  // namespace

const OverloadRow* ExpressionWalk::chooseOverload(Call& call) {
  const OverloadRow* best = nullptr;
  int best_distance = 0;
  std::vector<Call::Argument> best_arguments;
  for (const OverloadRow& overload : overloadsOf(call.row.name)) {
    Call candidate{.row = call.row, .expr = call.expr, .arguments = call.arguments, .overload = &overload};
    if (!placeArguments(candidate)) continue;
    int distance = 0;
    bool possible = true;
    for (std::size_t i = 0; i < candidate.arguments.size() && possible; ++i) {
      const Parameter& parameter = candidate.parameters[std::min(i, candidate.parameters.size() - 1)];
      const Call::Argument& argument = candidate.arguments[i];
      if (argument.is_list || parameter.want == Parameter::Want::Floats) {
        possible = argument.is_list && parameter.want == Parameter::Want::Floats;
        continue;
      }
      if (parameter.want == Parameter::Want::Any) {
        possible = argument.value.type.kind != Kind::Vector;
        continue;
      }
      const auto step = distanceTo(parameter.kind, argument.value.type, isTextLiteral(argument.value), isZero(argument.value));
      possible = step.has_value();
      distance += step.value_or(0);
    }
    if (!possible || (best != nullptr && distance >= best_distance)) continue;
    best = &overload;
    best_distance = distance;
    best_arguments = candidate.arguments;
    call.parameters = candidate.parameters;
  }
  if (best != nullptr) call.arguments = std::move(best_arguments);
  return best;
}

/// Reads the overload's parameters and puts the arguments in their order; false: there are too many or too few.
bool ExpressionWalk::placeArguments(Call& call) {
  for (std::string_view piece : piecesOf(call.overload->parameters)) {
    Parameter parameter{.name = piece.substr(0, piece.find(' ')), .type = piece.substr(piece.find(' ') + 1)};
    std::string_view type = parameter.type;
    if (type.starts_with('=')) type.remove_prefix(1), parameter.constant = true;
    if (type.ends_with("...")) type.remove_suffix(3), parameter.variadic = true;
    parameter.type = type;
    if (type == "any") {
      parameter.want = Parameter::Want::Any;
    } else if (type == "floats") {
      parameter.want = Parameter::Want::Floats;
    } else if (type == "unit") {
      parameter.want = Parameter::Want::Unit;
    } else {
      parameter.kind = kindOf(type);
    }
    call.parameters.push_back(parameter);
  }
  const bool variadic = !call.parameters.empty() && call.parameters.back().variadic;
  const std::size_t wanted = call.parameters.size();
  const std::size_t given = call.arguments.size();
  if (variadic ? given < wanted : given != wanted) return false;
  std::vector<Call::Argument> placed;
  std::vector<Call::Argument> named;
  for (const Call::Argument& argument : call.arguments) (argument.name.empty() ? placed : named).push_back(argument);
  for (std::size_t i = placed.size(); i < wanted; ++i) {
    const auto it = std::ranges::find(named, call.parameters[i].name, &Call::Argument::name);
    if (it == named.end()) return false;
    placed.push_back(*it);
    named.erase(it);
  }
  if (!named.empty()) return false;
  call.arguments = std::move(placed);
  return true;
}

void ExpressionWalk::reportNoOverload(const Call& call) {
  std::string given;
  for (const Call::Argument& argument : call.arguments) {
    given += fmt::format("{}`{}`", given.empty() ? "" : ", ", argument.is_list ? "a list" : ir::typeText(argument.value.type));
  }
  if (given.empty()) given = "nothing";
  auto& d = diagnostics_.add(Code::WrongArguments, call.span(), given == "nothing" ? fmt::format("{} needs an argument", call.title()) : fmt::format("{} does not take {}", call.title(), given));
  for (const Call::Argument& argument : call.arguments) {
    if (!argument.is_list) labelOperand(d, argument.value);
  }
  d.help.push_back("it is called as " + signatures(call.row.name));
}

bool ExpressionWalk::bindArguments(Call& call) {
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const Parameter& parameter = call.parameters[std::min(i, call.parameters.size() - 1)];
    Call::Argument& argument = call.arguments[i];
    if (argument.is_list) {
      ir::Literal::List list;
      for (TypedValue& item : argument.list) {
        item = toFloat(std::move(item));
        if (item.type.kind != Kind::Float || !isConstant(item)) {
          diagnostics_.add(Code::NotConstant, item.span, fmt::format("{} takes a list of constant numbers", call.title()));
          return false;
        }
        if (!call.values.empty() && !unifyNumbers(call.values.front(), item, call.title(), item.span)) return false;
        list.push_back(node(item).literal);
      }
      call.options.push_back({std::move(list)});
      continue;
    }
    if (argument.value.type.kind == Kind::Null) {
      const Kind kind = parameter.want == Parameter::Want::Kind ? parameter.kind : Kind::Null;
      argument.value = constant({}, {.kind = kind, .nullable = true}, argument.value.span);
    }
    TypedValue value = argument.value;
    if (parameter.kind == Kind::Float) value = toFloat(std::move(value));
    if (parameter.kind == Kind::Timestamp) value = toTimestamp(std::move(value));
    if (parameter.kind == Kind::Category && isTextLiteral(value)) value = toCategory(value, {.kind = Kind::Category});
    if (parameter.kind == Kind::Duration && isZero(value)) value = constant({std::int64_t{0}}, {.kind = Kind::Duration}, value.span);
    if (value.type.isError()) return false;
    if (!parameter.constant) {
      call.values.push_back(std::move(value));
    } else if (isConstant(value)) {
      call.options.push_back(node(value).literal);
    } else {
      auto& d = diagnostics_.add(Code::NotConstant, value.span,
                                 fmt::format("`{}` of {} must be a constant", parameter.name, call.title()));
      d.help.push_back("literals, params and arithmetic over them are constants");
      return false;
    }
  }
  for (ir::Option& option : checker_.options(builtinOptions(call.row.name), call.named_options, call.row.name, call.span())) {
    call.options.push_back(std::move(option.value));
  }
  return true;
}

bool ExpressionWalk::applyUnits(Call& call) {
  call.result = resultType(call.overload->result);
  const UnitRule rule = call.overload->units;
  const bool any = !call.parameters.empty() && call.parameters.front().want == Parameter::Want::Any;
  if ((rule == UnitRule::Same || rule == UnitRule::SamePlain) && !any) {
    for (int pass = 0; pass < 2; ++pass) {  // twice: a unit found late reaches the zeros before it
      for (std::size_t i = 1; i < call.values.size(); ++i) {
        if (!unifyNumbers(call.values[0], call.values[i], call.title(), call.span())) return false;
      }
    }
  }
  if (call.values.empty()) return true;
  const std::string& unit = call.values[0].type.unit;
  switch (rule) {
    case UnitRule::Keep:
    case UnitRule::Same: call.result.unit = unit; break;
    case UnitRule::Squared: call.result.unit = raiseUnit(unit, 2); break;
    case UnitRule::None:
    case UnitRule::Plain:
    case UnitRule::SamePlain: break;
  }
  return true;
}

TypedValue ExpressionWalk::lower(Call& call) {
  const std::string_view lowering = call.overload->lowering;
  if (lowering == "same") return call.values[0];
  if (lowering == "sugar") return sugar(call);
  if (lowering.starts_with("fold ")) return fold(lowering.substr(5), call.values, call.result, call);
  if (lowering.starts_with("encode ")) return encode(lowering.substr(7), call);
  const bool pairwise = call.parameters.size() == 2 && call.parameters.back().variadic;
  if (!pairwise) return this->call(lowering, call.values, call.result, call.span(), call.options);
  TypedValue value = call.values[0];
  for (std::size_t i = 1; i < call.values.size(); ++i) value = this->call(lowering, {value, call.values[i]}, call.result, call.span());
  return value;
}

}  // namespace cd4ml::check
