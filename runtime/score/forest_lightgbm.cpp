#include "runtime/score/forest_lightgbm.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "runtime/score/forest_check.h"

namespace cd4ml::score {

namespace {

Error problem(std::string what) { return makeError("CD5504", "not a LightGBM model: " + std::move(what)); }

/// The `key=value` lines of one block, which ends at an empty line.
using Block = std::map<std::string_view, std::string_view>;

std::string_view takeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

Block takeBlock(std::string_view& text) {
  Block block;
  while (!text.empty()) {
    const std::string_view line = takeLine(text);
    if (line.empty()) break;
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) block.emplace(line, std::string_view{});
    else block.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return block;
}

template <class T>
std::optional<T> readNumber(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Exactly `count` numbers separated by single spaces.
template <class T>
std::optional<std::vector<T>> readList(const Block& block, std::string_view key, std::size_t count) {
  const auto found = block.find(key);
  if (found == block.end()) return std::nullopt;
  std::string_view text = found->second;
  if (text.size() + 1 < 2 * count) return std::nullopt;
  std::vector<T> list;
  list.reserve(count);
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const auto value = readNumber<T>(text.substr(0, space));
    if (!value || list.size() == count) return std::nullopt;
    list.push_back(*value);
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  if (list.size() != count) return std::nullopt;
  return list;
}

template <class T>
std::optional<T> readField(const Block& block, std::string_view key) {
  const auto found = block.find(key);
  return found == block.end() ? std::nullopt : readNumber<T>(found->second);
}

/// The sets of a tree's categorical splits, appended to the forest's.
struct TreeSets {
  std::vector<std::uint32_t> bounds;
  std::uint32_t begin = 0;
};

std::optional<TreeSets> readSets(const Block& block, std::size_t count, Forest& forest) {
  TreeSets sets{.bounds = {0}, .begin = static_cast<std::uint32_t>(forest.sets.size())};
  if (count == 0) return sets;
  const auto bounds = readList<std::uint32_t>(block, "cat_boundaries", count + 1);
  if (!bounds || (*bounds)[0] != 0 || !std::is_sorted(bounds->begin(), bounds->end())) return std::nullopt;
  const auto words = readList<std::uint32_t>(block, "cat_threshold", bounds->back());
  if (!words) return std::nullopt;
  sets.bounds = *bounds;
  forest.sets.insert(forest.sets.end(), words->begin(), words->end());
  return sets;
}

std::optional<Missing> missingOf(int decision) {
  switch ((decision >> 2) & 3) {
    case 0: return Missing::None;
    case 1: return Missing::Zero;
    case 2: return Missing::NaN;
    case 3: return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Split> makeSplit(std::uint32_t feature, int decision, double threshold, const TreeSets& sets) {
  const auto missing = missingOf(decision);
  if (!missing || decision < 0 || decision > 15) return std::nullopt;
  Split split{.feature = feature, .categorical = (decision & 1) != 0, .default_left = (decision & 2) != 0, .missing = *missing};
  if (!split.categorical) {
    split.threshold = threshold;
    return split;
  }
  const auto index = static_cast<std::size_t>(threshold);
  if (threshold < 0 || static_cast<double>(index) != threshold || index + 1 >= sets.bounds.size()) return std::nullopt;
  split.set_begin = sets.begin + sets.bounds[index];
  split.set_end = sets.begin + sets.bounds[index + 1];
  return split;
}

std::optional<Tree> readTree(const Block& block, Forest& forest) {
  const auto leaves = readField<std::uint32_t>(block, "num_leaves");
  const auto categories = readField<std::uint32_t>(block, "num_cat");
  if (!leaves || *leaves == 0 || !categories || readField<int>(block, "is_linear") != 0) return std::nullopt;
  auto values = readList<double>(block, "leaf_value", *leaves);
  if (!values) return std::nullopt;
  Tree tree{.splits = {}, .leaves = std::move(*values)};
  const std::size_t count = *leaves - 1;
  if (count == 0) return tree;
  const auto feature = readList<std::uint32_t>(block, "split_feature", count);
  const auto threshold = readList<double>(block, "threshold", count);
  const auto decision = readList<int>(block, "decision_type", count);
  const auto left = readList<std::int32_t>(block, "left_child", count);
  const auto right = readList<std::int32_t>(block, "right_child", count);
  if (!feature || !threshold || !decision || !left || !right) return std::nullopt;
  const auto sets = readSets(block, *categories, forest);
  if (!sets) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i) {
    auto split = makeSplit((*feature)[i], (*decision)[i], (*threshold)[i], *sets);
    if (!split) return std::nullopt;
    split->left = (*left)[i];
    split->right = (*right)[i];
    tree.splits.push_back(*split);
  }
  return tree;
}

}  // namespace

Result<Forest> readLightgbm(std::string_view text) {
  const Block head = takeBlock(text);
  if (!head.contains("tree")) return problem("it does not begin with `tree`");
  if (const auto version = head.find("version"); version == head.end() || version->second != "v4") return problem("its version is not v4");
  const auto last_feature = readField<std::uint32_t>(head, "max_feature_idx");
  const auto outputs = readField<std::uint32_t>(head, "num_tree_per_iteration");
  if (!last_feature || !outputs || *outputs == 0 || *outputs > 1'000'000) return problem("its head is incomplete");
  Forest forest{.features = *last_feature + 1, .outputs = *outputs, .trees = {}, .sets = {}, .divisor = 1, .base = std::vector<double>(*outputs, 0.0)};
  while (text.starts_with("Tree=")) {
    const Block block = takeBlock(text);
    while (text.starts_with('\n')) text.remove_prefix(1);
    auto tree = readTree(block, forest);
    if (!tree) return problem(fmt::format("tree {} is malformed or of a kind that is not known", forest.trees.size()));
    forest.trees.push_back(std::move(*tree));
  }
  if (!text.starts_with("end of trees")) return problem("it ends before its trees do");
  if (head.contains("average_output")) forest.divisor = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(forest.trees.size()) / forest.outputs);
  if (std::string what = verifyForest(forest); !what.empty()) return problem(what);
  return forest;
}

}  // namespace cd4ml::score
