/// What verdicts mean: colour class, mark and words.
#pragma once

#include <string_view>

#include "runtime/report/report.h"

namespace cd4ml::report {

[[nodiscard]] Tone toneOf(std::string_view verdict);
/// Class of the style sheet.
[[nodiscard]] std::string_view toneClass(Tone tone);
/// A mark that needs no colour.
[[nodiscard]] std::string_view mark(Tone tone);
/// "first_release" → "first release".
[[nodiscard]] std::string_view words(std::string_view verdict);

}  // namespace cd4ml::report
