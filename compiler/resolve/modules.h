/// Joins the files of a program: names of imported modules' declarations become qualified (`s.x`).
#pragma once

#include "compiler/diag/diagnostic.h"
#include "compiler/syntax/tree.h"

namespace cd4ml::resolve {

/// `tree` holds the declarations of all files and `tree.modules` says which file imports which. Gives each module its
/// prefix (that of the shortest way to it, so two importers share one module), qualifies the declared names, and reports
/// each ring of imports once, and a `pipeline` in a module.
void joinModules(syntax::Tree& tree, diag::Diagnostics& diagnostics);

}  // namespace cd4ml::resolve
