/// A lane program: the body of one loop over rows, in the form that is interpreted and compiled.
///
/// A straight line of steps in single assignment, each on eight rows at a time: float64, int64 or mask (0 or -1).
/// Nulls and row errors are ordinary masks in it, so whatever runs it needs no rule of the language. What differs from
/// run to run (columns, tables of dictionaries, fitted numbers) comes in through numbered slots: the same program serves
/// again after a refit. It never reads out of bounds whatever lies under nulls or in the padding.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace cd4ml::lanes {

enum class Type : std::uint8_t { Float, Int, Mask };

enum class Op : std::uint8_t {
  LoadWord,   ///< 8 bytes a row of column `slot`
  LoadCode,   ///< int32 a row
  LoadByte,   ///< uint8 a row
  LoadBits,   ///< a bitmap as a mask
  Constant,   ///< `bits`
  Param,      ///< params[slot]
  Gather,     ///< tables[slot], 8 bytes an entry, at args[0]
  Call,       ///< `kernel` of stdlib/kernels/lane_kernels.def
};

/// Index of a step.
using Lane = std::uint32_t;
inline constexpr Lane no_lane = UINT32_MAX;

struct Step {
  Op op = Op::Constant;
  Type type = Type::Float;
  std::uint32_t slot = 0;
  std::int64_t bits = 0;
  std::string kernel{};
  std::vector<Lane> args{};
  friend auto operator<=>(const Step&, const Step&) = default;
};

enum class Form : std::uint8_t { Word, Code, Byte, Bits };

/// Writes a step's lanes to output `slot` (one store each).
struct Store {
  Lane lane = no_lane;
  Form form = Form::Word;
};

struct Program {
  std::vector<Step> steps;
  std::vector<Store> stores;
  Lane failed = no_lane;  ///< mask of rows that have an error; none can fail without it
  std::uint32_t columns = 0;
  std::uint32_t tables = 0;
  std::uint32_t params = 0;
};

/// What a run of a program reads and writes. All columns and outputs begin at row 0 and are padded to 64 bytes.
struct Arguments {
  const void* const* columns = nullptr;
  const void* const* tables = nullptr;
  const std::int64_t* params = nullptr;
  void* const* outputs = nullptr;
};

/// Appends steps; equal steps are one.
class Builder {
 public:
  Lane add(Step step);
  Lane call(Type type, std::string kernel, std::vector<Lane> args);
  Lane constant(Type type, std::int64_t bits);
  Lane constant(double value);
  [[nodiscard]] const Step& step(Lane lane) const { return program.steps[lane]; }

  Program program;

 private:
  std::map<Step, Lane> known_;
};

/// One line a step; the text identifies the program.
[[nodiscard]] std::string print(const Program& program);
/// The steps that some lanes need, in order.
[[nodiscard]] std::vector<Lane> stepsNeeded(const Program& program, const std::vector<Lane>& lanes);

}  // namespace cd4ml::lanes
