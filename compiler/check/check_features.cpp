#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/context.h"
#include "compiler/check/window_host.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;

/// A feature in written order, from `name = EXPR` or from `use`.
struct Listed {
  syntax::Name name;
  syntax::ExprId value;            ///< invalid: the column itself
  const ScopeColumn* column = nullptr;
  std::string doc;
  Span span;
};

class FeaturesChecker {
 public:
  FeaturesChecker(Context& context, const syntax::FeaturesDecl& decl)
      : context_(context),
        decl_(decl),
        windows_(context, fromOf(context, decl), fromOf(context, decl), [this](ir::Window window) { return addWindow(std::move(window)); },
                 [this] { return seenWindows(); }) {}

  ir::NodeId check() {
    features_.from = context_.find(decl_.from, Construct::Source | Construct::Table);
    context_.rejectPart(decl_.from, "`from`");
    findSplit();
    scope_ = scopeOf(context_, features_.from, Place::Target);
    scope_.windows = &windows_;
    scope_.unknown_is_left_out = true;
    windows_begin_ = static_cast<std::uint32_t>(scope_.columns.size());
    for (const syntax::FeaturesItem& item : decl_.items) {
      if (const auto* target = std::get_if<syntax::TargetItem>(&item)) checkTarget(*target);
    }
    for (const syntax::FeaturesItem& item : decl_.items) {
      if (const auto* weight = std::get_if<syntax::WeightItem>(&item)) checkWeight(*weight);
    }
    setAfter();
    listFeatures();
    checkListed();
    addLabelColumns();
    facts_.open = scope_.open_schema || decl_.has_errors;
    return context_.add(decl_, std::move(features_), std::move(columns_), std::move(facts_));
  }

 private:
  static ir::NodeId fromOf(const Context& context, const syntax::FeaturesDecl& decl) {
    return context.find(decl.from, Construct::Source | Construct::Table);
  }

  /// The split that names these features; it was checked before them.
  void findSplit() {
    const auto found = context_.splits.find(decl_.name.text);
    if (found == context_.splits.end()) return;
    const Context::SplitUse& first = found->second.front();
    for (std::size_t i = 1; i < found->second.size(); ++i) {
      context_.report(Code::SplitTwice, found->second[i].name->span, fmt::format("`{}` is split twice", decl_.name.text))
          .labels.push_back({first.name->span, "the first split"});
    }
    if (const auto node = context_.nodes.find(first.decl); node != context_.nodes.end()) features_.split = node->second;
  }

  void checkTarget(const syntax::TargetItem& item) {
    if (target_item_ != nullptr) return reportTwice("target", item.span, target_item_->span);
    target_item_ = &item;
    facts_.target_span = item.span;
    if (item.via) context_.notSupported(item.via->span, "`via` of a target").help.emplace_back("write the transformed target: `target log1p(x)`");
    if (item.after.valid()) {
      const auto after = context_.expressions.constantDuration(item.after);
      if (after && *after < 0) context_.report(Code::OutOfRange, context_.span(item.after), "labels are known after their row, not before");
      if (after && *after > 0) features_.after_us = *after;
    }
    for (const syntax::Name& name : item.known) {
      if (scope_.find(name.text) == nullptr) reportUnknownColumn(context_, name, scope_);
      known_.push_back(name.text);
    }
    target_ = context_.expressions.check(item.value, scope_, features_.graph);
    if (decl_.has_errors) target_.type = {};  // the rest of it may be what did not parse
    if (target_.type.isError()) return;
    switch (target_.type.kind) {
      case ir::Kind::Bool:
      case ir::Kind::Category:
      case ir::Kind::Float:
        break;
      case ir::Kind::Int:
        target_ = toFloat(target_);
        break;
      case ir::Kind::Error:
      case ir::Kind::Null:
      case ir::Kind::Text:
      case ir::Kind::Date:
      case ir::Kind::Timestamp:
      case ir::Kind::Duration:
      case ir::Kind::Vector:
        return reportTargetType();
    }
    if (target_.type.nullable) reportNullTarget();
  }

  /// When labels are known: as `after` says, and not before what the target looks ahead for.
  void setAfter() {
    for (const TypedValue* value : {&target_, &weight_}) {
      if (value->taint.looks_ahead) features_.after_us = std::max(features_.after_us, value->taint.ahead_us);
    }
    if (features_.after_us == 0) return;
    for (const ScopeColumn& column : scope_.columns) {
      if ((column.roles & static_cast<std::uint8_t>(ir::Role::Time)) != 0) features_.time_column = column.slot;
    }
    if (features_.time_column == ir::no_slot) {
      features_.after_us = 0;
      if (scope_.isUnsure() || target_item_ == nullptr) return;
      diag::Diagnostic& diagnostic =
          context_.report(Code::AfterNeedsTime, target_item_->span, fmt::format("labels that come later need a `@time` column, `{}` has none", scope_.owner));
      diagnostic.help.emplace_back("mark the column where it is declared: `at: timestamp @time`");
      diagnostic.cause = "time of " + scope_.owner;
      return;
    }
    features_.ends = windows_.endsOf({}, features_.time_column);
    for (const ir::Window& window : features_.windows) features_.ends.insert(features_.ends.end(), window.ends.begin(), window.ends.end());
    sortEnds(features_.ends);
    if (!features_.split.valid()) return;
    auto& split = context_.body<ir::Split>(features_.split);
    split.after_us = std::max(split.after_us, features_.after_us);
    split.time_column = features_.time_column;
    split.ends.insert(split.ends.end(), features_.ends.begin(), features_.ends.end());
    sortEnds(split.ends);
    if (split.method == ir::Split::Method::Time) split.gap_us = std::max(split.gap_us, features_.after_us);
  }

  static void sortEnds(std::vector<ir::SlotRef>& ends) {
    std::sort(ends.begin(), ends.end());
    ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  }

  std::uint32_t addWindow(ir::Window window) {
    features_.windows.push_back(std::move(window));
    return windows_begin_ + static_cast<std::uint32_t>(features_.windows.size() - 1);
  }

  std::vector<std::pair<std::uint32_t, const ir::Window*>> seenWindows() const {
    std::vector<std::pair<std::uint32_t, const ir::Window*>> seen;
    for (std::uint32_t w = 0; w < features_.windows.size(); ++w) seen.emplace_back(windows_begin_ + w, &features_.windows[w]);
    return seen;
  }

  TypedValue toFloat(TypedValue value) {
    ir::Type type = value.type;
    type.kind = ir::Kind::Float;
    value.value = features_.graph.add({.op = ir::Op::Call, .type = type, .span = value.span, .name = "i_to_f", .args = {value.value}});
    value.type = type;
    return value;
  }

  void reportTwice(std::string_view item, Span span, Span first) {
    context_.report(Code::DuplicateItem, span, fmt::format("`{}` has two `{}` items", decl_.name.text, item))
        .labels.push_back({first, "the first one"});
  }

  void reportTargetType() {
    diag::Diagnostic& diagnostic =
        context_.report(Code::TargetType, target_.span, fmt::format("a target is a bool, a category or a number, this is {}", ir::typeText(target_.type)));
    labelOrigin(diagnostic, target_);
    if (target_.type.kind == ir::Kind::Text) diagnostic.help.emplace_back("write `category(…)` for classes");
    if (target_.type.kind == ir::Kind::Duration) diagnostic.help.emplace_back("divide by a duration to get a number: `… / 1min`");
    target_.type = {};
  }

  void reportNullTarget() {
    const std::string text = context_.text(target_item_->value);
    diag::Diagnostic& diagnostic =
        context_.report(Code::NullTarget, target_.span, fmt::format("a target cannot be null, `{}` is {}", text, ir::typeText(target_.type)));
    labelOrigin(diagnostic, target_);
    diagnostic.help.push_back(fmt::format("add `filter {} is not null` to a table before it", text));
  }

  static void labelOrigin(diag::Diagnostic& diagnostic, const TypedValue& value) {
    if (!value.origin.empty()) diagnostic.labels.push_back({value.origin, value.origin_name + " has its type from here"});
  }

  void checkWeight(const syntax::WeightItem& item) {
    if (weight_item_ != nullptr) return reportTwice("weight", item.span, weight_item_->span);
    weight_item_ = &item;
    weight_ = context_.expressions.check(item.value, scope_, features_.graph);
    if (weight_.type.isError()) return;
    if (!weight_.type.isNumber() || weight_.type.nullable) {
      diag::Diagnostic& diagnostic = context_.report(
          Code::WeightType, weight_.span, fmt::format("a weight is a number and never null, this is {}", ir::typeText(weight_.type)));
      labelOrigin(diagnostic, weight_);
      weight_.type = {};
      return;
    }
    if (weight_.type.kind == ir::Kind::Int) weight_ = toFloat(weight_);
  }

  void listFeatures() {
    for (const syntax::FeaturesItem& item : decl_.items) {
      if (const auto* feature = std::get_if<syntax::FeatureItem>(&item)) {
        list({.name = feature->name, .value = feature->value, .doc = feature->doc, .span = feature->span});
      } else if (const auto* use = std::get_if<syntax::UseItem>(&item)) {
        listUse(*use);
      }
    }
    if (!listed_.empty() || decl_.has_errors || scope_.open_schema) return;
    context_.report(Code::NoFeatures, decl_.name.span, fmt::format("`{}` has no feature", decl_.name.text))
        .help.emplace_back("write `name = EXPR` for each, or `use a, b` for columns as they are");
  }

  void list(Listed feature) {
    for (const Listed& known : listed_) {
      if (known.name.text != feature.name.text) continue;
      context_.report(Code::DuplicateColumn, feature.name.span, fmt::format("`{}` has two features `{}`", decl_.name.text, feature.name.text))
          .labels.push_back({known.name.span, "the first one"});
      return;
    }
    listed_.push_back(std::move(feature));
  }

  void listUse(const syntax::UseItem& use) {
    for (const syntax::Name& name : use.names) {
      const ScopeColumn* column = scope_.find(name.text);
      if (column == nullptr) {
        reportUnknownColumn(context_, name, scope_);
      } else if (!use.all_except) {
        list({.name = name, .value = {}, .column = column, .doc = {}, .span = name.span});
      }
    }
    if (use.all_except) listAllExcept(use);
  }

  /// Every column but those named, and but those that a written feature has the name of.
  void listAllExcept(const syntax::UseItem& use) {
    const auto isNamed = [&](const std::string& column) {
      for (const syntax::Name& name : use.names) {
        if (name.text == column) return true;
      }
      for (const syntax::FeaturesItem& item : decl_.items) {
        const auto* feature = std::get_if<syntax::FeatureItem>(&item);
        if (feature != nullptr && feature->name.text == column) return true;
      }
      return false;
    };
    for (const ScopeColumn& column : scope_.columns) {
      if (isNamed(column.name)) continue;
      list({.name = {.text = column.name, .span = use.span}, .value = {}, .column = &column, .doc = {}, .span = use.span});
    }
  }

  void checkListed() {
    std::vector<FeatureDefinition> definitions;
    for (const Listed& feature : listed_) {
      if (feature.value.valid()) definitions.push_back({.name = feature.name.text, .name_span = feature.name.span, .value = feature.value});
    }
    Scope scope = scope_;
    scope.place = Place::Features;
    // Where an item did not parse it may have been the target: then it is unknown (type Error), not absent.
    scope.target = target_item_ != nullptr || decl_.has_errors ? &target_ : nullptr;
    const std::vector<TypedValue> values = context_.expressions.checkFeatures(definitions, scope, features_.graph);
    std::size_t next = 0;
    for (const Listed& feature : listed_) {
      if (feature.value.valid()) {
        addFeature(feature, values[next++]);
      } else {
        addFeature(feature, columnValue(feature));
      }
    }
  }

  TypedValue columnValue(const Listed& feature) {
    TypedValue value{.value = {}, .type = feature.column->type, .taint = feature.column->taint, .span = feature.span, .origin = feature.column->span};
    if (!value.type.isError()) {
      value.value = features_.graph.add({.op = ir::Op::Input, .type = value.type, .span = feature.span, .slot = feature.column->slot});
    }
    return value;
  }

  void addFeature(const Listed& feature, const TypedValue& value) {
    if (target_item_ != nullptr && !target_.type.isError() && !value.type.isError()) {
      const bool any_split = features_.split.valid() && context_.body<ir::Split>(features_.split).method != ir::Split::Method::Time;
      reportLeak(context_.diagnostics, feature.name.text, feature.name.span, value.taint,
                 {.target = target_.taint, .target_span = target_item_->span, .known = known_, .after_us = features_.after_us, .earlier_rows_train = !any_split});
    } else if (!value.type.isError()) {
      reportNotKnown(context_.diagnostics, feature.name.text, feature.name.span, value.taint);
    }
    features_.features.push_back(value.value);
    columns_.push_back({.name = feature.name.text, .type = value.type, .roles = 0, .span = feature.name.span, .doc = feature.doc});
    facts_.taints.push_back(value.taint);
    facts_.sites.push_back({.span = feature.span, .value = feature.value});
  }

  void addLabelColumns() {
    if (target_item_ != nullptr) {
      features_.target = target_.value;
      columns_.push_back({.name = "target", .type = target_.type, .roles = 0, .span = target_item_->span, .doc = {}});
      facts_.taints.push_back(target_.taint);
    }
    if (weight_item_ != nullptr) {
      features_.weight = weight_.value;
      columns_.push_back({.name = "weight", .type = weight_.type, .roles = 0, .span = weight_item_->span, .doc = {}});
      facts_.taints.push_back(weight_.taint);
    }
    facts_.base.assign(columns_.size(), false);
  }

  Context& context_;
  const syntax::FeaturesDecl& decl_;
  ir::Features features_;
  std::vector<ir::Column> columns_;
  NodeFacts facts_;
  Scope scope_;
  OwnerWindows windows_;
  std::uint32_t windows_begin_ = 0;
  const syntax::TargetItem* target_item_ = nullptr;
  const syntax::WeightItem* weight_item_ = nullptr;
  TypedValue target_;
  std::vector<std::string> known_;  ///< label columns that are known beforehand
  TypedValue weight_;
  std::vector<Listed> listed_;
};

}  // namespace

ir::NodeId checkFeatures(Context& context, const syntax::FeaturesDecl& decl) { return FeaturesChecker(context, decl).check(); }

}  // namespace cd4ml::check
