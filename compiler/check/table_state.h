/// A table while its verbs are checked one after the other: which columns there are at this point, which variable of
/// the table's program each is, and the program so far.
#pragma once

#include <set>

#include "compiler/check/context.h"

namespace cd4ml::check {

/// A column as it stands between two verbs; `column.slot` is its variable.
struct VisibleColumn {
  ScopeColumn column;
  std::string doc{};
};

struct TableState {
  Context& context;
  std::string owner;  ///< name of the table, for messages
  ir::Table table{};
  std::vector<VisibleColumn> columns{};
  std::set<ir::Variable> base{};  ///< variables that are columns of S
  Taint row_taint{};
  bool open = false;

  [[nodiscard]] Scope scope(Place place) const;
  [[nodiscard]] VisibleColumn* find(std::string_view name);
  /// The column, or null (reported, or the columns are not known).
  VisibleColumn* require(const syntax::Name& name);
  ir::Variable newVariable() { return table.variables++; }
  /// What is visible now are the rows of a new S.
  void startRows();
  /// A column of an error or of an open source: fits everywhere, says nothing.
  [[nodiscard]] VisibleColumn unknownColumn(const syntax::Name& name) const;
};

void checkJoin(TableState& state, const syntax::JoinVerb& verb);
void checkGroup(TableState& state, const syntax::GroupVerb& verb);

}  // namespace cd4ml::check
