/// The rows that a monitor looks at: of a file, of captured traffic, or of the project itself, as raw columns of S with
/// the times that windows are cut by.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/engine/raw_value.h"
#include "runtime/monitor/checks.h"
#include "runtime/monitor/windows.h"

namespace cd4ml::engine {

struct InspectedRows {
  RawColumns raw;                             ///< those that are there and can be read, nullable, categories open
  std::int64_t rows = 0;
  std::vector<monitor::Check> schema;         ///< one a wanted column that is missing or cannot be read
  std::map<std::string, std::string> absent;  ///< wanted columns that are not in `raw`: why
  std::vector<std::int64_t> times;            ///< event time of each row, else arrival; empty: neither
  std::int64_t newest_us = monitor::no_time;  ///< arrival where it is known, else event time
  std::int64_t before_us = monitor::no_time;  ///< newest time of the captured rows that came too early
  bool by_arrival = false;                    ///< the times are those of arrival
  bool complete = false;                      ///< nothing will be added: every window is complete
  std::optional<data::Column> label;          ///< captured traffic: null where none came

  [[nodiscard]] bool has(const ir::ScoringProgram& program) const;
};

/// What to read. `required`: its absence is an alarm; other columns are taken where they are.
struct WantedColumn {
  ir::Column column;
  bool required = true;
};

struct RowsRequest {
  std::vector<WantedColumn> columns;      ///< of S
  ir::NodeId base;                        ///< S
  std::string data;                       ///< a file; else
  std::string traffic;                    ///< a folder; else the rows of S in the project
  std::int64_t traffic_from_us = 0;       ///< only rows that came since
  std::int64_t look_back_us = 0;          ///< how long before that rows are looked for that share a window with them
  ir::Kind label = ir::Kind::Text;
  std::optional<RawValue> time;           ///< the event time
};

[[nodiscard]] Result<InspectedRows> readInspected(Run& run, const RowsRequest& request);

/// The rows at `rows`.
[[nodiscard]] InspectedRows takeInspected(const InspectedRows& all, const std::vector<std::int32_t>& rows);

}  // namespace cd4ml::engine
