/// What a run leaves on the screen: stages, metrics, verdicts, models. The same from a run that did the work and from one
/// that found nothing to do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/driver/console.h"

namespace cd4ml::driver {

struct ReportStage {
  std::string name;
  std::string kind;
  std::string status;
  double seconds = 0;
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;      ///< 0: a node without columns
  std::uint64_t columns_ran = 0;
  std::string key;
  std::string content;
  std::string reason;
};

struct ReportModel {
  std::string label;   ///< late@7
  std::string id;      ///< b3:…
  std::string bundle;  ///< path as a person would type it
};

struct RunReport {
  std::string pipeline;
  std::string run;
  std::string status = "ok";     ///< ok, failed, held, cancelled
  int exit = 0;
  double seconds = 0;
  std::vector<ReportStage> stages;
  std::vector<std::string> metrics;  ///< `metric` events
  std::vector<std::string> gates;    ///< `gate` events
  std::vector<ReportModel> models;

  [[nodiscard]] std::size_t count(std::string_view status_text) const;
};

/// The last event of `run --json`.
[[nodiscard]] std::string runEvent(const RunReport& report);
[[nodiscard]] std::string modelEvent(const ReportModel& model);
/// The metrics of all evaluates, and the verdicts of all gates, as the final view shows them.
[[nodiscard]] std::string renderMetrics(const RunReport& report, const Console& console);
[[nodiscard]] std::string renderGates(const RunReport& report, const Console& console);
/// The final view for people.
[[nodiscard]] std::string renderReport(const RunReport& report, const Console& console);

}  // namespace cd4ml::driver
