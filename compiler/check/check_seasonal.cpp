#include "compiler/check/check_seasonal.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace cd4ml::check {
namespace {

using diag::Code;

std::uint32_t slotOfRole(const ir::Node& node, ir::Role role) {
  const auto found = std::find_if(node.columns.begin(), node.columns.end(), [&](const ir::Column& column) { return column.has(role); });
  return found == node.columns.end() ? ir::no_slot : static_cast<std::uint32_t>(found - node.columns.begin());
}

/// The part of a graph that a value needs, as a graph of its own.
ir::ValueId copyValue(const ir::Graph& from, ir::ValueId root, ir::Graph& to, std::map<std::uint32_t, ir::ValueId>& copies) {
  if (const auto known = copies.find(root.index); known != copies.end()) return known->second;
  ir::Value value = from[root];
  for (ir::ValueId& argument : value.args) argument = copyValue(from, argument, to, copies);
  return copies[root.index] = to.add(std::move(value));
}

class SeasonalFeatures {
 public:
  SeasonalFeatures(Context& context, const syntax::ModelDecl& model, ir::NodeId features)
      : context_(context), model_(model), named_(features), body_(context.body<ir::Features>(features)) {}

  ir::NodeId add(const ir::Option& season, const std::vector<std::uint32_t>& series) {
    const auto* length = std::get_if<std::int64_t>(&season.value.value);
    if (length == nullptr || *length <= 0) {
      reportSeason(season, length != nullptr);
      return {};
    }
    if (!findTimes() || !splitsInTime()) return {};
    // A forecast is made before its label is known: as many seasons back as it takes until one is.
    const std::int64_t seasons = std::max<std::int64_t>(1, (body_.after_us + *length - 1) / *length);
    addFeature(seasons * *length, series);
    return addNode();
  }

 private:
  void reportSeason(const ir::Option& season, bool given) {
    const Span where = given ? season.span : context_.tree[model_.algorithm].name.span;
    diag::Diagnostic& diagnostic = given ? context_.report(Code::OutOfRange, where, "a season is longer than nothing")
                                         : context_.report(Code::MissingArgument, where, "`seasonal_naive` needs the season after which things repeat");
    diagnostic.help.emplace_back("write `season: 7d` for what repeats by the week");
  }

  bool findTimes() {
    const ir::Node& from = context_.pipeline[body_.from];
    window_.current_time = window_.folded_time = slotOfRole(from, ir::Role::Time);
    window_.folded_available = slotOfRole(from, ir::Role::Available);
    window_.known_after = delayOf(scopeOf(context_, body_.from, Place::Row));
    if (window_.current_time != ir::no_slot) return !from.columns[window_.current_time].type.isError();
    if (!context_.knowsColumns(body_.from)) return false;
    diag::Diagnostic& diagnostic =
        context_.report(Code::WindowNeedsTime, context_.tree[model_.algorithm].name.span, fmt::format("a season needs a `@time` column, `{}` has none", from.name));
    diagnostic.help.emplace_back("mark the column where it is declared: `at: timestamp @time`");
    diagnostic.cause = "time of " + from.name;
    return false;
  }

  bool splitsInTime() {
    if (!body_.split.valid() || context_.factsOf(body_.split).open) return true;
    if (context_.body<ir::Split>(body_.split).method == ir::Split::Method::Time) return true;
    diag::Diagnostic& diagnostic = context_.report(Code::LabelOfOtherPart, context_.tree[model_.algorithm].name.span,
                                                   "`seasonal_naive` reads the target of earlier rows, which may be rows of another part");
    diagnostic.labels.push_back({context_.pipeline[body_.split].name_span, "the split"});
    diagnostic.help.emplace_back("labels of earlier rows go with a split in time only: `split … by time`");
    return false;
  }

  /// Of the features that the model names nothing is left but target and weight.
  void keepLabels() {
    ir::Graph own;
    std::map<std::uint32_t, ir::ValueId> copies;
    body_.target = copyValue(body_.graph, body_.target, own, copies);
    if (body_.weight.valid()) body_.weight = copyValue(body_.graph, body_.weight, own, copies);
    body_.graph = std::move(own);
    const std::size_t columns = context_.pipeline[body_.from].columns.size();
    const bool reads_windows = std::any_of(body_.graph.values.begin(), body_.graph.values.end(),
                                           [&](const ir::Value& value) { return value.op == ir::Op::Input && value.slot >= columns; });
    if (!reads_windows) body_.windows.clear();
  }

  void addFeature(std::int64_t back_us, const std::vector<std::uint32_t>& series) {
    keepLabels();
    const Span span = context_.tree[model_.algorithm].span;
    const ir::Type target = body_.graph[body_.target].type;
    std::map<std::uint32_t, ir::ValueId> copies;
    window_.aggregate = "lag";
    window_.argument = copyValue(body_.graph, body_.target, window_.graph, copies);
    for (const ir::Value& value : window_.graph.values) {
      if (value.op == ir::Op::Input) window_.row_base = std::max(window_.row_base, value.slot + 1);
    }
    window_.current_keys = window_.folded_keys = series;
    window_.frame = ir::Window::Frame::TimeAt;
    window_.extent_us = back_us;
    window_.type = target;
    window_.type.nullable = true;
    window_.span = span;
    const auto slot = static_cast<std::uint32_t>(context_.pipeline[body_.from].columns.size() + body_.windows.size());
    ir::Type plain = target;
    plain.nullable = false;
    ir::Type fitted = target;
    fitted.nullable = true;
    const ir::ValueId before = body_.graph.add({.op = ir::Op::Input, .type = window_.type, .span = span, .slot = slot});
    const ir::ValueId mean = body_.graph.add({.op = ir::Op::Fit, .type = fitted, .span = span, .name = "mean", .args = {body_.target}});
    body_.windows.push_back(std::move(window_));
    body_.features = {body_.graph.add({.op = ir::Op::Call, .type = fitted, .span = span, .name = "coalesce_ff", .args = {before, mean}})};
    type_ = plain;
  }

  ir::NodeId addNode() {
    const ir::Node& named = context_.pipeline[named_];
    const NodeFacts& known = context_.factsOf(named_);
    const auto label = static_cast<std::ptrdiff_t>(named.columns.size()) - (body_.weight.valid() ? 2 : 1);
    std::vector<ir::Column> columns{{.name = "season", .type = type_, .roles = 0, .span = model_.name.span, .doc = {}}};
    columns.insert(columns.end(), named.columns.begin() + label, named.columns.end());
    NodeFacts facts;
    facts.taints.emplace_back();
    facts.taints.insert(facts.taints.end(), known.taints.begin() + label, known.taints.end());
    facts.base.assign(columns.size(), false);
    facts.row_taint = known.row_taint;
    facts.sites.push_back({.span = model_.name.span, .value = {}});
    facts.split = known.split;
    facts.target_span = known.target_span;
    syntax::DeclHeader header = model_;
    header.name.text = fmt::format("{}.season", model_.name.text);
    return context_.add(header, std::move(body_), std::move(columns), std::move(facts));
  }

  Context& context_;
  const syntax::ModelDecl& model_;
  ir::NodeId named_;
  ir::Features body_;
  ir::Window window_;
  ir::Type type_;
};

}  // namespace

ir::NodeId addSeasonalFeatures(Context& context, const syntax::ModelDecl& model, ir::NodeId features, const ir::Option& season,
                               const std::vector<std::uint32_t>& series) {
  if (!context.body<ir::Features>(features).target.valid()) return {};
  return SeasonalFeatures(context, model, features).add(season, series);
}

}  // namespace cd4ml::check
