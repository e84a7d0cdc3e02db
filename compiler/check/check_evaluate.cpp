#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/check/check_options.h"
#include "compiler/check/check_search.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;

class EvaluateChecker {
 public:
  EvaluateChecker(Context& context, const syntax::EvaluateDecl& decl) : context_(context), decl_(decl) {}

  ir::NodeId check() {
    evaluate_.model = context_.find(decl_.model, static_cast<resolve::Constructs>(Construct::Model));
    findFeatures();
    checkPart();
    buildScope();
    for (const syntax::EvaluateItem& item : decl_.items) {
      if (const auto* metric = std::get_if<syntax::MetricItem>(&item)) checkMetric(*metric);
    }
    facts_.open = facts_.open || decl_.has_errors;
    return context_.add(decl_, std::move(evaluate_), {}, std::move(facts_));
  }

 private:
  void findFeatures() {
    if (!evaluate_.model.valid()) return;
    model_ = &context_.body<ir::Model>(evaluate_.model);
    if (model_->features.valid()) features_ = &context_.body<ir::Features>(model_->features);
    knows_task_ = !model_->target_type.isError() && model_->target_type.kind != ir::Kind::Null;
  }

  void checkPart() {
    if (!decl_.part.valid()) return;
    const syntax::Expr& part = context_.tree[decl_.part];
    if (part.kind == syntax::ExprKind::Error) return;
    bool known = false;
    for (const ir::Part each : {ir::Part::Train, ir::Part::Validate, ir::Part::Test}) {
      if (part.kind != syntax::ExprKind::Reference || part.name.text != ir::partText(each)) continue;
      evaluate_.part = each;
      known = true;
    }
    if (!known) return reportPart(part);
    if (features_ == nullptr) return;
    const bool fitted_on_validate = context_.factsOf(evaluate_.model).fitted_on_validate;
    evaluate_.in_sample = evaluate_.part == ir::Part::Train || (evaluate_.part == ir::Part::Validate && fitted_on_validate);
    if (hasPart() || context_.tree.hasBroken("split")) return;
    const std::string features = context_.pipeline[model_->features].name;
    diag::Diagnostic& diagnostic = context_.report(Code::PartNotThere, part.span, fmt::format("`{}` has no part `{}`", features, part.name.text));
    if (features_->split.valid()) {
      diagnostic.labels.push_back({context_.pipeline[features_->split].name_span, "its split"});
      diagnostic.help.push_back(fmt::format("add `{} 15%` to the split", part.name.text));
    } else {
      diagnostic.labels.push_back({context_.pipeline[model_->features].name_span, "it has no split: every row trains"});
      diagnostic.help.push_back(fmt::format("add `split {} by … {{ train 80%  test 20% }}`", features));
    }
  }

  void reportPart(const syntax::Expr& part) {
    const bool is_node = part.kind == syntax::ExprKind::Reference && context_.names.names.contains(part.name.text);
    if (is_node || part.kind == syntax::ExprKind::Member) {
      context_.report(Code::UnknownPart, part.span, fmt::format("a model is evaluated on a part of its own rows, `{}` is a node", context_.text(decl_.part)))
          .help.emplace_back("write `on test`, `on validate` or `on train`; new rows are scored by `cd4mlc score`");
      return;
    }
    diag::Diagnostic& diagnostic = context_.report(Code::UnknownPart, part.span, fmt::format("there is no part `{}`", context_.text(decl_.part)));
    addCandidates(diagnostic, part.span, part.name.text, {"train", "validate", "test"});
  }

  [[nodiscard]] bool hasPart() const {
    if (!features_->split.valid()) return evaluate_.part == ir::Part::Train;
    const auto& split = std::get<ir::Split>(context_.pipeline[features_->split].body);
    const auto& shares = split.shares;
    if (evaluate_.part == ir::Part::Validate && split.folds > 0) return true;
    if (shares.empty() || context_.factsOf(features_->split).open) return true;  // the split is wrong, said already
    return std::any_of(shares.begin(), shares.end(), [&](const auto& share) { return share.part == evaluate_.part; });
  }

  /// The columns of the features' rows, then prediction, probability, target, weight.
  void buildScope() {
    const ir::NodeId from = features_ != nullptr ? features_->from : ir::NodeId{};
    scope_ = scopeOf(context_, from, Place::Evaluate);
    scope_.row_taint = {};
    const auto first = static_cast<std::uint32_t>(scope_.columns.size());
    if (model_ == nullptr || features_ == nullptr) return;
    ir::Type target = model_->target_type;
    Taint predicted;
    predicted.set(TaintBit::Prediction);
    scope_.specials.push_back({.name = "prediction", .slot = first, .type = target, .roles = 0, .taint = predicted, .span = decl_.model.valid() ? context_.span(decl_.model) : Span{}});
    if (model_->task != ir::Task::Regression || !knows_task_) {
      ir::Type probability;
      if (knows_task_) probability.kind = ir::Kind::Float;
      scope_.specials.push_back({.name = "probability", .slot = first + 1, .type = probability, .roles = 0, .taint = predicted, .span = context_.span(decl_.model)});
    }
    const Span target_span = context_.factsOf(model_->features).target_span;
    scope_.specials.push_back({.name = "target", .slot = first + 2, .type = target, .roles = 0, .taint = {}, .span = target_span});
    if (features_->weight.valid()) {
      const ir::Column& weight = context_.pipeline[model_->features].columns.back();
      scope_.specials.push_back({.name = "weight", .slot = first + 3, .type = weight.type, .roles = 0, .taint = {}, .span = weight.span});
    }
  }

  void checkMetric(const syntax::MetricItem& item) {
    if (!item.metric.valid()) return;
    const syntax::Expr& expr = context_.tree[item.metric];
    const bool is_call = (expr.kind == syntax::ExprKind::Reference || expr.kind == syntax::ExprKind::Call) && expr.operands.empty();
    if (expr.kind == syntax::ExprKind::Error) {
      facts_.open = true;
      return;
    }
    ir::Metric metric;
    metric.span = item.span;
    metric.name = item.name ? item.name->text : expr.name.text;
    const MetricRow* row = is_call ? findMetric(expr.name.text) : nullptr;
    if (row != nullptr && (!item.name || findBuiltin(expr.name.text) == nullptr)) {
      if (!checkNamed(*row, item, expr, metric)) return;
    } else if (item.name) {
      if (!checkExpression(item.metric, metric)) return;
    } else {
      reportUnknown(expr);
      return;
    }
    if (row != nullptr) checkClass(*row, expr, metric);
    if (!checkBy(item, metric)) {
      facts_.open = true;
      return;
    }
    if (isNew(metric)) evaluate_.metrics.push_back(std::move(metric));
  }

  void reportUnknown(const syntax::Expr& expr) {
    facts_.open = true;
    diag::Diagnostic& diagnostic = context_.report(Code::UnknownMetric, expr.span, fmt::format("there is no metric `{}`", context_.sources.text(expr.span)));
    std::vector<std::string> known;
    for (const MetricRow& row : metricRows()) {
      const bool fits = !knows_task_ || row.tasks.find(letterOf(model_->task)) != std::string_view::npos;
      if (row.status == Status::Ready && fits) known.emplace_back(row.name);
    }
    addCandidates(diagnostic, expr.name.span, expr.name.text, known);
    diagnostic.help.emplace_back("one of your own has a name: `name = AGGREGATE EXPRESSION`");
  }

  /// False: it cannot be evaluated, and a gate that asks for it should not hear of it again.
  bool checkNamed(const MetricRow& row, const syntax::MetricItem& item, const syntax::Expr& expr, ir::Metric& metric) {
    metric.metric = row.name;
    if (row.status == Status::Later) {
      facts_.open = true;
      context_.notSupported(expr.span, fmt::format("the metric `{}`", row.name));
      return false;
    }
    if (knows_task_ && row.tasks.find(letterOf(model_->task)) == std::string_view::npos) {
      facts_.open = true;
      reportTask(row, expr);
      return false;
    }
    for (const syntax::Argument& argument : expr.arguments) {
      if (argument.name) continue;
      context_.report(Code::WrongArguments, context_.span(argument.value), fmt::format("`{}` takes options only", row.name))
          .help.emplace_back("write `name: value`");
    }
    metric.options = checkOptions(context_, row.name, metricOptions(row.name), expr.arguments);
    metric.by_class = std::any_of(item.by.begin(), item.by.end(), [&](const syntax::Name& name) { return isClass(name); });
    checkHighest(row, metric);
    fillFromModel(metric);
    return true;
  }

  void reportTask(const MetricRow& row, const syntax::Expr& expr) {
    diag::Diagnostic& diagnostic = context_.report(Code::MetricTask, expr.span, fmt::format("`{}` does not fit {}", row.name, ir::taskText(model_->task)));
    diagnostic.labels.push_back({context_.factsOf(model_->features).target_span, fmt::format("the target is {}", ir::typeText(model_->target_type))});
    std::vector<std::string_view> fitting;
    for (const MetricRow& each : metricRows()) {
      if (each.status == Status::Ready && each.tasks.find(letterOf(model_->task)) != std::string_view::npos) fitting.push_back(each.name);
    }
    diagnostic.help.push_back(fmt::format("there is `{}`", fmt::join(fitting, "`, `")));
  }

  /// `class` of precision, recall, f1: needed where there are several classes, and one of them if they are known.
  void checkClass(const MetricRow& row, const syntax::Expr& expr, const ir::Metric& metric) {
    const ir::Option* option = findOption(metric.options, "class");
    if (option == nullptr || !knows_task_) return;
    if (metric.by_class && option->span.empty()) return;
    if (metric.by_class) {
      context_.report(Code::OptionTask, option->span, "`class` picks one class, `by class` lists them all").help.emplace_back("leave one of them out");
      return;
    }
    const auto* chosen = std::get_if<std::string>(&option->value.value);
    if (model_->task == ir::Task::Multiclass && chosen == nullptr) {
      context_.report(Code::MetricNeedsClass, expr.span, fmt::format("`{}` needs the class that counts", row.name))
          .help.push_back(fmt::format("write `{0}(class: \"…\")`, or `{0} by class` for all of them", row.name));
    } else if (model_->task == ir::Task::Binary && chosen != nullptr) {
      context_.report(Code::OptionTask, option->span, "`class` is for a category target, this is a bool: true counts");
    } else if (chosen != nullptr && model_->target_type.levels != nullptr) {
      const auto& levels = *model_->target_type.levels;
      if (std::find(levels.begin(), levels.end(), *chosen) != levels.end()) return;
      diag::Diagnostic& diagnostic = context_.report(Code::UnknownClass, option->span, fmt::format("the target has no class \"{}\"", *chosen));
      diagnostic.labels.push_back({context_.factsOf(model_->features).target_span, "the target"});
      diagnostic.help.push_back(fmt::format("its classes are \"{}\"", fmt::join(levels, "\", \"")));
    }
  }

  bool checkExpression(syntax::ExprId expr, ir::Metric& metric) {
    const TypedValue value = context_.expressions.check(expr, scope_, evaluate_.graph);
    if (value.type.isError()) {
      facts_.open = true;
      return false;
    }
    if (!value.type.isNumber()) {
      context_.report(Code::MetricNotANumber, value.span, fmt::format("a metric is a number, this is {}", ir::typeText(value.type)));
      facts_.open = true;
      return false;
    }
    if (!value.taint.has(TaintBit::Aggregate)) {
      context_.report(Code::MisplacedAggregate, value.span, "a metric is one number for all rows, this is a value of each row")
          .help.push_back(fmt::format("write `{} = mean({})`", metric.name, context_.text(expr)));
      facts_.open = true;
      return false;
    }
    metric.expression = value.value;
    return true;
  }

  /// False: a slicing column is unknown (reported, or the columns are not known).
  bool checkBy(const syntax::MetricItem& item, ir::Metric& metric) {
    bool all_known = true;
    for (const syntax::Name& name : item.by) {
      const ScopeColumn* column = scope_.find(name.text);
      all_known = all_known && (column != nullptr || isClass(name));
      if (isClass(name)) {
        checkByClass(item, name, metric);
      } else if (column == nullptr) {
        reportUnknownColumn(context_, name, scope_);
      } else if (std::find(metric.by.begin(), metric.by.end(), column->slot) != metric.by.end()) {
        context_.report(Code::DuplicateItem, name.span, fmt::format("`{}` is there twice", name.text));
      } else {
        checkSlice(name, *column);
        metric.by.push_back(column->slot);
      }
    }
    if (!item.min_rows.valid()) return all_known;
    const std::optional<std::int64_t> rows = context_.expressions.constantInt(item.min_rows);
    if (rows) metric.min_rows = *rows;
    if (rows && *rows < 0) context_.report(Code::OutOfRange, context_.span(item.min_rows), "`min … rows` cannot be negative");
    return all_known;
  }

  /// The word `class`, unless a column is called that.
  [[nodiscard]] bool isClass(const syntax::Name& name) const { return name.text == "class" && scope_.find(name.text) == nullptr; }

  void checkByClass(const syntax::MetricItem& item, const syntax::Name& name, const ir::Metric& metric) {
    if (findOption(metric.options, "class") == nullptr) {
      context_.report(Code::OptionTask, name.span, fmt::format("`by class` is for `precision`, `recall` and `f1`, `{}` has no class", metric.name));
    } else if (item.by.size() > 1) {
      context_.report(Code::OptionTask, name.span, "`by class` stands alone")
          .help.push_back(fmt::format("list `{}(class: \"…\") by …` for one class", metric.metric));
    }
  }

  /// Rows by the highest probability, in place of a threshold or a share.
  void checkHighest(const MetricRow& row, const ir::Metric& metric) {
    const ir::Option* at = findOption(metric.options, "at");
    if (at == nullptr || std::holds_alternative<std::monostate>(at->value.value)) return;
    if (knows_task_ && model_->task == ir::Task::Multiclass) {
      context_.report(Code::OptionTask, at->span, fmt::format("`at` of `{}` is for a bool target, this is a category", row.name))
          .help.emplace_back("`top_accuracy(k: …)` looks at the most probable classes of each row");
    }
    for (const char* other : {"threshold", "share"}) {
      const ir::Option* option = findOption(metric.options, other);
      if (option == nullptr || option->span.empty()) continue;
      context_.report(Code::OptionTask, option->span, fmt::format("`at` takes the place of `{}`", other)).help.emplace_back("leave one of them out");
    }
  }

  /// Options that are those of the model where they are not given.
  void fillFromModel(ir::Metric& metric) {
    if (model_ == nullptr) return;
    const auto set = [&](std::string_view name, double value) {
      for (ir::Option& option : metric.options) {
        if (option.name == name && std::holds_alternative<std::monostate>(option.value.value)) option.value = {value};
      }
    };
    if (metric.metric == "pinball") {
      const ir::Option* quantile = findOption(model_->options, "quantile");
      const auto* own = quantile == nullptr ? nullptr : std::get_if<double>(&quantile->value.value);
      set("q", own == nullptr ? 0.5 : *own);
    }
    if (metric.metric != "deviance") return;
    const ir::Option* power = findOption(metric.options, "power");
    const auto* given = std::get_if<double>(&power->value.value);
    if (given != nullptr && *given > 0 && *given < 1) {
      context_.report(Code::OptionTask, power->span, "there is no distribution with a power between 0 and 1")
          .help.emplace_back("0 is normal, 1 Poisson, 2 gamma, between 1 and 2 compound");
    }
    const ir::Option* loss = findOption(model_->options, "loss");
    const auto* text = loss == nullptr ? nullptr : std::get_if<std::string>(&loss->value.value);
    const bool poisson = model_->algorithm == "poisson" || (text != nullptr && *text == "poisson");
    const double own = text != nullptr && *text == "gamma" ? 2.0 : text != nullptr && *text == "tweedie" ? 1.5 : 0.0;
    set("power", poisson ? 1.0 : own);
  }

  void checkSlice(const syntax::Name& name, const ScopeColumn& column) {
    const ir::Kind kind = column.type.kind;
    if (kind != ir::Kind::Float && kind != ir::Kind::Timestamp && kind != ir::Kind::Duration && kind != ir::Kind::Vector) return;
    diag::Diagnostic& diagnostic = context_.report(Code::SliceType, name.span, fmt::format("a slice needs few distinct values, `{}` is {}", name.text, ir::typeText(column.type)));
    diagnostic.labels.push_back({column.span, "its type is declared here"});
    diagnostic.help.emplace_back("slice by a category, a bool, an int or a date: derive one in the table before the features");
  }

  bool isNew(const ir::Metric& metric) {
    for (const ir::Metric& known : evaluate_.metrics) {
      if (known.name != metric.name || known.by != metric.by || known.by_class != metric.by_class) continue;
      diag::Diagnostic& diagnostic = context_.report(Code::MetricTwice, metric.span, fmt::format("`{}` is listed twice", metric.name));
      diagnostic.labels.push_back({known.span, "the first one"});
      diagnostic.help.push_back(fmt::format("with other options it needs a name of its own: `{}_2 = {}(…)`", metric.name, metric.name));
      return false;
    }
    return true;
  }

  Context& context_;
  const syntax::EvaluateDecl& decl_;
  ir::Evaluate evaluate_;
  NodeFacts facts_;
  Scope scope_;
  const ir::Model* model_ = nullptr;
  const ir::Features* features_ = nullptr;
  bool knows_task_ = false;
};

}  // namespace

ir::NodeId checkEvaluate(Context& context, const syntax::EvaluateDecl& decl) { return EvaluateChecker(context, decl).check(); }

}  // namespace cd4ml::check
