/// The state of one `runGraph`.
#pragma once

#include "compiler/lanes/lower.h"
#include "runtime/score/run_graph.h"

namespace cd4ml::score {

using Texts = std::shared_ptr<const std::vector<std::string>>;

class GraphRun : public lanes::Facts {
 public:
  GraphRun(const GraphRequest& request, const Backend& backend) : request_(request), graph_(request.graph), backend_(backend) {}

  Result<std::vector<Held>> run(std::optional<RowError>& row_error);

  [[nodiscard]] bool isColumn(ir::ValueId value) const override { return columns_.contains(value.index); }
  [[nodiscard]] bool hasNulls(ir::ValueId column) const override { return columns_.at(column.index).view.validity != nullptr; }
  [[nodiscard]] bool hasFailures(ir::ValueId column) const override { return columns_.at(column.index).failures != nullptr; }
  [[nodiscard]] std::uint32_t encodedWidth(ir::ValueId encode) const override;
  [[nodiscard]] bool isFolded(ir::ValueId encode) const override;

  // For the functions that run on whole columns (host_functions.cpp).
  [[nodiscard]] const ir::Graph& graph() const { return graph_; }
  [[nodiscard]] std::int64_t rows() const { return request_.rows; }
  [[nodiscard]] const LookupSnapshots* lookups() const { return request_.lookups; }
  /// The column that holds a value's rows: for functions of one category that of its argument.
  [[nodiscard]] ir::ValueId rowsOf(ir::ValueId value) const;
  [[nodiscard]] const Held& column(ir::ValueId value) const { return columns_.at(value.index); }
  [[nodiscard]] bool isConstant(ir::ValueId value) const { return graph_[rowsOf(value)].op == ir::Op::Constant && !isColumn(value); }
  /// The text of a constant or of a function of constants; nothing for null.
  std::optional<std::string_view> constantTextOf(ir::ValueId category);
  /// Texts of a category by code.
  Texts texts(ir::ValueId category);
  [[nodiscard]] std::shared_ptr<std::uint8_t> allocate(std::size_t bytes) const { return backend_.allocate(bytes); }
  [[nodiscard]] std::shared_ptr<std::uint8_t> allocateBits() const;
  [[nodiscard]] const FittedValue& fitted(ir::ValueId value) const;

 private:
  void takeInputs(const std::vector<bool>& needed);
  [[nodiscard]] std::vector<bool> neededValues() const;
  /// Rows that fail are kept with the columns for those who use them, or the first is told.
  enum class Failing : std::uint8_t { Kept, Told };
  /// Runs one loop for those of `values` that are no columns yet; they are columns afterwards.
  std::optional<RowError> runLoop(std::vector<ir::ValueId> values, Failing failing);
  void keepFailures(ir::ValueId value, FailedRows failures);
  /// Rows of a value computed on the host that read a row which failed: of a choice, on the branch that is taken.
  [[nodiscard]] FailedRows hostFailures(ir::ValueId value);
  [[nodiscard]] const FailedRows* failuresOf(ir::ValueId value) const;
  [[nodiscard]] RowError told(const FailedRow& failed) const;
  [[nodiscard]] std::vector<ir::ValueId> laneArguments(ir::ValueId host_value) const;
  const void* columnPointer(const lanes::ColumnSlot& slot) const;
  std::shared_ptr<void> makeTable(const lanes::TableSlot& slot);
  std::shared_ptr<void> functionTable(const lanes::TableSlot& slot);
  std::shared_ptr<void> encodedTable(const lanes::TableSlot& slot);
  std::shared_ptr<void> sharedTable(const lanes::TableSlot& slot);
  std::int64_t paramBits(const lanes::ParamSlot& slot);
  std::vector<void*> makeOutputs(const lanes::Loop& loop);
  std::optional<RowError> explain(const lanes::Loop& loop, const lanes::Arguments& arguments, const std::vector<ir::ValueId>& values) const;
  std::map<std::uint32_t, FailedRows> explainAll(const lanes::Loop& loop, const lanes::Arguments& arguments, const std::vector<ir::ValueId>& values) const;
  /// What failed of a value in a row of a group; nothing if it did not.
  std::optional<FailedRow> failureAt(const lanes::Loop& loop, const std::vector<std::int64_t>& lanes, ir::ValueId value, std::int64_t group, int row) const;
  Texts makeTexts(ir::ValueId category);
  Held result(ir::ValueId wanted);

  const GraphRequest& request_;
  const ir::Graph& graph_;
  const Backend& backend_;
  std::map<std::uint32_t, Held> columns_;
  std::map<std::uint32_t, Texts> texts_;
};

/// Computes a value for which `lanes::runsOnHost` holds. Its arguments are columns or constants.
Result<Held> runOnHost(GraphRun& run, ir::ValueId value);
/// Text of a constant; nothing for null.
[[nodiscard]] std::optional<std::string_view> constantText(const ir::Value& value);

}  // namespace cd4ml::score
