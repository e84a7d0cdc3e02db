// Aggregates, which are statistics fitted on the training part where they stand in `features`, and encoders.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/expr_call.h"

namespace cd4ml::check {

using diag::Code;

bool ExpressionWalk::isFold(const BuiltinRow& row, std::size_t arguments) const {
  if (row.group == BuiltinGroup::Aggregate) return true;
  const auto overloads = overloadsOf(row.name);
  return std::ranges::any_of(overloads, [&](const OverloadRow& overload) {
    return overload.lowering.starts_with("fold ") && piecesOf(overload.parameters).size() == arguments;
  });
}

bool ExpressionWalk::enterFold(const Call& call) {
  switch (scope_.place) {
    case Place::Features: return true;
    case Place::GroupBy:
    case Place::RowSet:
    case Place::Window:
    case Place::Evaluate: {
      if (!inside_fold_) return true;
      diagnostics_.add(Code::NestedAggregate, call.span(), fmt::format("{} stands inside another aggregate", call.title()))
          .help.push_back("an aggregate folds rows once; fold in two tables, one after the other");
      return false;
    }
    case Place::Constant:
    case Place::Row:
    case Place::Target: break;
  }
  auto& d = diagnostics_.add(Code::MisplacedAggregate, call.span(),
                             fmt::format("{} folds many rows, here one row is looked at", call.title()));
  d.help.push_back("aggregates stand in `group by`, `require`, `features` (fitted on the training part) and `evaluate`");
  if (call.row.name == "min" || call.row.name == "max") d.help.push_back(fmt::format("of the values of one row: `{}(a, b)`", call.row.name));
  return false;
}

TypedValue ExpressionWalk::applyWhere(TypedValue value, const Call& call) {
  if (!call.where.valid() || value.type.isError()) return value;
  const TypedValue condition = orElse(boolOf(visit(call.where), "`where`"), {false});
  if (condition.type.isError()) return error(call.span());
  ir::Type type = value.type;
  type.nullable = true;
  const TypedValue nothing = constant({}, type, value.span);
  return callOp("select", {condition, value, nothing}, type, value.span);
}

TypedValue ExpressionWalk::fold(std::string_view name, Operands arguments, ir::Type result, Call& call) {
  const bool fitted = scope_.place == Place::Features;
  if (arguments.empty() && (fitted || call.where.valid())) {
    arguments.push_back(constant({true}, {.kind = Kind::Bool}, call.span()));
  }
  if (!arguments.empty()) arguments[0] = applyWhere(std::move(arguments[0]), call);
  if (!arguments.empty() && arguments[0].type.isError()) return error(call.span());
  if (name == "quantile") {
    const double q = std::get<double>(call.options[0].value);
    if (!(q >= 0 && q <= 1)) {
      diagnostics_.add(Code::OptionValue, call.span(), fmt::format("a quantile lies in 0 .. 1, not at {}", q));
      return error(call.span());
    }
  }
  const bool counts = name == "count" || name == "n_unique";
  const bool spread = name == "std" || name == "var";
  ir::Type value_type = result;
  value_type.nullable = !counts || unknown_is_null_;
  switch (scope_.place) {
    case Place::Features: result.nullable = false; break;  // nothing to learn from is an error of the run
    case Place::GroupBy: result.nullable = !counts && (spread || arguments[0].type.nullable); break;
    case Place::Window: result.nullable = !counts || unknown_is_null_; break;
    case Place::Constant:
    case Place::Row:
    case Place::Target:
    case Place::RowSet:
    case Place::Evaluate: result.nullable = !counts; break;
  }
  TypedValue value = add({.op = fitted ? ir::Op::Fit : ir::Op::Aggregate, .type = value_type, .name = std::string(name),
                          .options = call.options},
                         arguments, std::move(result), call.span());
  value.taint.set(fitted ? TaintBit::Fitted : TaintBit::Aggregate);
  if (!fitted) mergeTaint(value.taint, scope_.row_taint);
  return value;
}

TypedValue ExpressionWalk::encode(std::string_view name, Call& call) {
  if (scope_.place != Place::Features) {
    diagnostics_.add(Code::MisplacedEncoder, call.span(), fmt::format("{} is learned from the training part", call.title()))
        .help.push_back("encoders stand in `features`");
    return error(call.span());
  }
  const TypedValue& x = call.values[0];
  Operands arguments{x};
  ir::Type type = call.result;
  type.nullable = name == "ordinal" && x.type.nullable;
  if (name == "one_hot" && x.type.levels != nullptr) type.width = static_cast<std::uint32_t>(x.type.levels->size());
  if (name == "target_encode" || name == "woe") {
    if (scope_.target == nullptr) {
      diagnostics_.add(Code::EncoderNeedsTarget, call.span(), fmt::format("{} encodes by the target, and there is none", call.title()))
          .help.push_back("add `target EXPR` to the features");
      return error(call.span());
    }
    if (scope_.target->type.isError()) return error(call.span());
    if (name == "woe" && scope_.target->type.kind != Kind::Bool) {
      auto& d = diagnostics_.add(Code::EncoderNeedsBool, call.span(), fmt::format("{} weighs true against false, the target is of type {}", call.title(), ir::typeText(scope_.target->type)));
      d.labels.push_back({scope_.target->span, "the target"});
      d.help.emplace_back("write `target_encode(…)`, which takes any target, or make the target a condition");
      return error(call.span());
    }
    arguments.push_back(*scope_.target);
    if (scope_.target->type.kind == Kind::Category) {
      type.kind = Kind::Vector;
      const auto& levels = scope_.target->type.levels;
      type.width = levels == nullptr ? 0 : static_cast<std::uint32_t>(levels->size()) - 1;
    }
  }
  TypedValue value = add({.op = ir::Op::Encode, .type = type, .name = std::string(name), .options = call.options}, arguments,
                         type, call.span());
  value.taint = x.taint;  // the target comes in cross-fitted, never that of the row itself
  value.taint.set(TaintBit::Fitted);
  if (arguments.size() > 1) value.taint.set(TaintBit::CrossFit);
  return value;
}

}  // namespace cd4ml::check
