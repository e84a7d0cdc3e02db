/// Captured traffic of a deploy (docs/design/0003-the-loop.md): rows as a server answered them, and their labels.
///
/// A folder holds `rows-*.arrows`, Arrow IPC streams to which record batches are appended, and `labels.db`. A file may end
/// in the middle of a batch when its writer died: what is whole is read, the rest is left out and told. Columns are the
/// model's raw inputs under their names, then `_id` `_at` `_arm` `_model` `_prediction` `_probability`.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/data/assemble.h"
#include "runtime/data/write.h"

namespace cd4ml::data {

/// A column of a batch; a category comes as texts.
struct TrafficColumn {
  std::string name;
  ir::Type type;
  score::ColumnView view;
};

/// One file under construction; each batch is with the operating system when `append` returns.
class TrafficWriter {
 public:
  virtual ~TrafficWriter() = default;
  /// All batches of a file have the same columns, those of `create`.
  virtual Status append(const std::vector<TrafficColumn>& columns, std::int64_t rows) = 0;
  [[nodiscard]] virtual std::uint64_t bytes() const = 0;
  /// Ends the stream. A file that is never closed is read just as well.
  virtual Status close() = 0;

  static Result<std::unique_ptr<TrafficWriter>> create(const std::string& path, const std::vector<TrafficColumn>& columns);
};

struct TrafficRequest {
  std::string folder;
  /// Rows with `_at` in [from_us, to_us).
  std::int64_t from_us = std::numeric_limits<std::int64_t>::min();
  std::int64_t to_us = std::numeric_limits<std::int64_t>::max();
  /// Types of columns that must have them (units, levels of closed categories, nullability do not count: captured columns
  /// are nullable). Columns that are not listed have the type they were captured with.
  std::vector<SourceField> fields{};
  ir::Kind label = ir::Kind::Text;  ///< what a label is read as; one that is none is null
  int threads = 1;
};

struct Traffic {
  /// Raw inputs in the order of the newest file that has them, then the columns with `_`, then `_label` and `_label_at`
  /// (null where no label came). A column that a file lacks, or has as another type, is null in its rows.
  std::vector<NamedColumn> columns;
  std::int64_t rows = 0;
  std::vector<std::string> torn;  ///< files whose last batch is cut off, or that hold nothing readable

  [[nodiscard]] const Column* find(std::string_view name) const;
};

/// In the order in which the rows were captured. A folder that is not there is traffic without rows and columns.
[[nodiscard]] Result<Traffic> readTraffic(const TrafficRequest& request);

}  // namespace cd4ml::data
