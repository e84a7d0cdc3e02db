/// The lines of a graph inside a longer text.
#pragma once

#include "compiler/ir/text_reader.h"

namespace cd4ml::ir {

/// Reads one line `%3 : float = call log1p_f(%1)` and appends its value; what is wrong stays in the reader.
void readValue(TextReader& reader, Graph& graph);

}  // namespace cd4ml::ir
