#include "runtime/score/category_codes.h"

#include <string_view>
#include <unordered_map>

namespace cd4ml::score {

std::vector<std::int32_t> mapLevels(const Dictionary& from, const std::vector<std::string>& levels) {
  std::unordered_map<std::string_view, std::int32_t> index;
  index.reserve(levels.size());
  for (std::size_t i = 0; i < levels.size(); ++i) index.emplace(levels[i], static_cast<std::int32_t>(i));
  std::vector<std::int32_t> map;
  map.reserve(from.levels.size());
  for (const std::string_view level : from.levels) {
    const auto found = index.find(level);
    map.push_back(found == index.end() ? -1 : found->second);
  }
  return map;
}

}  // namespace cd4ml::score
