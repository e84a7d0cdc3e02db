/// `# allow: unused-node because the report reads it`: comments that say which warning is meant to be.
#pragma once

#include <string_view>

#include "compiler/parse/lexed_file.h"
#include "compiler/syntax/tree.h"

namespace cd4ml::parse {

/// Adds them to the tree. One at the end of a line is for that line; one on a line of its own for the next line that is
/// not a comment.
void readAllows(const LexedFile& lexed, std::string_view text, FileIndex file, syntax::Tree& tree);

}  // namespace cd4ml::parse
