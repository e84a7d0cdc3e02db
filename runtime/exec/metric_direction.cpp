#include "runtime/exec/metric_direction.h"

#include <algorithm>
#include <array>

namespace cd4ml::exec {

namespace {

struct Row {
  std::string_view name;
  Direction direction;
};

constexpr auto rows = std::to_array<Row>({
#define CD4ML_METRIC(name, tasks, direction, reads, status, summary, undefined, oracle) {#name, Direction::direction},
#define CD4ML_METRIC_OPTION(...)
#include "stdlib/metrics.def"
#undef CD4ML_METRIC
#undef CD4ML_METRIC_OPTION
});

}  // namespace

Direction directionOf(std::string_view metric) {
  const auto* row = std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.name == metric; });
  return row == rows.end() ? Direction::Neither : row->direction;
}

}  // namespace cd4ml::exec
