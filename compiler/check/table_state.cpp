#include "compiler/check/table_state.h"

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

ScopeColumn TableState::unknownColumn(const syntax::Name& name) const {
  return {.name = name.text, .slot = 0, .type = {}, .roles = 0, .taint = {}, .span = name.span};
}

}  // namespace cd4ml::check
