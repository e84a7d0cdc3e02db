/// Diagnostics for a person at a terminal: the line of the program, every label under it, help and fixes.
///
/// A pure function; with `Colour::Plain` the text holds no escape sequence. Each diagnostic ends with an empty line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/diag/diagnostic.h"
#include "compiler/source/source_map.h"

namespace cd4ml::diag {

enum class Colour : std::uint8_t { Plain, Ansi };

[[nodiscard]] std::string renderText(const std::vector<Diagnostic>& diagnostics, const source::SourceMap& sources, Colour colour);
/// A failure of a run in the same form; its causes are lines of their own.
[[nodiscard]] std::string renderErrorText(const Error& error, const source::SourceMap& sources, Colour colour);
/// "2 errors, 1 warning", or nothing.
[[nodiscard]] std::string summaryOf(const std::vector<Diagnostic>& diagnostics);

}  // namespace cd4ml::diag
