/// Warnings that a comment allows are not shown; a comment that allows none is a warning itself.
#pragma once

#include "compiler/diag/diagnostic.h"
#include "compiler/syntax/tree.h"

namespace cd4ml::check {

/// To be called last. Unused comments are reported for the entry file and only where there are no errors: with errors
/// not all warnings are known.
void applyAllows(const syntax::Tree& tree, diag::Diagnostics& diagnostics);

}  // namespace cd4ml::check
