/// The parts of a page, each a pure function; a part without values is an empty text.
#pragma once

#include <string>

#include "runtime/report/chart.h"
#include "runtime/report/report.h"

namespace cd4ml::report {

[[nodiscard]] std::string verdictSection(const Report& report);
[[nodiscard]] std::string gateSection(const Report& report);
[[nodiscard]] std::string evaluationSection(const Report& report, Ids& ids);
/// The window that is shown in full: the newest with enough rows, else the newest.
[[nodiscard]] const Window* shownWindow(const Report& report);
[[nodiscard]] std::string driftSection(const Report& report, Ids& ids);
/// Drift and quality window by window.
[[nodiscard]] std::string windowsSection(const Report& report, Ids& ids);
[[nodiscard]] std::string dataSection(const Report& report);
[[nodiscard]] std::string eventsSection(const Report& report);
[[nodiscard]] std::string pipelineSection(const Report& report, Ids& ids);
[[nodiscard]] std::string provenanceSection(const Report& report);

/// A section with a heading that links lead to.
[[nodiscard]] std::string section(std::string_view id, std::string_view heading, std::string_view body);
/// "<p class=…>", escaped, backquotes as code.
[[nodiscard]] std::string paragraph(std::string_view text, std::string_view classes = {});

}  // namespace cd4ml::report
