/// Text → syntax tree + diagnostics. The only phase that knows ANTLR.
#pragma once

#include "compiler/diag/diagnostic.h"
#include "compiler/source/source_map.h"
#include "compiler/syntax/tree.h"

namespace cd4ml::parse {

/// Parses one file. Always returns a tree that holds every token; what did not parse is kept as error items.
/// Never throws, never recurses deeper than the nesting limit of the language (200).
[[nodiscard]] syntax::Tree parse(const source::SourceMap& sources, FileIndex file, diag::Diagnostics& diagnostics);

/// Adds another file's tokens, expressions and declarations to a tree.
void parseMore(const source::SourceMap& sources, FileIndex file, syntax::Tree& tree, diag::Diagnostics& diagnostics);

}  // namespace cd4ml::parse
