#include "compiler/check/table_state.h"

#include <algorithm>

namespace cd4ml::check {

const Scope& TableState::scope(Place place) {
  visible.place = place;
  return visible;
}

ScopeColumn* TableState::find(std::string_view name) {
  for (ScopeColumn& column : visible.columns) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

ScopeColumn* TableState::require(const syntax::Name& name) {
  ScopeColumn* found = find(name.text);
  if (found == nullptr) reportUnknownColumn(context, name, scope(Place::Row));
  return found;
}

void TableState::startRows() {
  base.clear();
  for (const ScopeColumn& column : visible.columns) base.insert(column.slot);
}

std::vector<ir::Variable> TableState::rowId() const {
  std::vector<ir::Variable> ids, keys, times, all;
  for (const ScopeColumn& column : visible.columns) {
    const auto has = [&](ir::Role role) { return (column.roles & static_cast<std::uint8_t>(role)) != 0; };
    if (column.type.isError() || column.type.kind == ir::Kind::Vector) continue;
    all.push_back(column.slot);
    if (has(ir::Role::Id)) ids.push_back(column.slot);
    if (has(ir::Role::Key)) keys.push_back(column.slot);
    if (has(ir::Role::Time)) times.push_back(column.slot);
  }
  if (ids.empty() && !keys.empty() && !times.empty()) {
    ids = keys;
    ids.insert(ids.end(), times.begin(), times.end());
  }
  // Those of S that were dropped or replaced since are part of it: without them rows could differ and have one id.
  if (ids.empty()) ids.assign(base.begin(), base.end());
  if (ids.empty()) ids = all;
  std::sort(ids.begin(), ids.end());
  return ids;
}

ScopeColumn TableState::unknownColumn(const syntax::Name& name) const {
  return {.name = name.text, .slot = 0, .type = {}, .roles = 0, .taint = {}, .span = name.span, .known = {}};
}

}  // namespace cd4ml::check
