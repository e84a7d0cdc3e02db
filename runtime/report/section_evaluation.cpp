// How good the model is: whole, against the champion, in groups, and whether its probabilities can be believed.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "runtime/report/sections.h"
#include "runtime/report/table.h"
#include "runtime/report/text.h"

namespace cd4ml::report {

namespace {

constexpr std::size_t most_slices = 100;

std::string_view directionText(Better better) {
  switch (better) {
    case Better::Higher: return "higher is better";
    case Better::Lower: return "lower is better";
    case Better::Neither: return "";
  }
  return "";
}

/// Relative gain, above 0 where the challenger is better; nothing where neither is.
std::optional<double> gainOf(const Metric& metric) {
  if (!metric.value || !metric.champion || metric.better == Better::Neither) return std::nullopt;
  const double difference = metric.better == Better::Higher ? *metric.value - *metric.champion : *metric.champion - *metric.value;
  const double size = std::max(std::fabs(*metric.champion), 1e-12);
  return std::isfinite(difference) ? std::optional(difference / size) : std::nullopt;
}

std::string signedNumber(double value) { return value > 0 ? "+" + number(value) : number(value); }

std::string metricName(const Metric& metric) {
  const std::string_view direction = directionText(metric.better);
  return fmt::format("{}{}", escape(metric.name), direction.empty() ? "" : fmt::format(" <span class=\"small\">{}</span>", direction));
}

std::string plainTable(const Evaluation& evaluation) {
  Table table(fmt::format("Metrics of {} on the {} part", evaluation.model, evaluation.part),
              {{TableColumn::Kind::Text, "Metric"}, {TableColumn::Kind::Number, "Value"}, {TableColumn::Kind::Number, "Rows"}, {TableColumn::Kind::Text, "Remark"}}, Narrow::Cards);
  for (const Metric& metric : evaluation.metrics) {
    table.row({metricName(metric), number(metric.value), grouped(metric.rows), metric.reason.empty() ? "" : fmt::format("<span class=\"small\">{}</span>", escape(metric.reason))});
  }
  return table.finish();
}

std::string comparedTable(const Evaluation& evaluation) {
  double most = 0.01;  // Less than one per cent looks like little.
  for (const Metric& metric : evaluation.compared) most = std::max(most, std::fabs(gainOf(metric).value_or(0)));
  Table table(fmt::format("{} against {}, {}", evaluation.model, evaluation.champion, evaluation.rows_note),
              {{TableColumn::Kind::Text, "Metric"}, {TableColumn::Kind::Number, "Champion"}, {TableColumn::Kind::Number, "Challenger"}, {TableColumn::Kind::Number, "Difference"},
               {TableColumn::Kind::Picture, "Worse · better"}, {TableColumn::Kind::Text, "Reading"}},
              Narrow::Cards);
  for (const Metric& metric : evaluation.compared) {
    const std::optional<double> gain = gainOf(metric);
    const bool both = metric.value && metric.champion;
    const std::string reading = !metric.reason.empty() ? escape(metric.reason) : !gain ? "" : std::fabs(*gain) < 1e-9 ? "the same" : fmt::format("{} {}", percent(std::fabs(*gain)), *gain > 0 ? "better" : "worse");
    table.row({metricName(metric), number(metric.champion), number(metric.value), both ? signedNumber(*metric.value - *metric.champion) : "", gain ? changeSpark(*gain, most) : "",
               reading.empty() ? "" : fmt::format("<span class=\"small\">{}</span>", reading)});
  }
  return table.finish();
}

std::string slicesTable(const Slices& slices) {
  std::vector<Slices::Slice> shown = slices.slices;
  const double sign = slices.better == Better::Lower ? -1 : 1;
  const auto badness = [&](const Slices::Slice& slice) { return slice.value && !std::isnan(*slice.value) ? sign * *slice.value : INFINITY; };
  std::stable_sort(shown.begin(), shown.end(), [&](const auto& a, const auto& b) { return badness(a) < badness(b); });
  const std::size_t left_out = shown.size() > most_slices ? shown.size() - most_slices : 0;
  shown.resize(shown.size() - left_out);
  double low = slices.whole.value_or(INFINITY), high = slices.whole.value_or(-INFINITY);
  for (const auto& slice : shown) {
    if (!slice.value || !std::isfinite(*slice.value)) continue;
    low = std::min(low, *slice.value);
    high = std::max(high, *slice.value);
  }
  Table table(fmt::format("{} by {}, worst first{}", slices.metric, slices.by, left_out > 0 ? fmt::format("; {} more are left out", left_out) : ""),
              {{TableColumn::Kind::Text, slices.by}, {TableColumn::Kind::Number, slices.metric}, {TableColumn::Kind::Picture, "Against the whole"}, {TableColumn::Kind::Number, "Rows"},
               {TableColumn::Kind::Text, "Remark"}},
              Narrow::Scrolls, Order::Sortable);
  for (const auto& slice : shown) {
    table.row({escape(shortened(slice.label, 60)), number(slice.value), slice.value && high > low ? rangeSpark(*slice.value, low, high, slices.whole) : "", grouped(slice.rows),
               slice.reason.empty() ? "" : fmt::format("<span class=\"small\">{}</span>", escape(slice.reason))});
  }
  return table.finish();
}

std::string calibrationPart(const Evaluation& evaluation, Ids& ids) {
  if (!evaluation.calibration || evaluation.calibration->bins.empty()) return {};
  Table table(fmt::format("What {} promised and what came true, on the {} part", evaluation.model, evaluation.part),
              {{TableColumn::Kind::Text, "Probability"}, {TableColumn::Kind::Number, "Promised"}, {TableColumn::Kind::Number, "Came true"}, {TableColumn::Kind::Number, "Rows"}}, Narrow::Scrolls);
  for (const Calibration::Bin& bin : evaluation.calibration->bins) {
    table.row({fmt::format("{:.0f} – {:.0f} %", bin.low * 100, bin.high * 100), percent(bin.predicted), percent(bin.observed), number(bin.rows)});
  }
  return "<h3>Can its probabilities be believed?</h3>\n" +
         paragraph("Where the model says 30 %, it should be right three times in ten: then the points lie on the dashed line. Below it the model promises too much, above it too little.", "note") +
         fmt::format("<div class=\"side\"><figure>{}</figure><div>{}</div></div>\n", calibrationChart(*evaluation.calibration, "Calibration of " + evaluation.model, ids), table.finish());
}

}  // namespace

std::string evaluationSection(const Report& report, Ids& ids) {
  std::string body;
  for (const Evaluation& evaluation : report.evaluations) {
    if (report.evaluations.size() > 1) body += fmt::format("<h3>{}</h3>\n", escape(evaluation.name));
    if (evaluation.in_sample) body += paragraph("Measured on rows that the model was fitted on: it will do worse on new ones.", "note");
    body += plainTable(evaluation);
    if (!evaluation.compared.empty()) body += "<h3>Against the champion</h3>\n" + comparedTable(evaluation);
    body += calibrationPart(evaluation, ids);
    for (const Slices& slices : evaluation.slices) {
      body += fmt::format("<h3>{} by {}</h3>\n", escape(slices.metric), escape(slices.by)) + slicesTable(slices);
    }
    if (!evaluation.slices.empty()) body += "<ul class=\"key\"><li><i class=\"now\"></i>the group</li><li><i class=\"at\"></i>all rows</li></ul>\n";
  }
  return section("model", "How good the model is", body);
}

}  // namespace cd4ml::report
