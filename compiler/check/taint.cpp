#include "compiler/check/taint.h"

#include <algorithm>

#include <fmt/format.h>

namespace cd4ml::check {

const TaintRead* Taint::find(ir::SlotRef column) const {
  const auto it = std::ranges::lower_bound(reads, column, {}, &TaintRead::column);
  return it == reads.end() || it->column != column ? nullptr : &*it;
}

Taint taintOfSourceColumn(ir::SlotRef column, std::string_view name, Span declared) {
  Taint taint;
  taint.reads.push_back(
      {column, std::string(name), {{declared, fmt::format("`{}` is a column of the source", name)}}, false});
  return taint;
}

void mergeTaint(Taint& into, const Taint& from) {
  into.bits |= from.bits;
  for (const TaintRead& read : from.reads) {
    const auto it = std::ranges::lower_bound(into.reads, read.column, {}, &TaintRead::column);
    if (it == into.reads.end() || it->column != read.column) {
      into.reads.insert(it, read);
    } else if (read.by_rows != it->by_rows ? it->by_rows : read.path.size() < it->path.size()) {
      *it = read;
    }
  }
}

Taint taintOfRows(Taint taint) {
  for (TaintRead& read : taint.reads) read.by_rows = true;
  return taint;
}

Taint taintThrough(const Taint& taint, std::string_view defined_name, Span definition) {
  constexpr std::size_t longest = 12;  // a person reads no more; the first steps and the last are kept
  Taint out = taint;
  for (TaintRead& read : out.reads) {
    if (read.path.size() == longest) read.path.pop_back();
    read.path.push_back({definition, fmt::format("`{}` reads `{}`", defined_name, read.name)});
  }
  return out;
}

bool reportLeak(diag::Diagnostics& diagnostics, std::string_view feature_name, Span feature_span, const Taint& feature,
                const Taint& label, Span target_span, const std::vector<std::string>& known) {
  for (const TaintRead& read : feature.reads) {
    const TaintRead* leak = label.find(read.column);
    if (leak == nullptr || leak->by_rows || std::ranges::find(known, read.name) != known.end()) continue;
    auto& d = diagnostics.add(diag::Code::LabelLeak, feature_span,
                              fmt::format("feature `{}` reads `{}`, which the target reads for the same row", feature_name,
                                          read.name));
    d.labels.push_back({target_span, fmt::format("the target reads `{}`: it is a label column", read.name)});
    for (const TaintStep& step : leak->path) d.labels.push_back({step.span, step.text});
    for (const TaintStep& step : read.path) {
      const auto same = [&](const diag::Label& l) { return l.span == step.span; };
      if (std::ranges::none_of(d.labels, same)) d.labels.push_back({step.span, step.text});
    }
    std::erase_if(d.labels, [&](const diag::Label& l) { return l.span.empty() || l.span == feature_span; });
    d.help.push_back("a feature may use what is known before the label only; leave the column out");
    d.help.push_back(fmt::format("if `{0}` is known beforehand, say so: `target … known {0}`", read.name));
    return true;
  }
  return false;
}

}  // namespace cd4ml::check
