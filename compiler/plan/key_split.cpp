// Splits: method, shares, and the columns that place a row.
#include <fmt/format.h>

#include "compiler/plan/define.h"

namespace cd4ml::plan {

namespace {

std::string shareText(const ir::Split::Share& share) {
  if (share.rest) return "rest";
  if (share.duration_us != 0) return fmt::format("{} s", static_cast<double>(share.duration_us) / 1e6);
  return fmt::format("{} %", share.fraction * 100);
}

KeyPart setting(std::string_view name, const std::string& text) {
  return {.name = fmt::format("setting {}", name), .value = text, .shown = text};
}

}  // namespace

std::vector<KeyPart> describeSplit(const ir::Split& split) {
  std::vector<KeyPart> parts{setting("method", std::string(ir::methodText(split.method)))};
  if (split.method != ir::Split::Method::Time) parts.push_back(setting("seed", fmt::format("{}", split.seed)));
  if (split.folds > 0) parts.push_back(setting("folds", fmt::format("{}", split.folds)));
  if (split.fold >= 0) parts.push_back(setting("fold", fmt::format("{}", split.fold + 1)));
  parts.push_back(setting("gap", fmt::format("{} s", static_cast<double>(split.gap_us) / 1e6)));
  for (const ir::Split::Share& share : split.shares) parts.push_back(setting(ir::partText(share.part), shareText(share)));
  return parts;
}

}  // namespace cd4ml::plan
