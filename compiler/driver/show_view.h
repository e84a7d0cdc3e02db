/// Renders what the engine's `show` answers: rows, column statistics with small histograms, a model, parts, metrics.
#pragma once

#include <string>

#include "compiler/driver/console.h"
#include "runtime/track/json.h"

namespace cd4ml::driver {

enum class ShowAs : std::uint8_t { Rows, Statistics };

/// {"rows_total","columns":[…],"rows":[[…]]}
[[nodiscard]] std::string renderRows(const track::Json& answer, ShowAs as, const Console& console);
/// The JSON of a model's slot.
[[nodiscard]] std::string renderModel(const std::string& name, const track::Json& model, const Console& console);
/// The JSON of a split's slot.
[[nodiscard]] std::string renderParts(const track::Json& parts, const Console& console);

}  // namespace cd4ml::driver
