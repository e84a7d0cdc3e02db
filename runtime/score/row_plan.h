/// What a RowProgram does in which order: loops lowered once, and the texts of categories that lie between them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/lanes/lower.h"
#include "runtime/score/bundle.h"
#include "runtime/score/interpret_loop.h"
#include "runtime/score/text_functions.h"
#include "runtime/score/words.h"

namespace cd4ml::score {

/// Levels by text; the texts belong to the bundle.
using LevelIndex = std::unordered_map<std::string_view, std::int32_t>;

/// The texts of a category value, by code. `by_row`: the code of a row is its number; else there are `size` of them.
struct TextList {
  ir::ValueId value;
  std::uint32_t size = 0;
  bool by_row = false;
};

/// One lane program and what fills its slots.
struct LoopStep {
  lanes::Loop loop;
  std::unique_ptr<LoopInterpreter> interpreter;
};

/// A value that is computed from texts, row by row.
struct HostStep {
  enum class What : std::uint8_t { Concat, IntToCategory, TextToCategory, TextNumber, Terms, IsNull, IsNotNull } what = What::Concat;
  ir::ValueId value;
  TextFunction function{};
};

struct PlanStep {
  enum class What : std::uint8_t { FillTexts, Host, Loop } what = What::FillTexts;
  std::uint32_t index = 0;
};

/// Made for a program whose values are all of the supported kinds.
class RowPlan final : public lanes::Facts {
 public:
  /// Nothing if a value is not supported.
  static std::unique_ptr<RowPlan> make(const Bundle& bundle, std::vector<ir::ValueId> wanted);

  [[nodiscard]] bool isColumn(ir::ValueId value) const override { return columns_.contains(value.index); }
  [[nodiscard]] bool hasNulls(ir::ValueId column) const override { return columns_.at(column.index); }
  [[nodiscard]] std::uint32_t encodedWidth(ir::ValueId encode) const override { return bundle_.fitted.at(encode.index).width; }
  [[nodiscard]] bool isFolded(ir::ValueId) const override { return false; }

  [[nodiscard]] const Bundle& bundle() const { return bundle_; }
  [[nodiscard]] const ir::Graph& graph() const { return bundle_.program.graph; }
  [[nodiscard]] ir::ValueId rowsOf(ir::ValueId value) const;

  std::vector<ir::ValueId> wanted;
  std::vector<PlanStep> steps;
  std::vector<TextList> texts;
  std::map<std::uint32_t, std::uint32_t> text_of;  ///< place in `texts` of a category value
  std::vector<HostStep> hosts;
  std::vector<LoopStep> loops;
  std::map<std::uint32_t, LevelIndex> encoder_levels;  ///< by encoder
  std::map<std::uint32_t, TermWeigher> weighers;       ///< by encoder of texts
  std::vector<LevelIndex> feature_levels;              ///< by feature of the model; empty where it is no category
  std::map<std::uint32_t, std::uint32_t> widths;       ///< of columns that loops write: elements

 private:
  explicit RowPlan(const Bundle& bundle) : bundle_(bundle) {}
  bool build();
  [[nodiscard]] std::vector<bool> neededValues() const;
  bool addHost(ir::ValueId value);
  bool addLoop(std::vector<ir::ValueId> values);
  /// Plans the texts of a category value and of what it is made of; false: not supported.
  bool needTexts(ir::ValueId category);
  [[nodiscard]] bool mayBeNull(ir::ValueId value) const;

  const Bundle& bundle_;
  std::map<std::uint32_t, bool> columns_;  ///< whether nulls may be in it
};

}  // namespace cd4ml::score
