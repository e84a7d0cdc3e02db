/// Units: names, products and powers of them, and the known ratios between them.
///
/// A unit is kept as its canonical text: factors sorted by name, `*` between them, then `/` and the divisors
/// ("eur/kg", "m/s^2", "1/s"); the empty text is a plain number. Built in: us ms s min h d w (ratios known) and
/// B kB MB GB. Any other unit is declared by its use in a type.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/syntax/tree.h"

namespace cd4ml::check {

/// A quotient of integers: value in `to` = value in `from` * numerator / denominator.
struct UnitRatio {
  std::int64_t numerator = 1;
  std::int64_t denominator = 1;
};

class UnitTable {
 public:
  UnitTable();
  /// Names the units of a type, so that quantities may use them.
  void declare(std::string_view unit);
  [[nodiscard]] bool knows(std::string_view unit_name) const;
  /// All known single units, sorted.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::set<std::string, std::less<>> names_;
};

/// All units used in the types of a file.
[[nodiscard]] UnitTable collectUnits(const syntax::Tree& tree);

/// Canonical text, or nullopt when `text` is no unit.
[[nodiscard]] std::optional<std::string> canonicalUnit(std::string_view text);
/// The single units that occur in a unit.
[[nodiscard]] std::vector<std::string> unitFactors(std::string_view unit);
[[nodiscard]] std::string multiplyUnits(std::string_view a, std::string_view b);
[[nodiscard]] std::string divideUnits(std::string_view a, std::string_view b);
[[nodiscard]] std::string raiseUnit(std::string_view unit, int power);
/// The ratio between two units where one is known (equal units: 1).
[[nodiscard]] std::optional<UnitRatio> ratioBetween(std::string_view from, std::string_view to);
/// Microseconds of one `unit`; nullopt: not a unit of time.
[[nodiscard]] std::optional<std::int64_t> microsecondsOf(std::string_view unit);

}  // namespace cd4ml::check
