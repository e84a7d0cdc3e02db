/// `csv("data/sales.csv", delimiter: ";")`: what a source reads.
#pragma once

#include "compiler/check/context.h"

namespace cd4ml::check {

/// Fills reader, paths, stage and options of `source`; mistakes are reported. `has_fields`: the source declares its
/// columns. A reader that is written in a profile is checked in the same way.
void checkWrittenReader(Context& context, syntax::ExprId written, bool has_fields, ir::Source& source);

}  // namespace cd4ml::check
