/// The pictures of a report. Each says in words what it shows, for those who do not see it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/report/report.h"

namespace cd4ml::report {

/// Gives the pictures of a page ids of their own.
class Ids {
 public:
  [[nodiscard]] std::string next() { return "f" + std::to_string(++last_); }

 private:
  std::size_t last_ = 0;
};

/// The stages from left to right, and from top to bottom for narrow screens; the style sheet shows one of them.
[[nodiscard]] std::string pipelineChart(const std::vector<Stage>& stages, Ids& ids);
/// A stage, or a place that a line needs to pass a layer without crossing a box; `inputs` are items of the layer before.
struct PipelineItem {
  std::optional<std::size_t> stage{};
  std::size_t layer = 0, row = 0;
  std::vector<std::size_t> inputs{};
};
/// The stages first, in their order; each lies beyond all of its inputs.
[[nodiscard]] std::vector<PipelineItem> layOut(const std::vector<Stage>& stages);

/// What was promised against what came true.
[[nodiscard]] std::string calibrationChart(const Calibration& calibration, std::string_view title, Ids& ids);
/// How a column was spread then, and is now.
[[nodiscard]] std::string distributionChart(const Drift& drift, Ids& ids);
/// A number over windows, with its limit.
struct Series { std::string name{}; std::vector<std::pair<std::string, std::optional<double>>> points{}; std::optional<double> limit{}; };
[[nodiscard]] std::string seriesChart(const Series& series, Ids& ids);

/// A bar up to the value, a mark at the limit and a ring at the champion.
[[nodiscard]] std::string limitSpark(const GateCheck& check);
/// A value between the ends, with a mark at the whole.
[[nodiscard]] std::string rangeSpark(double value, double from, double to, std::optional<double> whole);
/// How much better (right) or worse (left), as a share of `most`.
[[nodiscard]] std::string changeSpark(double gain, double most);
/// The distributions then and now, small.
[[nodiscard]] std::string distributionSpark(const Drift& drift);

}  // namespace cd4ml::report
