#include "compiler/check/taint.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace cd4ml::check {

const TaintRead* Taint::find(ir::SlotRef column) const {
  const auto it = std::ranges::lower_bound(reads, column, {}, &TaintRead::column);
  return it == reads.end() || it->column != column ? nullptr : &*it;
}

Taint taintOfSourceColumn(ir::SlotRef column, std::string_view name, Span declared) {
  Taint taint;
  taint.reads.push_back(
      {column, std::string(name), {{declared, fmt::format("`{}` is a column of the source", name)}}});
  return taint;
}

namespace {

/// How much a read gives away: the row itself most, then rows close before it.
auto strength(const TaintRead& read) {
  const int of = read.of == TaintRead::Of::Row ? 0 : read.of == TaintRead::Of::Earlier ? 1 : 2;
  return std::tuple(of, read.gap_us, read.by_rows, read.path.size());
}

constexpr std::size_t longest_path = 12;  // a person reads no more; the first steps and the last are kept

void addStep(std::vector<TaintStep>& path, TaintStep step) {
  if (path.size() == longest_path) path.pop_back();
  path.push_back(std::move(step));
}

}  // namespace

void setUnavailable(Taint& taint, std::vector<TaintStep> path) {
  if (taint.unavailable_path.empty()) taint.unavailable_path = std::move(path);
}

void mergeTaint(Taint& into, const Taint& from) {
  into.bits |= from.bits;
  if (from.looks_ahead && (!into.looks_ahead || from.ahead_us > into.ahead_us)) {
    into.looks_ahead = true;
    into.ahead_us = from.ahead_us;
    into.ahead_path = from.ahead_path;
  }
  if (into.unavailable_path.empty()) into.unavailable_path = from.unavailable_path;
  for (const TaintRead& read : from.reads) {
    const auto it = std::ranges::lower_bound(into.reads, read.column, {}, &TaintRead::column);
    if (it == into.reads.end() || it->column != read.column) {
      into.reads.insert(it, read);
    } else if (strength(read) < strength(*it)) {
      *it = read;
    }
  }
}

Taint taintOfRows(Taint taint) {
  for (TaintRead& read : taint.reads) read.by_rows = true;
  return taint;
}

Taint taintOfEarlier(Taint taint, std::int64_t gap_us) {
  for (TaintRead& read : taint.reads) {
    read.gap_us = (read.of == TaintRead::Of::Earlier ? read.gap_us : 0) + gap_us;
    read.of = TaintRead::Of::Earlier;
  }
  if (!taint.looks_ahead) return taint;
  taint.ahead_us -= gap_us;
  if (taint.ahead_us > 0 || gap_us == 0) return taint;
  taint.looks_ahead = false;  // it was known by then
  taint.ahead_us = 0;
  taint.ahead_path.clear();
  return taint;
}

Taint taintOfLater(Taint taint, std::int64_t reach_us, Span window) {
  for (TaintRead& read : taint.reads) {
    read.of = TaintRead::Of::Later;
    read.gap_us = 0;
  }
  taint.looks_ahead = true;
  taint.ahead_us += reach_us;
  if (taint.ahead_path.empty()) taint.ahead_path.push_back({window, "this reads rows after the row itself"});
  return taint;
}

Taint taintThrough(const Taint& taint, std::string_view defined_name, Span definition) {
  Taint out = taint;
  for (TaintRead& read : out.reads) addStep(read.path, {definition, fmt::format("`{}` reads `{}`", defined_name, read.name)});
  if (!out.unavailable_path.empty()) addStep(out.unavailable_path, {definition, fmt::format("`{}` reads it", defined_name)});
  if (out.looks_ahead) addStep(out.ahead_path, {definition, fmt::format("`{}` looks ahead through it", defined_name)});
  return out;
}

namespace {

void labelPath(diag::Diagnostic& d, const std::vector<TaintStep>& path) {
  for (const TaintStep& step : path) {
    const auto same = [&](const diag::Label& l) { return l.span == step.span; };
    if (std::ranges::none_of(d.labels, same)) d.labels.push_back({step.span, step.text});
  }
}

void finishLabels(diag::Diagnostic& d, Span feature) {
  std::erase_if(d.labels, [&](const diag::Label& l) { return l.span.empty() || l.span == feature; });
}

std::string durationText(std::int64_t us) {
  constexpr std::pair<std::int64_t, const char*> units[] = {{86'400'000'000, "d"}, {3'600'000'000, "h"}, {60'000'000, "min"}, {1'000'000, "s"}, {1'000, "ms"}};
  for (const auto& [unit, name] : units) {
    if (us % unit == 0) return fmt::format("{}{}", us / unit, name);
  }
  return fmt::format("{}us", us);
}

void reportOwn(diag::Diagnostic& d, const TaintRead& read) {
  d.help.push_back("a feature may use what is known before the label only; leave the column out");
  d.help.push_back(fmt::format("if `{0}` is known beforehand, say so: `target … known {0}`", read.name));
}

diag::Diagnostic& addLeak(diag::Diagnostics& diagnostics, std::string_view name, Span span, const TaintRead& read, const Labels& labels) {
  using diag::Code;
  if (read.of == TaintRead::Of::Row) {
    diag::Diagnostic& d = diagnostics.add(Code::LabelLeak, span, fmt::format("feature `{}` reads `{}`, which the target reads for the same row", name, read.name));
    reportOwn(d, read);
    return d;
  }
  if (read.gap_us < labels.after_us) {
    const std::string after = durationText(labels.after_us);
    diag::Diagnostic& d = diagnostics.add(Code::LabelNotKnownYet, span,
                                          fmt::format("feature `{}` reads `{}` of rows whose label is not known yet: that takes {}, the window {}", name, read.name, after,
                                                      read.gap_us == 0 ? "comes up to the row" : fmt::format("keeps {} away", durationText(read.gap_us))));
    d.help.push_back(fmt::format("keep away from them: `gap {0}`, `lag(…, {0})`, `asof … ahead {0}`", after));
    return d;
  }
  diag::Diagnostic& d = diagnostics.add(Code::LabelOfOtherPart, span,
                                        fmt::format("feature `{}` reads `{}` of earlier rows, which may be rows of another part", name, read.name));
  d.help.push_back("labels of earlier rows go with a split in time only: `split … by time`");
  return d;
}

}  // namespace

namespace {

bool reportUnavailable(diag::Diagnostics& diagnostics, std::string_view feature_name, Span feature_span, const Taint& feature) {
  if (feature.unavailable_path.empty()) return false;
  auto& d = diagnostics.add(diag::Code::KnownLater, feature_span, fmt::format("feature `{}` reads rows that may become known only after its own", feature_name));
  labelPath(d, feature.unavailable_path);
  finishLabels(d, feature_span);
  d.help.push_back("write `asof` in place of `join`: it takes the latest row that is known at the row's time");
  d.help.push_back("a plain join to it may feed `target` and `weight`");
  return true;
}

}  // namespace

bool reportNotKnown(diag::Diagnostics& diagnostics, std::string_view feature_name, Span feature_span, const Taint& feature) {
  if (reportUnavailable(diagnostics, feature_name, feature_span, feature)) return true;
  if (!feature.looks_ahead) return false;
  auto& d = diagnostics.add(diag::Code::FeatureLooksAhead, feature_span, fmt::format("feature `{}` looks ahead of its row", feature_name));
  labelPath(d, feature.ahead_path);
  finishLabels(d, feature_span);
  d.help.push_back("`next` and `lead` stand where they reach nothing but the target or the weight");
  return true;
}

bool reportLeak(diag::Diagnostics& diagnostics, std::string_view feature_name, Span feature_span, const Taint& feature, const Labels& labels) {
  if (reportNotKnown(diagnostics, feature_name, feature_span, feature)) return true;
  for (const TaintRead& read : feature.reads) {
    const TaintRead* leak = labels.target.find(read.column);
    if (leak == nullptr || leak->by_rows || leak->of != TaintRead::Of::Row) continue;
    if (std::ranges::find(labels.known, read.name) != labels.known.end()) continue;
    const bool known_by_then = read.of != TaintRead::Of::Row && read.gap_us >= labels.after_us && labels.earlier_rows_train;
    if (known_by_then) continue;
    diag::Diagnostic& d = addLeak(diagnostics, feature_name, feature_span, read, labels);
    d.labels.push_back({labels.target_span, fmt::format("the target reads `{}`: it is a label column", read.name)});
    for (const TaintStep& step : leak->path) d.labels.push_back({step.span, step.text});
    labelPath(d, read.path);
    finishLabels(d, feature_span);
    return true;
  }
  return false;
}

}  // namespace cd4ml::check
