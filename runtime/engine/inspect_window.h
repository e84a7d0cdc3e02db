/// One window judged: checks of its rows, drift of its columns, metrics of its labelled rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/engine/inspect_material.h"
#include "runtime/monitor/report.h"
#include "runtime/monitor/windows.h"

namespace cd4ml::engine {

/// What a window is compared with.
struct Reference {
  const monitor::Baseline* baseline = nullptr;  ///< null: there is none
  std::string reason;                           ///< why
};

/// Rows that have to be there before anything is said.
[[nodiscard]] std::int64_t leastRows(const ir::Monitor& monitor);

class WindowJudge {
 public:
  WindowJudge(Run& run, const Subject& subject, const Material& material) : run_(run), subject_(subject), material_(material) {}

  /// Columns of the window (or of what it is compared with) that drift items look at, as series to describe; segments too.
  [[nodiscard]] monitor::Baseline describe(const std::vector<std::int32_t>& rows) const;

  [[nodiscard]] std::vector<monitor::DriftEntry> drift(const monitor::Window& window, const Reference& reference) const;
  /// Everything but drift. `earlier_rows`: of windows before this one.
  [[nodiscard]] Result<std::vector<monitor::Check>> check(const monitor::Window& window, const Reference& reference,
                                                          const std::vector<double>& earlier_rows) const;
  /// {"rows", "evaluates": [{"evaluate", "metrics"}]}, or with "reason".
  [[nodiscard]] Result<monitor::Json> quality(const monitor::Window& window) const;

 private:
  struct Target;
  [[nodiscard]] const ir::Monitor& monitor() const { return std::get<ir::Monitor>(run_.node(subject_.monitor).body); }
  [[nodiscard]] std::vector<Target> targets(const std::vector<std::int32_t>& rows, std::size_t least) const;
  [[nodiscard]] monitor::DriftEntry compare(const Target& target, const std::vector<std::int32_t>& rows, const Reference& reference) const;
  void addRanges(const std::vector<std::int32_t>& rows, std::vector<monitor::Check>& out) const;
  Status addFieldChecks(const std::vector<std::int32_t>& rows, std::vector<monitor::Check>& out) const;
  Status addRequires(const std::vector<std::int32_t>& rows, std::vector<monitor::Check>& out) const;

  Run& run_;
  const Subject& subject_;
  const Material& material_;
};

}  // namespace cd4ml::engine
