/// Snapshots of joined tables that travel with a model, as Lookup values read them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/score/column_view.h"

namespace cd4ml::score {

class LookupSnapshots {
 public:
  virtual ~LookupSnapshots() = default;
  /// Row of snapshot `lookup` that matches each row's keys; -1: none.
  [[nodiscard]] virtual std::vector<std::int32_t> find(std::uint32_t lookup, std::span<const ColumnView> keys, std::int64_t rows) const = 0;
  [[nodiscard]] virtual const ColumnView& column(std::uint32_t lookup, std::uint32_t slot) const = 0;
};

}  // namespace cd4ml::score
