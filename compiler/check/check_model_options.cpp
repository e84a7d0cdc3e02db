#include "compiler/check/check_model_options.h"

#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/check_search.h"

namespace cd4ml::check {

using diag::Code;

namespace {

const ir::Option* given(const ir::Model& model, std::string_view name) {
  const ir::Option* option = findOption(model.options, name);
  return option != nullptr && !option->span.empty() ? option : nullptr;
}

void checkLoss(Context& context, const ir::Model& model, const ir::Option& loss, const std::string& text) {
  const bool of_classes = text == "log" || text == "focal";
  if (of_classes != (model.task == ir::Task::Regression)) return;
  diag::Diagnostic& diagnostic = context.report(Code::OptionTask, loss.span, fmt::format("the loss \"{}\" does not fit {}", text, ir::taskText(model.task)));
  diagnostic.labels.push_back({context.factsOf(model.features).target_span, fmt::format("the target is {}", ir::typeText(model.target_type))});
  diagnostic.help.emplace_back(model.task == ir::Task::Regression ? "leave it out for \"squared\"" : "leave it out for \"log\"");
}

/// Options of classes, where there are none.
void checkWeights(Context& context, const ir::Model& model) {
  if (const ir::Option* weight = given(model, "positive_weight"); weight != nullptr && model.task != ir::Task::Binary) {
    context.report(Code::OptionTask, weight->span, fmt::format("`positive_weight` is for a bool target, this is {}", ir::taskText(model.task)));
  }
  const ir::Option* weight = given(model, "class_weight");
  if (weight == nullptr || model.task != ir::Task::Regression || !std::holds_alternative<std::string>(weight->value.value)) return;
  context.report(Code::OptionTask, weight->span, "`class_weight` is for a bool or category target, this is regression")
      .help.emplace_back("rows of a regression weigh what `weight EXPR` of the features says");
}

void checkEarlyStop(Context& context, const ir::Model& model) {
  if (!stopsEarly(model.options)) return;
  const ir::NodeId split = std::get<ir::Features>(context.pipeline[model.features].body).split;
  if (splitHas(context, split, ir::Part::Validate) || (split.valid() && context.factsOf(split).open)) return;
  if (!split.valid() && context.tree.hasBroken("split")) return;
  const ir::Option* early_stop = findOption(model.options, "early_stop");
  const std::string features = context.pipeline[model.features].name;
  diag::Diagnostic& diagnostic =
      context.report(Code::EarlyStopNoValidate, early_stop->span, fmt::format("`early_stop` watches the part `validate`, the split of `{}` has none", features));
  if (split.valid()) {
    diagnostic.labels.push_back({context.pipeline[split].name_span, "the split"});
    diagnostic.help.emplace_back("add `validate 15%` to the split, or leave `early_stop` out");
  } else {
    diagnostic.message = fmt::format("`early_stop` watches the part `validate`, `{}` has no split", features);
    diagnostic.help.push_back(fmt::format("add `split {} by … {{ train 70%  validate 15%  test 15% }}`, or leave `early_stop` out", features));
  }
}

bool addSign(Context& context, ir::NodeId id, const syntax::Argument& sign, ir::Literal::List& list) {
  const ir::Node& features = context.pipeline[id];
  std::vector<std::string> names;
  for (std::size_t f = 0; f < list.size(); ++f) names.push_back(features.columns[f].name);
  const auto found = std::find(names.begin(), names.end(), sign.name->text);
  if (found == names.end()) {
    if (context.factsOf(id).open) return false;
    diag::Diagnostic& diagnostic = context.report(Code::UnknownColumn, sign.name->span, fmt::format("`{}` has no feature `{}`", features.name, sign.name->text));
    addCandidates(diagnostic, sign.name->span, sign.name->text, names);
    return false;
  }
  const auto place = static_cast<std::size_t>(found - names.begin());
  const ir::Column& feature = features.columns[place];
  if (feature.type.isError()) return false;
  if (feature.type.kind != ir::Kind::Int && feature.type.kind != ir::Kind::Float && feature.type.kind != ir::Kind::Bool) {
    diag::Diagnostic& diagnostic = context.report(Code::OptionValue, sign.name->span,
                                                  fmt::format("a prediction rises or falls with a number or a bool, `{}` is {}", feature.name, ir::typeText(feature.type)));
    diagnostic.labels.push_back({feature.span, "the feature"});
    return false;
  }
  const std::optional<std::int64_t> value = context.expressions.constantInt(sign.value);
  if (!value) return false;
  if (*value != 1 && *value != -1) {
    context.report(Code::OptionValue, context.span(sign.value), fmt::format("`monotone` is 1 (rises) or -1 (falls), not {}", *value));
    return false;
  }
  list[place] = {*value};
  return true;
}

}  // namespace

std::vector<syntax::Argument> withoutLater(Context& context, std::vector<syntax::Argument> arguments) {
  std::erase_if(arguments, [&](const syntax::Argument& argument) {
    const syntax::Expr& value = context.tree[argument.value];
    const bool interval = argument.name && argument.name->text == "interval";
    const bool rank = argument.name && argument.name->text == "loss" && value.kind == syntax::ExprKind::Text && value.text == "rank";
    if (interval) context.notSupported(argument.name->span, "the option `interval`");
    if (rank) context.notSupported(value.span, "the loss \"rank\"");
    return interval || rank;
  });
  return arguments;
}

bool stopsEarly(const std::vector<ir::Option>& options) {
  const ir::Option* early_stop = findOption(options, "early_stop");
  const auto* rounds = early_stop != nullptr ? std::get_if<std::int64_t>(&early_stop->value.value) : nullptr;
  return rounds != nullptr && *rounds > 0;
}

void checkOptionsFit(Context& context, const ir::Model& model, bool knows_task) {
  checkEarlyStop(context, model);
  if (!knows_task) return;
  checkWeights(context, model);
  const ir::Option* loss = findOption(model.options, "loss");
  const auto* text = loss != nullptr ? std::get_if<std::string>(&loss->value.value) : nullptr;
  if (text != nullptr) checkLoss(context, model, *loss, *text);
  const ir::Option* monotone = given(model, "monotone");
  const auto* signs = monotone != nullptr ? std::get_if<ir::Literal::List>(&monotone->value.value) : nullptr;
  if (signs != nullptr && !signs->empty() && text != nullptr && (*text == "absolute" || *text == "pinball")) {
    diag::Diagnostic& diagnostic = context.report(Code::OptionTask, monotone->span, fmt::format("`monotone` does not go with the loss \"{}\"", *text));
    diagnostic.labels.push_back({loss->span, "its leaves are set to quantiles after they have grown"});
    diagnostic.help.emplace_back("`loss: \"huber\"` is as robust and goes with it");
  }
  if (const ir::Option* quantile = given(model, "quantile"); quantile != nullptr && (text == nullptr || *text != "pinball")) {
    context.report(Code::OptionTask, quantile->span, "`quantile` needs `loss: \"pinball\"`").help.emplace_back("add `loss: \"pinball\"`");
  }
}

void checkMonotone(Context& context, const syntax::Expr& call, ir::NodeId features, std::vector<ir::Option>& options) {
  const auto argument = std::find_if(call.arguments.begin(), call.arguments.end(), [](const syntax::Argument& a) { return a.name && a.name->text == "monotone"; });
  const auto option = std::find_if(options.begin(), options.end(), [](const ir::Option& o) { return o.name == "monotone"; });
  if (argument == call.arguments.end() || option == options.end() || !features.valid()) return;
  const syntax::Expr& signs = context.tree[argument->value];
  if (signs.kind == syntax::ExprKind::Error) return;
  if (signs.kind != syntax::ExprKind::Record) {
    context.report(Code::OptionValue, signs.span, "`monotone` says for features by name whether the prediction rises (1) or falls (-1) with them")
        .help.emplace_back("write `monotone: { price: -1, promo: 1 }`");
    return;
  }
  ir::Literal::List list(context.body<ir::Features>(features).features.size(), {std::int64_t{0}});
  bool right = !signs.arguments.empty();
  for (const syntax::Argument& sign : signs.arguments) right = addSign(context, features, sign, list) && right;
  if (right) option->value = {std::move(list)};
}

}  // namespace cd4ml::check
