/// What plain and as-of joins share: the keys of both sides, and the right columns that come in under free names.
#pragma once

#include <functional>

#include "compiler/check/table_state.h"

namespace cd4ml::check {

class JoinSides {
 public:
  /// Looks the right node up; a part or column of one is reported.
  JoinSides(TableState& state, const syntax::JoinVerb& verb);

  /// Reports keys that are not there or have two types.
  void checkKeys();
  /// Brings the right columns in, keys left out. Their roles stay behind, @pii excepted; `taint` says what each gives away.
  enum class Nulls : std::uint8_t { AsDeclared, Possible };
  void addColumns(Nulls nulls, const std::function<Taint(const ScopeColumn&)>& taint);
  /// The right column of a role; null: there is none.
  [[nodiscard]] const ScopeColumn* rightOf(ir::Role role) const;

  ir::NodeId right{};
  Scope scope{};  ///< of the right side
  std::vector<ir::Variable> left_keys{};
  std::vector<std::uint32_t> right_keys{};
  std::vector<std::uint32_t> right_columns{};
  std::vector<ir::Variable> results{};
  Taint left_taint{};   ///< of the keys
  Taint right_taint{};

 private:
  void checkKey(const syntax::JoinKey& key);
  void reportClash(const ScopeColumn& column, const std::string& name, const ScopeColumn& taken);

  TableState& state_;
  const syntax::JoinVerb& verb_;
};

/// The column of a role, or null.
[[nodiscard]] const ScopeColumn* columnOfRole(const Scope& scope, ir::Role role);

}  // namespace cd4ml::check
