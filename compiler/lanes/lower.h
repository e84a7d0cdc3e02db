/// FeatureIR to lane programs: null rules, row errors, categories, fitted values become lanes and masks.
///
/// A value is either computed in a loop (numbers, bools, category codes, vectors) or a *column* that is at hand before
/// the loop starts: an input, or the result of a function of texts and dictionaries (`runsOnHost`). A category is a code
/// lane and, outside the program, the list of its texts: functions of one category touch that list alone.
#pragma once

#include <vector>

#include "compiler/ir/value.h"
#include "compiler/lanes/program.h"

namespace cd4ml::lanes {

/// True for values that are computed on whole columns outside of loops: all that makes or reads text, casts to category,
/// functions of several categories, encoders of texts, look-ups.
[[nodiscard]] bool runsOnHost(const ir::Graph& graph, ir::ValueId value);
/// A category function of one category (and literals): the code of its result is the code of `categoryArgument`.
[[nodiscard]] bool mapsTexts(const ir::Graph& graph, ir::ValueId value);
/// The argument whose rows decide: the one that is not a constant, else a null, else the first.
[[nodiscard]] ir::ValueId categoryArgument(const ir::Graph& graph, ir::ValueId value);

/// What is known when a loop is about to run.
class Facts {
 public:
  virtual ~Facts() = default;
  [[nodiscard]] virtual bool isColumn(ir::ValueId value) const = 0;
  [[nodiscard]] virtual bool hasNulls(ir::ValueId column) const = 0;
  /// Some rows of the column could not be computed, which is an error only where their value is used.
  [[nodiscard]] virtual bool hasFailures(ir::ValueId /*column*/) const { return false; }
  [[nodiscard]] virtual std::uint32_t encodedWidth(ir::ValueId encode) const = 0;
  /// The rows' values of this encoder come from several fits (out of fold).
  [[nodiscard]] virtual bool isFolded(ir::ValueId encode) const = 0;
};

/// What a run puts into the slots of a program.
struct ColumnSlot {
  enum class What : std::uint8_t { Values, Validity, Fold, Failed } what = What::Values;
  ir::ValueId value;
};
struct TableSlot {
  enum class What : std::uint8_t {
    Function,  ///< `value` (a bool or int) by text of `category`; entry 0 is for null
    Encoded,   ///< number `element` of encoder `value` by text of `category`, for each fit in turn if folded
    Place,     ///< place of the text among the encoder's levels, or -1
    Shared,    ///< a number for each text, equal for equal texts of both arguments of `value`
  } what = What::Function;
  ir::ValueId value;
  ir::ValueId category;
  std::uint32_t element = 0;
};
struct ParamSlot {
  enum class What : std::uint8_t { Number, Integer, There, Levels } what = What::Number;
  ir::ValueId value;
};
struct OutputSlot {
  ir::ValueId value;
  std::uint32_t element = 0;
  bool is_validity = false;
};

/// A value inside a program. `there`: no_lane if never null; `failed`: no_lane if it cannot fail.
struct Lowered {
  std::vector<Lane> lanes;
  Lane there = no_lane;
  Lane failed = no_lane;
};

struct Loop {
  Program program;
  std::vector<ColumnSlot> columns;
  std::vector<TableSlot> tables;
  std::vector<ParamSlot> params;
  std::vector<OutputSlot> outputs;
  std::map<std::uint32_t, Lowered> values;  ///< by value index
};

/// The loop that computes `wanted`, none of them a column of texts.
[[nodiscard]] Loop lower(const ir::Graph& graph, const std::vector<ir::ValueId>& wanted, const Facts& facts);

}  // namespace cd4ml::lanes
