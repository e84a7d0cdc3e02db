#include "runtime/monitor/windows.h"

#include <map>
#include <numeric>

#include "base/digest.h"

namespace cd4ml::monitor {

namespace {

constexpr std::int64_t week_us = 7LL * 24 * 3600 * 1'000'000;
constexpr std::int64_t monday_us = 4LL * 24 * 3600 * 1'000'000;  ///< the first Monday after 1970-01-01, a Thursday

std::int64_t floorDivide(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && a < 0 ? 1 : 0); }

}  // namespace

std::vector<Window> cutWindows(std::span<const std::int64_t> times, std::int64_t length_us) {
  std::vector<Window> out;
  if (times.empty()) return out;
  if (length_us <= 0) {
    out.emplace_back();
    out[0].rows.resize(times.size());
    std::iota(out[0].rows.begin(), out[0].rows.end(), 0);
    return out;
  }
  const std::int64_t offset = length_us % week_us == 0 ? monday_us : 0;
  std::map<std::int64_t, Window> by_place;
  for (std::size_t r = 0; r < times.size(); ++r) {
    if (times[r] == no_time) continue;
    const std::int64_t place = floorDivide(times[r] - offset, length_us);
    Window& window = by_place[place];
    window.from_us = place * length_us + offset;
    window.to_us = window.from_us + length_us;
    window.rows.push_back(static_cast<std::int32_t>(r));
  }
  for (auto& [place, window] : by_place) out.push_back(std::move(window));
  return out;
}

std::string windowId(const std::string& monitor, const std::string& model, const std::string& origin, const Window& window) {
  Hasher hasher("cd4ml monitor window 1");
  hasher.string(monitor).string(model).string(origin).string(std::to_string(window.from_us)).string(std::to_string(window.to_us));
  return "w-" + hasher.finish().hex().substr(0, 24);
}

}  // namespace cd4ml::monitor
