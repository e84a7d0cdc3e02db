/// Reads LightGBM's text model format (version v4) into Forest IR. Strict: what it does not know it refuses.
#pragma once

#include <string_view>

#include "base/result.h"
#include "runtime/score/forest.h"

namespace cd4ml::score {

/// The forest of a model text; an Error (CD5504) names what is wrong.
[[nodiscard]] Result<Forest> readLightgbm(std::string_view text);

}  // namespace cd4ml::score
