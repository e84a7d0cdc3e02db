#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "compiler/check/check_actions.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;

/// What can happen; a limit belongs to it or not.
struct EventRow { std::string_view name; enum class Limit : std::uint8_t { None, Number, Time } limit; };
constexpr std::array events = {
    EventRow{"drift", EventRow::Limit::None},  EventRow{"quality", EventRow::Limit::None}, EventRow{"data", EventRow::Limit::None},
    EventRow{"alarm", EventRow::Limit::None},  EventRow{"labels", EventRow::Limit::Number}, EventRow{"rows", EventRow::Limit::Number},
    EventRow{"age", EventRow::Limit::Time},
};

class MonitorChecker {
 public:
  MonitorChecker(Context& context, const syntax::MonitorDecl& decl) : context_(context), decl_(decl) {}

  ir::NodeId check() {
    monitor_.subject = context_.find(decl_.subject, (Construct::Deploy | Construct::Source) | static_cast<resolve::Constructs>(Construct::Table));
    of_deploy_ = monitor_.subject.valid() && std::holds_alternative<ir::Deploy>(context_.pipeline[monitor_.subject].body);
    findRows();
    for (const syntax::MonitorItem& item : decl_.items) std::visit(*this, item);
    for (const syntax::MonitorItem& item : decl_.items) {
      if (const auto* event = std::get_if<syntax::EventItem>(&item)) checkWatched(*event);
    }
    return context_.add(decl_, std::move(monitor_), {}, {});
  }

  void operator()(const syntax::WindowItem& item) {
    if (!once("window", item.span)) return;
    if (const auto extent = positiveDuration(context_, item.extent, "`window`")) monitor_.window_us = *extent;
    if (!item.min_rows.valid()) return;
    if (const auto rows = positiveInt(context_, item.min_rows, "`min … rows`")) monitor_.window_rows = *rows;
  }

  void operator()(const syntax::BaselineItem& item) {
    if (!once("baseline", item.span)) return;
    const bool last = item.word.text == "last";
    if ((item.word.text != "train" && !last) || last != item.amount.valid()) {
      context_.report(Code::MonitorItem, item.span, "a baseline is `train` or `last` with a time").help.emplace_back("write `baseline train`, `baseline last 28d`");
      return;
    }
    if (!last) return;
    monitor_.baseline = "last";
    if (const auto extent = positiveDuration(context_, item.amount, "`baseline last`")) monitor_.baseline_us = *extent;
  }

  void operator()(const syntax::DriftItem& item) {
    watches_.insert("drift");
    ir::Monitor::Drift drift{.of = {}, .stat = "w1", .effect = 0.1, .alpha = 0.05, .by = {}};
    for (const syntax::Name& name : item.of) {
      const bool special = of_deploy_ && (name.text == "features" || name.text == "prediction");
      if (!special) {
        checkColumn(name, "`drift`");
        checkDistribution(name);
      }
      drift.of.push_back(name.text);
    }
    for (const syntax::Name& name : item.by) {
      checkColumn(name, "`by`");
      drift.by.push_back(name.text);
    }
    for (const syntax::Argument& option : item.options) checkDriftOption(option, drift);
    monitor_.drifts.push_back(std::move(drift));
  }

  void operator()(const syntax::RequireSyntax& item) {
    watches_.insert("alarm");
    if (item.confident.valid() || item.share.valid()) {
      context_.report(Code::MonitorItem, item.span, "a monitor looks at one window: no `confident`, no `for`");
      return;
    }
    const Condition condition = context_.expressions.checkCondition(item.condition, scope_, monitor_.graph);
    if (condition.value.type.isError()) return;
    monitor_.checks.push_back({.condition = condition.value.value, .warning = item.warning, .text = context_.text(item.condition), .span = item.span});
  }

  void operator()(const syntax::EveryItem& item) {
    ir::Monitor::Rule rule{.event = "every", .limit = 0, .actions = actions(item.actions), .span = item.span};
    if (const auto period = positiveDuration(context_, item.period, "`every`")) rule.limit = *period;
    monitor_.rules.push_back(std::move(rule));
  }

  void operator()(const syntax::EventItem& item) {
    const auto* row = std::find_if(events.begin(), events.end(), [&](const EventRow& e) { return e.name == item.event.text; });
    ir::Monitor::Rule rule{.event = item.event.text, .limit = 0, .actions = actions(item.actions), .span = item.span};
    if (row == events.end()) {
      std::vector<std::string> known;
      for (const EventRow& event : events) known.emplace_back(event.name);
      addCandidates(context_.report(Code::UnknownEvent, item.event.span, fmt::format("there is no event `{}`", item.event.text)), item.event.span, item.event.text, known);
      return;
    }
    const bool wants = row->limit != EventRow::Limit::None;
    if (wants != item.limit.valid()) {
      context_.report(Code::MonitorItem, item.event.span, wants ? fmt::format("the event `{}` has a limit", row->name) : fmt::format("the event `{}` has no limit", row->name))
          .help.push_back(row->limit == EventRow::Limit::Time ? "write `when age >= 30d => …`" : wants ? fmt::format("write `when {} >= 1000 => …`", row->name) : fmt::format("write `when {} => …`", row->name));
      return;
    }
    if (wants) {
      const auto limit = row->limit == EventRow::Limit::Time ? positiveDuration(context_, item.limit, "`age >=`")
                                                              : positiveInt(context_, item.limit, fmt::format("`{} >=`", row->name));
      if (!limit) return;
      rule.limit = *limit;
    }
    if (row->name == "labels") needsDeploy("`labels`", item.event.span);
    monitor_.rules.push_back(std::move(rule));
  }

  void operator()(const syntax::ClauseItem& item) {
    const std::string& word = item.word.text;
    if (word != "estimate" && !once(word, item.span)) return;
    if (word == "quality") {
      watches_.insert("quality");
      monitor_.quality = needsDeploy("`quality`", item.word.span);
    } else if (word == "estimate") {
      context_.notSupported(item.span, "`estimate`");
    } else if (word == "freshness") {
      if (const auto limit = positiveDuration(context_, item.values.front(), "`freshness`")) monitor_.freshness_us = *limit;
    } else if (word == "labels") {
      needsDeploy("`labels`", item.word.span);
      if (const auto limit = positiveDuration(context_, item.values.front(), "`labels within`")) monitor_.labels_within_us = *limit;
    } else if (word == "cooldown") {
      if (const auto limit = positiveDuration(context_, item.values.front(), "`cooldown`")) monitor_.cooldown_us = *limit;
    } else if (word == "budget") {
      if (const auto times = positiveInt(context_, item.values.front(), "`budget`")) monitor_.budget = *times;
      if (const auto period = positiveDuration(context_, item.values.back(), "`budget … per`")) monitor_.budget_us = *period;
    }
    // missing, volume and schema are on by default: written out they say so.
  }

  void operator()(const syntax::ErrorItem&) { broken_ = true; }

 private:
  bool once(const std::string& word, Span span) {
    const auto [first, is_new] = seen_.emplace(word, span);
    if (!is_new) context_.report(Code::DuplicateItem, span, fmt::format("`{}` has two `{}` items", decl_.name.text, word)).labels.push_back({first->second, "the first one"});
    return is_new;
  }

  bool needsDeploy(std::string_view what, Span span) {
    if (of_deploy_ || !monitor_.subject.valid()) return true;
    context_.report(Code::MonitorItem, span, fmt::format("{} is about a model, `{}` watches the {} `{}`", what, decl_.name.text,
                                                         ir::kindText(context_.pipeline[monitor_.subject]), context_.pipeline[monitor_.subject].name))
        .help.emplace_back("let a monitor of the deploy do that");
    return false;
  }

  std::vector<ir::Action> actions(const std::vector<syntax::ActionSyntax>& written) {
    for (const syntax::ActionSyntax& action : written) {
      const bool acts = action.verb.text == "retrain" || action.verb.text == "hold" || action.verb.text == "rollback";
      if (acts && !needsDeploy(fmt::format("`{}`", action.verb.text), action.verb.span)) return {};
    }
    return checkActions(context_, written, {"hold", "retrain", "rollback"}, "of a monitor");
  }

  void checkWatched(const syntax::EventItem& item) {
    const std::string& event = item.event.text;
    const std::string_view missing = event == "drift" ? "drift features, prediction" : event == "quality" ? "quality" : event == "alarm" ? "require EXPR" : "";
    if (missing.empty() || watches_.contains(event) || broken_ || decl_.has_errors) return;
    context_.report(Code::MonitorItem, item.event.span, fmt::format("nothing in `{}` can raise the event `{}`", decl_.name.text, event))
        .help.push_back(fmt::format("add the item `{}`", missing));
  }

  /// The rows that are watched: of the source or table, of a deploy those its model's features are made from.
  void findRows() {
    ir::NodeId rows = monitor_.subject;
    const ir::Model* model = nullptr;
    if (of_deploy_) {
      const ir::NodeId deployed = context_.body<ir::Deploy>(monitor_.subject).model;
      if (deployed.valid()) model = &context_.body<ir::Model>(deployed);
      features_ = model != nullptr ? model->features : ir::NodeId{};
      rows = features_.valid() ? context_.body<ir::Features>(features_).from : ir::NodeId{};
    }
    scope_ = scopeOf(context_, rows, Place::RowSet);
    if (model == nullptr) return;
    const auto slot = static_cast<std::uint32_t>(scope_.columns.size());
    scope_.specials.push_back({.name = "prediction", .slot = slot, .type = model->target_type});
  }

  void checkColumn(const syntax::Name& name, std::string_view item) {
    if (scope_.open_schema || scope_.find(name.text) != nullptr) return;
    std::vector<std::string> known;
    if (features_.valid()) {
      for (const ir::Column& feature : context_.pipeline[features_].columns) {
        if (feature.name == name.text) return;
        known.push_back(feature.name);
      }
    }
    for (const ScopeColumn& column : scope_.columns) known.push_back(column.name);
    auto& d = context_.report(Code::UnknownColumn, name.span, fmt::format("there is no feature or column `{}` for {}", name.text, item));
    addCandidates(d, name.span, name.text, known);
  }

  /// Times move by themselves and texts have no distribution: neither can drift.
  void checkDistribution(const syntax::Name& name) {
    const ScopeColumn* column = scope_.find(name.text);
    if (column == nullptr) return;
    const ir::Kind kind = column->type.kind;
    if (kind != ir::Kind::Date && kind != ir::Kind::Timestamp && kind != ir::Kind::Text) return;
    auto& d = context_.report(Code::MonitorItem, name.span, kind == ir::Kind::Text ? fmt::format("`{}` is a text, which has no distribution to compare", name.text)
                                                                                   : fmt::format("`{}` is a time, which moves by itself", name.text));
    if (kind != ir::Kind::Text) d.help.emplace_back("`freshness` watches times; a feature such as `hour(t)` can drift");
  }

  void checkDriftOption(const syntax::Argument& option, ir::Monitor::Drift& drift) {
    if (!option.name) {
      context_.report(Code::WrongArguments, context_.span(option.value), "the options of `drift` have names: `stat`, `effect`, `alpha`");
      return;
    }
    const std::string& name = option.name->text;
    if (name == "stat") {
      const std::vector<std::string> known{"chi2", "js", "ks", "psi", "w1"};
      const auto text = context_.expressions.constantText(option.value);
      if (!text) return;
      drift.stat = *text;
      if (std::find(known.begin(), known.end(), *text) == known.end()) {
        addCandidates(context_.report(Code::OptionValue, context_.span(option.value), fmt::format("there is no statistic \"{}\"", *text)), context_.span(option.value), *text, known);
      }
    } else if (name == "effect" || name == "alpha") {
      const auto value = context_.expressions.constantNumber(option.value);
      if (!value) return;
      (name == "effect" ? drift.effect : drift.alpha) = *value;
      if (*value > 0 && (name == "effect" || *value < 1)) return;
      context_.report(Code::OptionValue, context_.span(option.value), name == "effect" ? "`effect` is above 0" : "`alpha` lies between 0 and 1");
    } else {
      addCandidates(context_.report(Code::UnknownOption, option.name->span, fmt::format("`drift` has no option `{}`", name)), option.name->span, name, {"alpha", "effect", "stat"});
    }
  }

  Context& context_;
  const syntax::MonitorDecl& decl_;
  ir::Monitor monitor_;
  ir::NodeId features_;
  Scope scope_;
  std::map<std::string, Span> seen_;
  std::set<std::string> watches_;
  bool of_deploy_ = false;
  bool broken_ = false;
};

}  // namespace

ir::NodeId checkMonitor(Context& context, const syntax::MonitorDecl& decl) { return MonitorChecker(context, decl).check(); }

}  // namespace cd4ml::check
