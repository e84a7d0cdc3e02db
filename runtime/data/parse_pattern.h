/// Reads a date or time by a pattern (compiler/ir/date_pattern.h).
///
/// `%d %m %H %I %M %S %j` take one digit up to their width, `%Y` four, `%y` two (69 to 99 are of the twentieth
/// century); names are English, in any letter case; a blank of the pattern stands for one or more. The day must be one
/// of the calendar, the whole text must be taken.
#pragma once

#include <optional>
#include <string_view>

#include "compiler/ir/date_pattern.h"
#include "runtime/data/parse_value.h"

namespace cd4ml::data {

[[nodiscard]] std::optional<LocalTime> parseByPattern(const ir::DatePattern& pattern, std::string_view text);

}  // namespace cd4ml::data
