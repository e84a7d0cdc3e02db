#include "runtime/report/tone.h"

#include <array>

#include "base/internal_check.h"

namespace cd4ml::report {

namespace {

struct Row { std::string_view verdict; Tone tone; std::string_view words; };

constexpr std::array rows{
    Row{"pass", Tone::Good, "holds"},           Row{"ok", Tone::Good, "ok"},
    Row{"fail", Tone::Bad, "does not hold"},    Row{"held", Tone::Bad, "held back"},
    Row{"alarm", Tone::Bad, "alarm"},           Row{"failed", Tone::Bad, "failed"},
    Row{"warn", Tone::Warning, "warning"},      Row{"inconclusive", Tone::Warning, "undecided"},
    Row{"skipped", Tone::Warning, "skipped"},   Row{"cancelled", Tone::Warning, "cancelled"},
    Row{"first_release", Tone::Neutral, "first release"}, Row{"insufficient", Tone::Neutral, "too little data"},
    Row{"ran", Tone::Good, "ran"},              Row{"cached", Tone::Neutral, "reused"},
};

const Row* find(std::string_view verdict) {
  for (const Row& row : rows) {
    if (row.verdict == verdict) return &row;
  }
  return nullptr;
}

}  // namespace

Tone toneOf(std::string_view verdict) {
  const Row* row = find(verdict);
  return row == nullptr ? Tone::Neutral : row->tone;
}

std::string_view words(std::string_view verdict) {
  const Row* row = find(verdict);
  return row == nullptr ? verdict : row->words;
}

std::string_view toneClass(Tone tone) {
  switch (tone) {
    case Tone::Good: return "good";
    case Tone::Warning: return "warning";
    case Tone::Bad: return "bad";
    case Tone::Neutral: return "neutral";
  }
  CD4ML_UNREACHABLE("Tone");
}

std::string_view mark(Tone tone) {
  switch (tone) {
    case Tone::Good: return "✓";
    case Tone::Warning: return "!";
    case Tone::Bad: return "✕";
    case Tone::Neutral: return "○";
  }
  CD4ML_UNREACHABLE("Tone");
}

}  // namespace cd4ml::report
