/// The order of declarations, and the rings that have none.
#pragma once

#include "compiler/resolve/resolve.h"

namespace cd4ml::resolve {

/// Every declaration once, inputs before users, else as written. Each cycle is reported once with its whole ring; the
/// use that closes it is then ignored.
[[nodiscard]] std::vector<std::uint32_t> orderDeclarations(const syntax::Tree& tree, const Resolution& resolution,
                                                           diag::Diagnostics& diagnostics);

}  // namespace cd4ml::resolve
