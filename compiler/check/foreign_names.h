/// Functions and values of SQL, Python and R that people write by habit, with what cd4ml has in their place.
#pragma once

#include <string>
#include <string_view>

#include "compiler/diag/diagnostic.h"

namespace cd4ml::check {

/// Completes the report of an unknown name with what is meant; false if the name is none of these.
bool helpWithForeignValue(diag::Diagnostic& diagnostic, std::string_view name);
/// The same for the report of an unknown function; `place` is its name's.
bool helpWithForeignFunction(diag::Diagnostic& diagnostic, std::string_view name, Span place);

}  // namespace cd4ml::check
