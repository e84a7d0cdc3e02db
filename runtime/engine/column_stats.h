/// Statistics of one column for people: counts, range, mean, a small histogram or the most frequent values.
#pragma once

#include <nlohmann/json.hpp>

#include "runtime/data/column.h"

namespace cd4ml::engine {

/// {"nulls","min","max","mean","std","histogram":[counts of 20 equal bins]} or
/// {"nulls","distinct","top":[{"value","rows"}]}.
[[nodiscard]] nlohmann::ordered_json columnStats(const data::Column& column);
/// One value as JSON: number, text, true, false, null; NaN and infinities as texts.
[[nodiscard]] nlohmann::ordered_json jsonValue(const data::Column& column, std::int64_t row);

}  // namespace cd4ml::engine
