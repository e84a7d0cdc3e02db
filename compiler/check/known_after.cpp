#include "compiler/check/known_after.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "compiler/check/join_sides.h"

namespace cd4ml::check {
namespace {

using Known = std::optional<KnownAfter>;

constexpr std::int64_t day_us = 86'400'000'000;
constexpr std::int64_t week_us = 7 * day_us;
constexpr std::int64_t shortest_month_us = 28 * day_us;

bool isTime(const ir::Type& type) { return type.kind == ir::Kind::Timestamp || type.kind == ir::Kind::Date; }

KnownAfter atOnce(const ir::Type& type) { return {.after = {}, .grid = {.us = type.kind == ir::Kind::Date ? day_us : 0}}; }

/// Weeks start on Monday, other steps are counted from 1970-01-01, a Thursday.
bool isWeeks(std::int64_t step) { return step % week_us == 0; }

/// Each start of a period of `coarse` is the start of one of `fine`.
bool divides(const ir::Period& fine, const ir::Period& coarse) {
  if (fine.isZero() || coarse.isZero()) return false;
  if (fine.months > 0) return coarse.us == 0 && coarse.months % fine.months == 0;
  if (coarse.months > 0) return day_us % fine.us == 0;
  const bool same_origin = isWeeks(fine.us) || !isWeeks(coarse.us) || (4 * day_us) % fine.us == 0;
  return coarse.us % fine.us == 0 && same_origin;
}

/// `trunc(x, step)` where `x` proves `known`.
Known truncated(const KnownAfter& known, const ir::Period& step) {
  if (divides(step, known.grid)) return known;  // it lies there already
  const bool one_step = !known.after.isZero() && known.after == known.grid;
  if (known.after.isZero() || (one_step && divides(known.grid, step))) return KnownAfter{.after = step, .grid = step};
  ir::Period sum = known.after;
  if (step.months == 0) {
    sum.us += step.us;
  } else {
    // From the first of a month both orders of adding give one time, if neither leaves the month.
    const bool exact = sum.us == 0 || (sum.months == 0 && sum.us <= shortest_month_us);
    if (!exact) return std::nullopt;
    sum.months += step.months;
  }
  return KnownAfter{.after = sum, .grid = {}};
}

/// `x + us` where `x` proves `known`.
KnownAfter shifted(KnownAfter known, std::int64_t us) {
  const bool stays = us <= known.after.us && known.grid.months == 0 && known.grid.us > 0 && us % known.grid.us == 0;
  known.after.us = std::max<std::int64_t>(known.after.us - us, 0);
  if (!stays) known.grid = {};
  return known;
}

class Proof {
 public:
  Proof(const ir::Graph& graph, const Scope& scope) : graph_(graph), scope_(scope) {}

  [[nodiscard]] Known of(ir::ValueId id) const {
    if (!id.valid()) return std::nullopt;
    const ir::Value& value = graph_[id];
    switch (value.op) {
      case ir::Op::Input: return ofColumn(value.slot);
      case ir::Op::Call: return ofCall(value);
      case ir::Op::Aggregate: return ofAggregate(value);
      case ir::Op::Constant:
      case ir::Op::Fit:
      case ir::Op::Encode:
      case ir::Op::Lookup: break;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] Known ofColumn(std::uint32_t slot) const {
    const auto found = std::ranges::find(scope_.columns, slot, &ScopeColumn::slot);
    return found == scope_.columns.end() ? std::nullopt : found->known;
  }

  /// The latest of a group; a null would not take part in it.
  [[nodiscard]] Known ofAggregate(const ir::Value& value) const {
    const bool latest = value.name == "max" && value.args.size() == 1 && !graph_[value.args[0]].type.nullable;
    return latest ? of(value.args[0]) : std::nullopt;
  }

  [[nodiscard]] Known ofCall(const ir::Value& call) const {
    const std::string& name = call.name;
    if (name == "date_to_timestamp_i") return of(call.args[0]);
    if (name == "timestamp_to_date_i") return truncatedBy(call, {.us = day_us});
    if (name == "trunc_time_i") return truncatedBy(call, {.us = option(call)});
    if (name == "trunc_months_i") return truncatedBy(call, {.months = static_cast<std::int32_t>(option(call))});
    if (name == "add_ii" || name == "sub_ii") return ofSum(call);
    if (name == "max_ii") return ofMaximum(of(call.args[0]), of(call.args[1]));
    if (name == "min_ii" || name == "coalesce_ii") return knownOnBoth(of(call.args[0]), of(call.args[1]));
    return std::nullopt;
  }

  [[nodiscard]] static std::int64_t option(const ir::Value& call) { return std::get<std::int64_t>(call.options.at(0).value); }

  [[nodiscard]] Known truncatedBy(const ir::Value& call, ir::Period step) const {
    const Known known = of(call.args[0]);
    return known ? truncated(*known, step) : std::nullopt;
  }

  [[nodiscard]] std::optional<std::int64_t> constantOf(ir::ValueId id) const {
    const ir::Value& value = graph_[id];
    const auto* us = value.op == ir::Op::Constant ? std::get_if<std::int64_t>(&value.literal.value) : nullptr;
    constexpr std::int64_t longest = std::int64_t{1} << 60;
    return us != nullptr && *us > -longest && *us < longest ? std::optional(*us) : std::nullopt;
  }

  [[nodiscard]] Known ofSum(const ir::Value& call) const {
    const bool adds = call.name == "add_ii";
    const Known left = of(call.args[0]);
    const Known right = adds ? of(call.args[1]) : std::nullopt;
    const std::optional<std::int64_t> step = constantOf(call.args[left ? 1 : 0]);
    if (!step || (!left && !right)) return std::nullopt;
    return shifted(left ? *left : *right, adds ? *step : -*step);
  }

  /// Either side is early enough for the later of both.
  [[nodiscard]] static Known ofMaximum(Known a, Known b) {
    if (a && b) return a->after.isZero() || !b->after.isZero() ? KnownAfter{.after = a->after, .grid = {}} : KnownAfter{.after = b->after, .grid = {}};
    Known one = a ? a : b;
    if (one) one->grid = {};
    return one;
  }

  const ir::Graph& graph_;
  const Scope& scope_;
};

}  // namespace

std::vector<std::optional<KnownAfter>> knownOfSource(std::span<const ir::Column> columns) {
  const auto has = [&](ir::Role role) { return std::ranges::any_of(columns, [&](const ir::Column& column) { return column.has(role); }); };
  const bool available = has(ir::Role::Available);
  const bool said = available || has(ir::Role::Time);
  std::vector<std::optional<KnownAfter>> known;
  for (const ir::Column& column : columns) {
    const bool counts = isTime(column.type) && (!said || column.has(available ? ir::Role::Available : ir::Role::Time));
    known.push_back(counts ? std::optional(atOnce(column.type)) : std::nullopt);
  }
  return known;
}

std::optional<KnownAfter> knownAfter(const ir::Graph& graph, ir::ValueId value, const Scope& scope) { return Proof(graph, scope).of(value); }

std::optional<KnownAfter> knownOnBoth(const std::optional<KnownAfter>& a, const std::optional<KnownAfter>& b) {
  if (!a || !b) return std::nullopt;
  const ir::Period after{.us = std::max(a->after.us, b->after.us), .months = std::max(a->after.months, b->after.months)};
  return KnownAfter{.after = after, .grid = a->grid == b->grid ? a->grid : ir::Period{}};
}

void sayKnownAt(Scope& scope, ScopeColumn& column) {
  for (ScopeColumn& each : scope.columns) each.known.reset();
  if (isTime(column.type)) column.known = atOnce(column.type);
}

ir::Period delayOf(const Scope& scope) {
  const ScopeColumn* time = columnOfRole(scope, ir::Role::Time);
  if (time == nullptr || !time->known || columnOfRole(scope, ir::Role::Available) != nullptr) return {};
  return time->known->after;
}

bool isKnownTogether(const Scope& left, const ScopeColumn& left_key, const ScopeColumn& right_key) {
  const ScopeColumn* time = columnOfRole(left, ir::Role::Time);
  if (time == nullptr || !time->known || !left_key.known || !right_key.known) return false;
  // Both are the start of the one period of that length in which the row became known: they are equal.
  const ir::Period& period = time->known->after;
  const bool same = !period.isZero() && *time->known == *left_key.known && time->known->grid == period;
  return same && right_key.known->after.us <= period.us && right_key.known->after.months <= period.months;
}

std::string periodText(const ir::Period& period) {
  constexpr std::pair<std::int64_t, const char*> units[] = {{day_us, "d"}, {3'600'000'000, "h"}, {60'000'000, "min"}, {1'000'000, "s"}, {1'000, "ms"}, {1, "us"}};
  std::string text;
  if (period.months > 0) text = period.months % 12 == 0 ? fmt::format("{}y", period.months / 12) : fmt::format("{}mo", period.months);
  if (period.us == 0) return text;
  const auto* unit = std::ranges::find_if(units, [&](const auto& each) { return period.us % each.first == 0; });
  return fmt::format("{}{}{}{}", text, text.empty() ? "" : " and ", period.us / unit->first, unit->second);
}

}  // namespace cd4ml::check
