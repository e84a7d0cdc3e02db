/// Units: names, products and powers of them, and the known ratios between them.
///
/// A unit is kept as its canonical text: factors sorted by name, `*` between them, then `/` and the divisors
/// ("eur/kg", "m/s^2", "1/s"); the empty text is a plain number. Built in: us ms s min h d w (ratios known) and
/// B kB MB GB. Any other unit is declared by its use in a type, or by `unit mi = 1.609344km`.
#pragma once

#include <cstdint>
#include <map>
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

/// A single unit and its power in a unit.
struct UnitFactor { std::string name; int power = 1; };
[[nodiscard]] std::vector<UnitFactor> unitPowers(std::string_view unit);

class UnitTable {
 public:
  UnitTable();
  /// `unit mi = 1.609344km`; false if the unit is built in or defined already, or leads back to itself.
  bool define(const std::string& name, double amount, const std::string& unit);
  /// Value in `to` = value in `from` * first / second, by the definitions and the built-in ratios; nullopt: none is known.
  [[nodiscard]] std::optional<std::pair<double, double>> convert(std::string_view from, std::string_view to) const;
  /// Names the units of a type, so that quantities may use them.
  void declare(std::string_view unit);
  [[nodiscard]] bool knows(std::string_view unit_name) const;
  /// All known single units, sorted.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  struct Definition { double amount = 1; std::string unit; };
  /// The unit as an amount of units that have no definition.
  [[nodiscard]] std::pair<double, std::string> inBase(std::string_view unit) const;

  std::set<std::string, std::less<>> names_;
  std::map<std::string, Definition, std::less<>> definitions_;
};

/// Units that types, quantities and conversions name.
[[nodiscard]] std::set<std::string> usedUnits(const syntax::Tree& tree);
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
