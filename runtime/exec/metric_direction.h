/// Which way a metric of stdlib/metrics.def gets better.
#pragma once

#include <cstdint>
#include <string_view>

namespace cd4ml::exec {

enum class Direction : std::uint8_t { Higher, Lower, Neither, Table };

/// Neither for a name that is no row (an expression of the user's).
[[nodiscard]] Direction directionOf(std::string_view metric);

}  // namespace cd4ml::exec
