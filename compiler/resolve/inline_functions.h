/// `fn` is inlined: each call becomes a copy of the body in which parameters stand for the arguments, so that what the
/// body means (an aggregate, a window, a fitted statistic) is decided where it is called.
#pragma once

#include "compiler/diag/diagnostic.h"
#include "compiler/resolve/resolve.h"
#include "compiler/syntax/tree.h"

namespace cd4ml::resolve {

[[nodiscard]] bool declaresFunctions(const syntax::Tree& tree);

/// Replaces each call of a fn by `ExprKind::Inlined`, keeping the ids of all other expressions. Reports wrong numbers
/// and names of arguments, names in a body that are neither its parameters nor declared, and rings of calls.
void inlineFunctions(syntax::Tree& tree, const Resolution& names, diag::Diagnostics& diagnostics);

}  // namespace cd4ml::resolve
