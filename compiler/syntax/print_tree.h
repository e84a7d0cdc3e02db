/// The tree as text, for tests and for looking: nested lists in parentheses, one declaration or item a line.
///
/// Spans and tokens are left out, so two texts that differ in layout and comments alone print the same.
#pragma once

#include <string>

#include "compiler/syntax/tree.h"

namespace cd4ml::syntax {

[[nodiscard]] std::string printTree(const Tree& tree);
[[nodiscard]] std::string printExpr(const Tree& tree, ExprId id);
[[nodiscard]] std::string printType(const Tree& tree, const TypeSyntax& type);

}  // namespace cd4ml::syntax
