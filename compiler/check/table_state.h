/// A table while its verbs are checked one after the other: which columns there are at this point, which variable of
/// the table's program each is, and the program so far.
#pragma once

#include <memory>
#include <set>

#include "compiler/check/context.h"

namespace cd4ml::check {

struct TableState {
  Context& context;
  ir::Table table{};
  /// The columns at this point; `slot` is a column's variable. Kept, not built anew for each verb: tables may be long.
  Scope visible{};
  std::map<ir::Variable, std::string> docs{};
  std::map<ir::Variable, Span> joined{};  ///< columns that a join has brought, and the join
  std::set<ir::Variable> base{};  ///< variables that are columns of S

  bool timed = false;             ///< something said when the rows are known, here or below
  bool grouped = false;           ///< a row stands for several of a node below: its time is to be proved
  std::int64_t samples = 0;       ///< how many `sample` the rows went through, in the nodes below too

  std::unique_ptr<WindowHost> windows{};

  /// `visible` for an expression that stands at `place`.
  [[nodiscard]] const Scope& scope(Place place);
  [[nodiscard]] ScopeColumn* find(std::string_view name);
  /// The column, or null (reported, or the columns are not known).
  ScopeColumn* require(const syntax::Name& name);
  ir::Variable newVariable() { return table.variables++; }
  /// What is visible now are the rows of a new S.
  void startRows();
  /// The variables whose values make a row's id here (semantics.md): those of @id, else of @key with @time, else of S.
  [[nodiscard]] std::vector<ir::Variable> rowId() const;
  /// A column of an error or of an open source: fits everywhere, says nothing.
  [[nodiscard]] ScopeColumn unknownColumn(const syntax::Name& name) const;
};

void checkJoin(TableState& state, const syntax::JoinVerb& verb);
void checkAsOf(TableState& state, const syntax::JoinVerb& verb);
void checkDedupe(TableState& state, const syntax::DedupeVerb& verb);
void checkSample(TableState& state, const syntax::SampleVerb& verb);
void checkUnion(TableState& state, const syntax::UnionVerb& verb);
void checkGroup(TableState& state, const syntax::GroupVerb& verb);

}  // namespace cd4ml::check
