/// What a report is gathered from: the program, the ledger, and what the cache still has of a run. Nothing is run for it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/driver/workshop.h"
#include "runtime/report/report.h"
#include "runtime/track/json.h"

namespace cd4ml::driver {

struct ReportSource {
  const Opened& opened;
  const ir::Pipeline& pipeline;       ///< in normal form
  Workshop& workshop;
  track::Ledger& ledger;
  std::string words;                  ///< file and profile as the next command needs them: " other.cd4ml --profile live"
  std::set<std::string> personal;     ///< names of `@pii` columns: no value of theirs may be in a report
};

/// Names of the columns that are personal anywhere in the pipeline.
[[nodiscard]] std::set<std::string> personalColumns(const ir::Pipeline& pipeline);
/// The `##` lines above `pipeline NAME`.
[[nodiscard]] std::string aboutOf(const source::SourceMap& sources);
/// "file.cd4ml", "--profile p", as a shell reads them.
[[nodiscard]] std::string commandWords(const Arguments& arguments);
/// In quotes where a shell would not take the text as one word.
[[nodiscard]] std::string shellWord(const std::string& word);
/// A number of an event; nothing for null and texts.
[[nodiscard]] std::optional<double> numberIn(const track::Json& object, const char* member);

/// A run with all that it left in the ledger.
struct RecordedRun {
  track::RunSummary summary;
  std::vector<track::Json> stages;
  std::vector<track::Json> metrics;
  std::vector<track::Json> gates;
};
/// The newest run or deploy that came to its end; with a deploy, the newest that decided its gate.
[[nodiscard]] Result<std::optional<RecordedRun>> recordedRun(track::Ledger& ledger, const track::Scope& scope, const std::string& deploy);

/// Stages, gates, evaluations, provenance of a run; what the engine can still say of it (calibration, the champion on the same
/// rows) only where the cache has all it needs.
Status addRun(const ReportSource& source, const RecordedRun& run, report::Report& out);
/// Verdict of a run; `deploy`: of this one alone.
void judgeRun(const ReportSource& source, const RecordedRun& run, const std::string& deploy, const std::vector<track::Champion>& champions, report::Report& out);

/// Windows and limits of a monitor.
Status addWindows(const ReportSource& source, ir::NodeId monitor, report::Report& out);
/// Verdict of a monitor.
Status judgeMonitor(const ReportSource& source, ir::NodeId monitor, report::Report& out);

/// What happened to the deploys and monitors that are named, oldest first.
Status addEvents(const ReportSource& source, const std::vector<std::string>& deploys, const std::vector<std::string>& monitors, report::Report& out);

}  // namespace cd4ml::driver
