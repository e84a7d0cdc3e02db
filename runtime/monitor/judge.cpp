#include "runtime/monitor/judge.h"

#include <algorithm>
#include <array>
#include <map>

#include "runtime/monitor/false_discovery.h"

namespace cd4ml::monitor {

std::string_view verdictText(Verdict verdict) {
  constexpr std::array<std::string_view, 4> texts{"ok", "insufficient", "warn", "alarm"};
  return texts[static_cast<std::size_t>(verdict)];
}

void judgeTogether(std::span<Judged> comparisons) {
  std::map<std::uint32_t, std::vector<std::size_t>> families;
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    if (comparisons[i].comparable) families[comparisons[i].family].push_back(i);
  }
  for (const auto& [family, members] : families) {
    std::vector<double> p;
    for (const std::size_t i : members) p.push_back(comparisons[i].comparison.p);
    const std::vector<double> adjusted = adjustBenjaminiHochberg(p);
    for (std::size_t k = 0; k < members.size(); ++k) {
      Judged& one = comparisons[members[k]];
      one.p_adjusted = std::min(1.0, adjusted[k] * caution * static_cast<double>(families.size()));
      const bool alarm = one.p_adjusted < one.alpha && one.comparison.effect >= one.least_effect;
      one.verdict = alarm ? Verdict::Alarm : Verdict::Ok;
    }
  }
}

}  // namespace cd4ml::monitor
