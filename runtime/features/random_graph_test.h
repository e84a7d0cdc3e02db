/// Random graphs over all kernels, random columns for them, and a plain evaluator, one row at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "compiler/ir/value.h"
#include "runtime/data/column.h"

namespace cd4ml::features {

struct RandomCase {
  ir::Graph graph;
  std::vector<ir::ValueId> wanted;
  std::vector<data::Column> inputs;
  std::int64_t rows = 0;
};

enum class Failing : std::uint8_t { None, Some };
/// Deterministic in `seed`. Failing::None leaves out kernels that can raise a row error.
RandomCase makeRandomCase(std::uint64_t seed, Failing failing);

/// One value in one row, by the rules of kernels.def written down a second time.
struct Cell {
  bool there = true;
  bool failed = false;
  std::int64_t bits = 0;  ///< float64, int64, bool 0 / 1
  std::string text{};
};
Cell evaluate(const RandomCase& c, ir::ValueId id, std::int64_t row);

}  // namespace cd4ml::features
