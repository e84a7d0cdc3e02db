#include "compiler/check/table_state.h"

namespace cd4ml::check {

Scope TableState::scope(Place place) const {
  Scope result;
  result.place = place;
  result.owner = owner;
  result.row_taint = row_taint;
  result.open_schema = open;
  for (const VisibleColumn& visible : columns) result.columns.push_back(visible.column);
  return result;
}

VisibleColumn* TableState::find(std::string_view name) {
  for (VisibleColumn& visible : columns) {
    if (visible.column.name == name) return &visible;
  }
  return nullptr;
}

VisibleColumn* TableState::require(const syntax::Name& name) {
  VisibleColumn* found = find(name.text);
  if (found == nullptr) reportUnknownColumn(context, name, scope(Place::Row));
  return found;
}

void TableState::startRows() {
  base.clear();
  for (const VisibleColumn& visible : columns) base.insert(visible.column.slot);
}

VisibleColumn TableState::unknownColumn(const syntax::Name& name) const {
  return {.column = {.name = name.text, .slot = 0, .type = {}, .roles = 0, .taint = {}, .span = name.span}};
}

}  // namespace cd4ml::check
