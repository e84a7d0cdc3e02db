/// What each construct's clauses refer to.
#pragma once

#include "compiler/resolve/resolve.h"

namespace cd4ml::resolve {

/// The uses of one declaration, in the order written, not yet resolved.
[[nodiscard]] std::vector<Use> usesOf(const syntax::Tree& tree, const syntax::Decl& decl, const Names& names);

}  // namespace cd4ml::resolve
