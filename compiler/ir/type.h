/// Types of values in the IR.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cd4ml::ir {

/// Physical form in columns and kernels, one 64-byte-aligned buffer a column, padded to whole 64-byte blocks:
/// Int, Date (days), Timestamp (µs UTC), Duration (µs): int64 · Float: float64 · Bool: one byte, 0 or 1 ·
/// Category: int32 code into a dictionary of texts · Text: int64 offsets and bytes ·
/// Vector: `width` float64 columns side by side. A validity bitmap (Arrow's bit order, 1 = there) if any row is null;
/// what lies under a null is unspecified.
enum class Kind : std::uint8_t { Error, Null, Int, Float, Bool, Text, Category, Date, Timestamp, Duration, Vector };

struct Type {
  Kind kind = Kind::Error;
  bool nullable = false;
  /// Canonical unit of an int or float ("mi", "eur/kg"); empty: a plain number. Never in a key: units change no bits.
  std::string unit{};
  /// Levels of a closed category in written order; null: open.
  std::shared_ptr<const std::vector<std::string>> levels{};
  /// Vector only; 0: known after the fit.
  std::uint32_t width = 0;

  [[nodiscard]] bool isNumber() const { return kind == Kind::Int || kind == Kind::Float; }
  [[nodiscard]] bool isError() const { return kind == Kind::Error; }
};

/// As the user would write it: `float<mi>?`, `category{"sun", "rain"}`.
[[nodiscard]] std::string typeText(const Type& type);
/// "int", "float", …: the word of the kind.
[[nodiscard]] std::string_view kindText(Kind kind);
/// The type that holds the values of both: int widens to float, null and nullable to nullable, levels are joined (closed
/// ones: those of `a`, then the new ones of `b`; open if either is). Error if there is none; units are not looked at.
[[nodiscard]] Type unionType(const Type& a, const Type& b);
/// Equal kind, nullability and levels (units apart).
[[nodiscard]] bool sameRepresentation(const Type& a, const Type& b);

}  // namespace cd4ml::ir
