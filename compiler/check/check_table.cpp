#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/join_sides.h"
#include "compiler/check/table_state.h"
#include "compiler/check/window_host.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;


class TableChecker {
 public:
  TableChecker(Context& context, const syntax::TableDecl& decl) : decl_(decl), state_{.context = context} {}

  ir::NodeId check() {
    start();
    for (const syntax::TableVerb& verb : decl_.verbs) std::visit(*this, verb);
    return finish();
  }

  void operator()(const syntax::FilterVerb& verb) {
    const Condition condition = state_.context.expressions.checkCondition(verb.condition, state_.scope(Place::Row), state_.table.graph);
    state_.table.ops.emplace_back(ir::FilterOp{.condition = condition.value.value, .span = verb.span});
    mergeTaint(state_.visible.row_taint, taintOfRows(condition.value.taint));
    for (const std::string& name : condition.non_null) {
      if (ScopeColumn* column = state_.find(name)) column->type.nullable = false;
    }
  }

  void operator()(const syntax::DeriveVerb& verb) {
    const TypedValue value = state_.context.expressions.check(verb.value, state_.scope(Place::Row), state_.table.graph);
    const ir::Variable variable = state_.newVariable();
    state_.table.ops.emplace_back(ir::DeriveOp{.result = variable, .value = value.value, .span = verb.span});
    ScopeColumn derived{.name = verb.name.text,
                        .slot = variable,
                        .type = decl_.has_errors ? ir::Type{} : value.type,  // the rest of it may be what did not parse
                        .roles = checkRoles(state_.context, verb.roles, verb.name.text, value.type, value.span),
                        .taint = taintThrough(value.taint, verb.name.text, verb.name.span),
                        .span = verb.name.span,
                        .known = value.value.valid() ? knownAfter(state_.table.graph, value.value, state_.visible) : std::nullopt};
    takeTime(derived);
    if (ScopeColumn* known = state_.find(verb.name.text)) {
      *known = std::move(derived);
    } else {
      state_.visible.columns.push_back(std::move(derived));
    }
  }

  void operator()(const syntax::SelectVerb& verb) {
    std::vector<ScopeColumn> kept;
    for (const syntax::Name& name : verb.names) {
      const bool twice = std::any_of(kept.begin(), kept.end(), [&](const ScopeColumn& each) { return each.name == name.text; });
      if (twice) {
        state_.context.report(Code::DuplicateColumn, name.span, fmt::format("`{}` is selected twice", name.text));
        continue;
      }
      const ScopeColumn* found = state_.require(name);
      kept.push_back(found != nullptr ? *found : state_.unknownColumn(name));
    }
    state_.visible.columns = std::move(kept);
    state_.visible.open_schema = false;
  }

  void operator()(const syntax::DropVerb& verb) {
    for (const syntax::Name& name : verb.names) {
      if (state_.require(name) == nullptr) continue;
      std::erase_if(state_.visible.columns, [&](const ScopeColumn& each) { return each.name == name.text; });
    }
  }

  void operator()(const syntax::RenameVerb& verb) {
    ScopeColumn* from = state_.require(verb.from);
    const ScopeColumn* taken = state_.find(verb.to.text);
    if (taken != nullptr && taken != from) {
      state_.context
          .report(Code::ColumnExists, verb.to.span, fmt::format("`{}` has a column `{}` already", state_.visible.owner, verb.to.text))
          .labels.push_back({taken->span, "declared here"});
      return;
    }
    if (from == nullptr) {
      state_.visible.columns.push_back(state_.unknownColumn(verb.to));
    } else {
      from->name = verb.to.text;
    }
  }

  void operator()(const syntax::JoinVerb& verb) { checkJoin(state_, verb); }
  void operator()(const syntax::GroupVerb& verb) { checkGroup(state_, verb); }

  void operator()(const syntax::RequireSyntax& verb) {
    state_.table.ops.emplace_back(checkRequire(state_.context, verb, state_.scope(Place::RowSet), state_.table.graph));
  }

  void operator()(const syntax::DedupeVerb& verb) { checkDedupe(state_, verb); }
  void operator()(const syntax::SampleVerb& verb) { checkSample(state_, verb); }
  void operator()(const syntax::UnionVerb& verb) { checkUnion(state_, verb); }
  void operator()(const syntax::FillVerb& verb) { state_.context.notSupported(verb.span, "`fill`"); }
  void operator()(const syntax::ErrorItem&) { state_.visible.open_schema = true; }

 private:
  void start() {
    Context& context = state_.context;
    const ir::NodeId from = context.find(decl_.from, Construct::Source | Construct::Table);
    context.rejectPart(decl_.from, "`from`");
    state_.table.from = from;
    if (from.valid()) state_.samples = context.factsOf(from).samples;
    if (from.valid()) state_.grouped = context.factsOf(from).grouped;
    state_.visible = scopeOf(context, from, Place::Row);
    state_.visible.owner = decl_.name.text;
    state_.timed = (from.valid() && context.factsOf(from).timed) || columnOfRole(state_.visible, ir::Role::Time) != nullptr || columnOfRole(state_.visible, ir::Role::Available) != nullptr;
    state_.visible.open_schema = state_.visible.open_schema || decl_.has_errors;
    for (const ScopeColumn& column : state_.visible.columns) {
      if (context.factsOf(from).base[column.slot]) state_.base.insert(column.slot);
      state_.docs[column.slot] = context.pipeline[from].columns[column.slot].doc;
    }
    state_.table.variables = static_cast<ir::Variable>(state_.visible.columns.size());
    state_.windows = std::make_unique<OwnerWindows>(
        context, from, ir::NodeId{},
        [this](ir::Window window) {
          const ir::Variable result = state_.newVariable();
          state_.table.ops.emplace_back(ir::WindowOp{.result = result, .window = std::move(window)});
          return result;
        },
        [this] { return recentWindows(); });
    state_.visible.windows = state_.windows.get();
  }

  /// A new `@time` or `@available` says when rows are known, where nothing says it yet. Of groups it is proved.
  void takeTime(ScopeColumn& derived) {
    const auto has = [&](ir::Role role) { return (derived.roles & static_cast<std::uint8_t>(role)) != 0; };
    const bool available = columnOfRole(state_.visible, ir::Role::Available) != nullptr;
    const bool believed = has(ir::Role::Time) && !available && !state_.grouped && (!state_.timed || !derived.known);
    if (has(ir::Role::Available) || believed) sayKnownAt(state_.visible, derived);
    state_.timed = state_.timed || has(ir::Role::Time) || has(ir::Role::Available);
  }

  /// The time of a group: the latest of its rows, or the start of the period that they lie in.
  void proveTime() {
    const ScopeColumn* time = columnOfRole(state_.visible, ir::Role::Time);
    const bool said = columnOfRole(state_.visible, ir::Role::Available) != nullptr || state_.visible.isUnsure();
    if (!state_.grouped || time == nullptr || time->known || time->type.isError() || said) return;
    diag::Diagnostic& d = state_.context.report(Code::TimeOfGroup, time->span, fmt::format("a row of `{}` may stand for rows after its time `{}`", decl_.name.text, time->name));
    for (const ir::TableOp& op : state_.table.ops) {
      if (const auto* group = std::get_if<ir::GroupOp>(&op)) d.labels.push_back({group->span, "one row for several"});
    }
    d.help.emplace_back("take the latest of the group: `last = max(at)`, then `derive t = last @time`");
    d.help.emplace_back("or a key that says in which period the rows lie, `day = trunc(at, 1d)`, then `derive t = day @time`: such a row is known when its day ends");
    d.help.emplace_back("or say yourself when a row is known: `derive known = … @available`");
    state_.find(time->name)->known.emplace();
  }

  /// The windows since the last verb that decides rows.
  std::vector<std::pair<std::uint32_t, const ir::Window*>> recentWindows() const {
    std::vector<std::pair<std::uint32_t, const ir::Window*>> windows;
    for (auto op = state_.table.ops.rbegin(); op != state_.table.ops.rend(); ++op) {
      if (const auto* window = std::get_if<ir::WindowOp>(&*op)) {
        windows.emplace_back(window->result, &window->window);
      } else if (!std::holds_alternative<ir::DeriveOp>(*op)) {
        break;
      }
    }
    return windows;
  }

  ir::NodeId finish() {
    proveTime();
    NodeFacts facts;
    std::vector<ir::Column> columns;
    for (const ScopeColumn& column : state_.visible.columns) {
      state_.table.outputs.push_back(column.slot);
      facts.taints.push_back(column.taint);
      facts.base.push_back(state_.base.contains(column.slot));
      facts.known.push_back(column.known);
      columns.push_back({.name = column.name, .type = column.type, .roles = column.roles, .span = column.span, .doc = state_.docs[column.slot]});
    }
    if (columns.empty() && !state_.visible.open_schema) {
      state_.context.report(Code::NoColumns, decl_.name.span, fmt::format("`{}` has no column left", decl_.name.text));
    }
    checkRolesOnce(state_.context, columns);
    facts.row_taint = std::move(state_.visible.row_taint);
    facts.open = state_.visible.open_schema;
    facts.samples = state_.samples;
    facts.grouped = state_.grouped;
    facts.timed = state_.timed;
    return state_.context.add(decl_, std::move(state_.table), std::move(columns), std::move(facts));
  }

  const syntax::TableDecl& decl_;
  TableState state_;
};


}  // namespace

ir::NodeId checkTable(Context& context, const syntax::TableDecl& decl) { return TableChecker(context, decl).check(); }

}  // namespace cd4ml::check
