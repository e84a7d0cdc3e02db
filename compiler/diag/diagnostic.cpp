#include "compiler/diag/diagnostic.h"

#include <algorithm>
#include <map>
#include <array>
#include <cctype>
#include <numeric>
#include <tuple>

#include <fmt/format.h>

#include "base/internal_check.h"

namespace cd4ml::diag {

namespace {

struct Row {
  Code code;
  std::string_view name;
  Severity severity;
};

constexpr auto rows = std::to_array<Row>({
#define CD4ML_DIAGNOSTIC(number, enumerator, name, severity) {Code::enumerator, name, Severity::severity},
#include "compiler/diag/diagnostics.def"
#undef CD4ML_DIAGNOSTIC
});

const Row& rowOf(Code code) {
  const auto* row = std::find_if(rows.begin(), rows.end(), [code](const Row& r) { return r.code == code; });
  CD4ML_CHECK(row != rows.end());
  return *row;
}

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

/// Edit distance with swaps of neighbours (optimal string alignment), letter case ignored.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> here(b.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    here[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      here[j] = std::min({above[j] + 1, here[j - 1] + 1, above[j - 1] + (same ? 0U : 1U)});
      const bool swapped =
          i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) here[j] = std::min(here[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, here);
  }
  return above[b.size()];
}

}  // namespace

std::string codeText(Code code) { return fmt::format("CD{:04}", static_cast<unsigned>(code)); }

std::string_view codeName(Code code) { return rowOf(code).name; }

Severity severityOf(Code code) { return rowOf(code).severity; }

std::optional<Code> findCode(std::string_view name) {
  const auto* row = std::find_if(rows.begin(), rows.end(), [name](const Row& r) { return r.name == name; });
  return row == rows.end() ? std::nullopt : std::optional(row->code);
}

std::vector<Code> allCodes() {
  std::vector<Code> codes;
  codes.reserve(rows.size());
  for (const Row& row : rows) codes.push_back(row.code);
  return codes;
}

Diagnostic& Diagnostics::add(Code code, Span span, std::string message) {
  for (Diagnostic& known : all_) {
    if (known.code != code || known.span != span) continue;
    // The caller goes on to fill what it got; that must not add labels to the first report.
    repeat_ = Diagnostic{.code = code, .message = std::move(message), .span = span};
    return repeat_;
  }
  all_.push_back(Diagnostic{.code = code, .message = std::move(message), .span = span});
  return all_.back();
}

bool Diagnostics::hasErrors() const {
  return std::any_of(all_.begin(), all_.end(), [](const Diagnostic& d) { return severityOf(d.code) == Severity::Error; });
}

void Diagnostics::labelSince(std::size_t first, Span place, const std::string& text) {
  for (std::size_t i = first; i < all_.size(); ++i) {
    Diagnostic& d = all_[i];
    const bool inside = d.span.file == place.file && d.span.begin >= place.begin && d.span.end <= place.end;
    const bool labelled = std::any_of(d.labels.begin(), d.labels.end(), [&](const Label& label) { return label.span == place; });
    if (!inside && !labelled) d.labels.push_back({place, text});
  }
}

void Diagnostics::sort() {
  const auto key = [](const Diagnostic& d) { return std::tuple(d.span.file, d.span.begin, d.span.end, d.code); };
  std::stable_sort(all_.begin(), all_.end(), [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
  mergeRepeats();
}

void Diagnostics::mergeRepeats() {
  std::map<std::pair<Code, std::string>, std::size_t> first;
  std::vector<Diagnostic> kept;
  for (Diagnostic& each : all_) {
    const bool once = each.code == Code::UnknownName || !each.cause.empty();
    const std::pair key = each.cause.empty() ? std::pair(each.code, each.message) : std::pair(Code{}, each.cause);
    const auto [known, is_new] = first.try_emplace(key, kept.size());
    if (!once || is_new) {
      kept.push_back(std::move(each));
    } else if (each.span.file == kept[known->second].span.file) {
      kept[known->second].labels.push_back({each.span, "and here"});
    }
  }
  all_ = std::move(kept);
}

std::vector<std::string> nearest(std::string_view name, const std::vector<std::string>& candidates, std::size_t limit) {
  struct Scored {
    std::size_t distance;
    const std::string* candidate;
  };
  std::vector<Scored> scored;
  for (const std::string& candidate : candidates) {
    const std::size_t allowed = std::max<std::size_t>(1, std::max(name.size(), candidate.size()) / 3);
    const std::size_t longer = std::max(name.size(), candidate.size());
    const std::size_t shorter = std::min(name.size(), candidate.size());
    if (name.empty() || longer - shorter > allowed) continue;
    const std::size_t d = distance(name, candidate);
    if (d <= allowed && d < longer) scored.push_back({d, &candidate});
  }
  std::sort(scored.begin(), scored.end(), [](const Scored& a, const Scored& b) {
    return std::tie(a.distance, *a.candidate) < std::tie(b.distance, *b.candidate);
  });
  std::vector<std::string> best;
  for (const Scored& s : scored) {
    if (best.size() == limit) break;
    if (std::find(best.begin(), best.end(), *s.candidate) == best.end()) best.push_back(*s.candidate);
  }
  return best;
}

}  // namespace cd4ml::diag
