#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "compiler/check/check_model_options.h"
#include "compiler/check/check_search.h"
#include "compiler/check/check_seasonal.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;

std::optional<ir::Task> taskOf(const ir::Type& target) {
  switch (target.kind) {
    case ir::Kind::Bool: return ir::Task::Binary;
    case ir::Kind::Category: return ir::Task::Multiclass;
    case ir::Kind::Int:
    case ir::Kind::Float: return ir::Task::Regression;
    case ir::Kind::Error:
    case ir::Kind::Null:
    case ir::Kind::Text:
    case ir::Kind::Date:
    case ir::Kind::Timestamp:
    case ir::Kind::Duration:
    case ir::Kind::Vector: return std::nullopt;
  }
  return std::nullopt;
}

class ModelChecker {
 public:
  ModelChecker(Context& context, const syntax::ModelDecl& decl) : context_(context), decl_(decl) {}

  ir::NodeId check() {
    checkAlgorithm();
    if (row_ != nullptr && model_.features.valid()) {
      checkTarget();
      if (!isSeasonal()) checkFeatures();
      checkOptionsFit(context_, model_, knows_task_);
      facts_.fitted_on_validate = facts_.fitted_on_validate || stopsEarly(model_.options);
      model_.per = checkPerColumns(context_, model_.features, decl_.per);
      if (isSeasonal()) makeSeasonal();
      const ir::NodeId split = std::get<ir::Features>(context_.pipeline[model_.features].body).split;
      model_.folds = split.valid() && std::get<ir::Split>(context_.pipeline[split].body).folds > 0;
    }
    for (const syntax::ModelItem& item : decl_.items) checkItem(item);
    return context_.add(decl_, std::move(model_), {}, std::move(facts_));
  }

 private:
  [[nodiscard]] SearchSubject subject() const {
    return {.owner = model_.algorithm, .features = model_.features, .task = model_.task, .knows_task = knows_task_};
  }

  void checkItem(const syntax::ModelItem& item) {
    if (const auto* tune = std::get_if<syntax::TuneItem>(&item)) checkTuneItem(*tune);
    if (const auto* threshold = std::get_if<syntax::ThresholdItem>(&item)) checkThreshold(*threshold);
    if (const auto* rows = std::get_if<syntax::MinRowsItem>(&item)) checkMinRows(*rows);
    if (const auto* fallback = std::get_if<syntax::FallbackItem>(&item)) checkFallback(*fallback);
  }

  bool isOnce(bool& seen, Span span, std::string_view item) {
    if (seen) context_.report(Code::DuplicateItem, span, fmt::format("`{}` is there twice", item));
    return !std::exchange(seen, true);
  }

  void checkTuneItem(const syntax::TuneItem& item) {
    if (!isOnce(has_tune_, item.span, "tune")) return;
    if (model_.algorithm == "choose") {
      context_.report(Code::WrongArguments, item.span, "`choose` has no options to search for").help.emplace_back("search in the models that it chooses from");
      return;
    }
    if (row_ == nullptr || !model_.features.valid()) return;
    facts_.fitted_on_validate = true;
    model_.tune = checkTune(context_, subject(), item, model_.options);
  }

  void checkThreshold(const syntax::ThresholdItem& item) {
    if (!isOnce(has_threshold_, item.span, "threshold")) return;
    if (item.minimize || !item.value.valid()) {
      context_.notSupported(item.span, "`threshold minimize`").help.emplace_back("write a number: `threshold 0.3`");
      return;
    }
    if (model_.algorithm == "choose") {
      context_.report(Code::WrongArguments, item.span, "a threshold belongs to the models that `choose` chooses from");
      return;
    }
    if (knows_task_ && model_.task != ir::Task::Binary) {
      context_.report(Code::OptionTask, item.span, fmt::format("`threshold` is for a bool target, this is {}", ir::taskText(model_.task)));
      return;
    }
    const std::optional<double> value = context_.expressions.constantNumber(item.value);
    if (!value) return;
    if (*value > 0 && *value < 1) model_.threshold = *value;
    else context_.report(Code::OutOfRange, context_.span(item.value), "a threshold is a probability between 0 and 1");
  }

  void checkMinRows(const syntax::MinRowsItem& item) {
    if (decl_.per.empty() || isSeasonal()) return needsPer(item.span, "min … rows");
    if (!isOnce(has_min_rows_, item.span, "min … rows") || !item.rows.valid()) return;
    const std::optional<std::int64_t> given = context_.expressions.constantInt(item.rows);
    const std::int64_t rows = given.value_or(1);
    if (rows >= 1) model_.per_min_rows = rows;
    else context_.report(Code::OutOfRange, context_.span(item.rows), "`min … rows` is at least 1");
  }

  void checkFallback(const syntax::FallbackItem& item) {
    if (decl_.per.empty() || isSeasonal()) return needsPer(item.span, "fallback");
    if (!isOnce(has_fallback_, item.span, "fallback")) return;
    model_.per_fallback = item.kind.text == "global";
    if (model_.per_fallback) return;
    diag::Diagnostic& diagnostic = context_.report(Code::UnknownMethod, item.kind.span, fmt::format("there is no fallback `{}`", item.kind.text));
    addCandidates(diagnostic, item.kind.span, item.kind.text, {"global"});
  }

  void needsPer(Span span, std::string_view item) {
    if (isSeasonal()) {
      context_.report(Code::WrongArguments, span, fmt::format("`{}` is not an item of `seasonal_naive`: a series without an earlier season gets the mean target", item));
      return;
    }
    context_.report(Code::WrongArguments, span, fmt::format("`{}` is an item of `model … per`, `{}` is one model for all rows", item, decl_.name.text))
        .help.push_back(fmt::format("write `model {} per COLUMN = …`", decl_.name.text));
  }

  /// The best of several: what is said of it at compile time is what its candidates have in common.
  void checkChoose(const syntax::Expr& call) {
    model_.algorithm = "choose";
    facts_.fitted_on_validate = true;
    if (!decl_.per.empty()) {
      context_.report(Code::PerColumn, decl_.per.front().span, "`choose` takes models that are there already").help.emplace_back("write `per` at the models that it chooses from");
    }
    const bool right = checkCandidates(context_, call, model_.candidates);
    if (model_.candidates.empty()) {
      model_.algorithm.clear();
      facts_.open = true;
      return;
    }
    const auto& first = context_.body<ir::Model>(model_.candidates[0]);
    model_.features = first.features;
    model_.task = first.task;
    model_.target_type = first.target_type;
    model_.folds = first.folds;
    knows_task_ = first.features.valid() && !first.target_type.isError() && first.target_type.kind != ir::Kind::Null;
    if (!decl_.choose_metric.valid()) {
      context_.report(Code::MissingArgument, call.span, "`choose` needs the metric that it goes by").help.emplace_back("write `choose(a, b) maximize validate.METRIC`");
    } else {
      model_.objective = checkObjective(context_, subject(), decl_.choose_metric, decl_.maximize);
    }
    if (!right || !model_.objective) facts_.open = true;
  }

  void checkAlgorithm() {
    if (!decl_.algorithm.valid()) return;
    const syntax::Expr& call = context_.tree[decl_.algorithm];
    if (call.kind == syntax::ExprKind::Error) return;
    const std::string& name = call.name.text;
    if (name == "choose") return checkChoose(call);
    if (name == "blend" || name == "stack") {
      context_.notSupported(call.span, fmt::format("`{}`", name));
      return;
    }
    const ModelRow* row = findModel(name);
    if (row == nullptr) return reportUnknown(call);
    model_.algorithm = name;
    if (row->status == Status::Later) {
      context_.notSupported(call.name.span, fmt::format("the model `{}`", name));
      return;
    }
    row_ = row;
    if (isImport()) findFile(call);
    if (isImport() && !decl_.per.empty()) {
      context_.report(Code::PerColumn, decl_.per.front().span, "an imported model is one model for all rows").help.emplace_back("leave `per` out, or train a model a value here");
    }
    findFeatures(call);
    model_.options = checkOptions(context_, name, modelOptions(name), withoutLater(context_, call.arguments));
    checkMonotone(context_, call, model_.features, model_.options);
  }

  void reportUnknown(const syntax::Expr& call) {
    if (call.name.text.empty()) {
      context_.report(Code::UnknownAlgorithm, call.span, "a model is made by an algorithm, its name is missing here").help.emplace_back("write `gbdt(FEATURES, …)`, `logistic(FEATURES)`, …");
      return;
    }
    diag::Diagnostic& diagnostic = context_.report(Code::UnknownAlgorithm, call.span, fmt::format("there is no model `{}`", call.name.text.empty() ? context_.text(decl_.algorithm) : call.name.text));
    std::vector<std::string> known;
    for (const ModelRow& row : modelRows()) {
      if (row.status == Status::Ready) known.emplace_back(row.name);
    }
    addCandidates(diagnostic, call.name.span, call.name.text, known);
  }

  [[nodiscard]] bool isSeasonal() const { return model_.algorithm == "seasonal_naive"; }

  /// `per` names the series: one model forecasts them all.
  void makeSeasonal() {
    if (!knows_task_ || model_.task != ir::Task::Regression || model_.per.size() != decl_.per.size()) return;
    const ir::NodeId own = addSeasonalFeatures(context_, decl_, model_.features, *findOption(model_.options, "season"), model_.per);
    if (own.valid()) model_.features = own;
    else facts_.open = true;
    model_.per.clear();
  }

  [[nodiscard]] bool isImport() const { return model_.algorithm == "lightgbm"; }

  /// `lightgbm("model.txt", F)`, `lightgbm(fit.model, F)`: the first argument is the file.
  void findFile(const syntax::Expr& call) {
    for (const syntax::Argument& argument : call.arguments) {
      if (argument.name) continue;
      const std::optional<syntax::NodePath> path = context_.tree.nodePath(argument.value);
      if (path && path->rest.size() == 1) return findStageFile(*path);
      const std::optional<std::string> text = context_.expressions.constantText(argument.value);
      if (text) model_.file = fromFolderOf(context_, context_.span(argument.value), *text);
      return;
    }
  }

  void findStageFile(const syntax::NodePath& path) {
    model_.file_stage = context_.find(path.name, static_cast<resolve::Constructs>(Construct::Stage));
    if (!model_.file_stage.valid()) return;
    if (context_.factsOf(model_.file_stage).open) return;  // what it writes is not known
    const ir::Stage& stage = context_.body<ir::Stage>(model_.file_stage);
    model_.file = path.rest[0].text;
    std::vector<std::string> names;
    for (const ir::Stage::Output& output : stage.outputs) names.push_back(output.name);
    // What the program was shown counts as seen.
    for (const ir::Stage::Input& input : stage.inputs) facts_.fitted_on_validate = facts_.fitted_on_validate || input.part == ir::Part::Validate;
    if (std::find(names.begin(), names.end(), model_.file) != names.end()) return;
    diag::Diagnostic& diagnostic = context_.report(Code::StageInput, path.rest[0].span, fmt::format("`{}` has no output `{}`", path.name, model_.file));
    addCandidates(diagnostic, path.rest[0].span, model_.file, names);
  }

  void findFeatures(const syntax::Expr& call) {
    std::size_t bare = isImport() ? static_cast<std::size_t>(-1) : 0;
    for (const syntax::Argument& argument : call.arguments) {
      if (argument.name) continue;
      if (++bare == 0) continue;
      if (bare == 1) {
        model_.features = context_.find(argument.value, static_cast<resolve::Constructs>(Construct::Features));
        const syntax::ExprKind kind = context_.tree[argument.value].kind;
        if (!context_.tree.nodePath(argument.value) && kind != syntax::ExprKind::Error) {
          context_.report(Code::WrongArguments, context_.span(argument.value), fmt::format("`{}` learns from features, this is no name of any", model_.algorithm));
        }
        continue;
      }
      context_.report(Code::WrongArguments, context_.span(argument.value), fmt::format("`{}` takes one features node; options have a name", model_.algorithm))
          .help.emplace_back("write `name: value`");
    }
    if (bare != 1 && (bare == 0 || bare == static_cast<std::size_t>(-1))) {
      context_.report(Code::MissingArgument, call.span, isImport() ? "an imported model needs a file and the features it takes" : fmt::format("`{}` needs the features it learns from", model_.algorithm))
          .help.push_back(isImport() ? fmt::format("write `{}(\"model.txt\", FEATURES)`", model_.algorithm) : fmt::format("write `{}(FEATURES, …)`", model_.algorithm));
    }
  }

  void checkTarget() {
    const ir::Node& features = context_.pipeline[model_.features];
    const ir::Column* target = nullptr;
    const Span target_span = context_.factsOf(model_.features).target_span;
    const std::size_t index = std::get<ir::Features>(features.body).features.size();
    if (!target_span.empty()) target = &features.columns[index];
    if (target == nullptr && context_.factsOf(model_.features).open) return;
    if (target == nullptr) {
      diag::Diagnostic& diagnostic = context_.report(Code::NoTarget, context_.span(decl_.algorithm), fmt::format("`{}` needs a target, `{}` has none", model_.algorithm, features.name));
      diagnostic.labels.push_back({features.name_span, "the features"});
      diagnostic.help.emplace_back("add `target EXPR` to the features");
      return;
    }
    model_.target_type = target->type;
    const std::optional<ir::Task> task = taskOf(target->type);
    if (!task) return;
    model_.task = *task;
    knows_task_ = true;
    if (row_->tasks.find(letterOf(*task)) != std::string_view::npos) return;
    diag::Diagnostic& diagnostic = context_.report(
        Code::ModelTask, context_.tree[decl_.algorithm].name.span,
        fmt::format("`{}` cannot learn a target of type {}: that is {}", row_->name, ir::typeText(target->type), ir::taskText(*task)));
    diagnostic.labels.push_back({target_span, "the target"});
    for (const ModelRow& row : modelRows()) {
      if (row.status == Status::Ready && row.tasks.find(letterOf(*task)) != std::string_view::npos) diagnostic.help.push_back(fmt::format("`{}` can", row.name));
    }
  }

  void checkFeatures() {
    const ir::Node& features = context_.pipeline[model_.features];
    const std::size_t count = std::get<ir::Features>(features.body).features.size();
    for (std::size_t i = 0; i < count; ++i) checkFeature(features.columns[i], context_.factsOf(model_.features).sites[i]);
  }

  void checkFeature(const ir::Column& feature, const FeatureSite& site) {
    switch (feature.type.kind) {
      case ir::Kind::Error:
      case ir::Kind::Null:
        return;
      case ir::Kind::Text:
        reportFeature(Code::TextFeature, feature, site, "text never enters a model", "category({})")
            .help.push_back(fmt::format("or its words: `{} = tfidf({})`", feature.name, writtenAt(feature, site)));
        return;
      case ir::Kind::Date:
      case ir::Kind::Timestamp:
        reportFeature(Code::TimeFeature, feature, site, "a model takes no dates and times", "");
        return;
      case ir::Kind::Duration:
        reportFeature(Code::TimeFeature, feature, site, "a model takes no durations", "{} / 1h");
        return;
      case ir::Kind::Category:
        if (row_->takes == ModelTakes::Numbers) {
          reportFeature(Code::CategoryFeature, feature, site, fmt::format("`{}` takes no categories", row_->name), "one_hot({})");
        }
        return;
      case ir::Kind::Int:
      case ir::Kind::Float:
      case ir::Kind::Bool:
      case ir::Kind::Vector:
        if (row_->takes == ModelTakes::Numbers && feature.type.nullable) {
          const bool is_bool = feature.type.kind == ir::Kind::Bool;
          reportFeature(Code::NullFeature, feature, site, fmt::format("`{}` takes no null", row_->name), is_bool ? "{} ?? false" : "{} ?? median({})");
        }
        return;
    }
  }

  /// `pattern`: what to write instead, `{}` for the expression; empty: there is no one way.
  diag::Diagnostic& reportFeature(Code code, const ir::Column& feature, const FeatureSite& site, const std::string& rule, std::string_view pattern) {
    diag::Diagnostic& diagnostic =
        context_.report(code, site.span, fmt::format("{}, the feature `{}` is {}", rule, feature.name, ir::typeText(feature.type)));
    diagnostic.labels.push_back({decl_.name.span, fmt::format("the model `{}` learns from it", decl_.name.text)});
    if (pattern.empty()) {
      diagnostic.help.emplace_back("take parts of it: `hour(…)`, `weekday(…)`, `month(…)`; or a difference over a duration");
      return diagnostic;
    }
    const std::string written = writtenAt(feature, site);
    std::string replacement;
    const bool is_call = pattern.find('(') < pattern.find(' ');
    for (std::size_t at = 0; at < pattern.size(); ++at) {
      if (pattern.substr(at, 2) != "{}") {
        replacement += pattern[at];
        continue;
      }
      const bool inside = is_call || (at > 0 && pattern[at - 1] == '(');
      replacement += inside || isSimple(site.value) ? written : "(" + written + ")";
      ++at;
    }
    diagnostic.help.push_back(fmt::format("write `{} = {}`", feature.name, replacement));
    if (site.value.valid()) diagnostic.fixes.push_back({fmt::format("write `{}`", replacement), {{context_.span(site.value), replacement}}, false});
    return diagnostic;
  }

  [[nodiscard]] std::string writtenAt(const ir::Column& feature, const FeatureSite& site) const {
    return site.value.valid() ? std::string(context_.text(site.value)) : feature.name;
  }

  [[nodiscard]] bool isSimple(syntax::ExprId value) const {
    if (!value.valid()) return true;
    const syntax::ExprKind kind = context_.tree[value].kind;
    return kind == syntax::ExprKind::Reference || kind == syntax::ExprKind::Call || kind == syntax::ExprKind::Parenthesised;
  }

  Context& context_;
  const syntax::ModelDecl& decl_;
  const ModelRow* row_ = nullptr;
  bool knows_task_ = false;
  bool has_tune_ = false;
  bool has_threshold_ = false;
  bool has_min_rows_ = false;
  bool has_fallback_ = false;
  ir::Model model_;
  NodeFacts facts_;
};

}  // namespace

ir::NodeId checkModel(Context& context, const syntax::ModelDecl& decl) { return ModelChecker(context, decl).check(); }

}  // namespace cd4ml::check
