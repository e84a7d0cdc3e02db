/// Windows of time that do not overlap: whole multiples of their length since 1970, weeks from Monday.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace cd4ml::monitor {

/// A row without a time.
constexpr std::int64_t no_time = std::numeric_limits<std::int64_t>::min();

struct Window {
  std::int64_t from_us = no_time;  ///< no_time: all rows are one window
  std::int64_t to_us = no_time;
  std::vector<std::int32_t> rows;  ///< rising
};

/// The windows that have rows, rising. Rows without a time are in none. Length 0: one window of all rows.
[[nodiscard]] std::vector<Window> cutWindows(std::span<const std::int64_t> times, std::int64_t length_us);

/// What a window is known by: of this monitor, this baseline, these rows' origin, this time. "w-" and 24 hex digits.
[[nodiscard]] std::string windowId(const std::string& monitor, const std::string& model, const std::string& origin, const Window& window);

}  // namespace cd4ml::monitor
