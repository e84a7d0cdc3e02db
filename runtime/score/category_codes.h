/// Codes of one dictionary as codes of another.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/score/column_view.h"

namespace cd4ml::score {

/// For each level of `from` its index in `levels`, or -1.
[[nodiscard]] std::vector<std::int32_t> mapLevels(const Dictionary& from, const std::vector<std::string>& levels);

}  // namespace cd4ml::score
