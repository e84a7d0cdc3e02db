#include "runtime/score/row_program.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "base/internal_check.h"
#include "runtime/score/graph_run.h"
#include "runtime/score/row_plan.h"

namespace cd4ml::score {

namespace {

constexpr std::size_t group_rows = 8;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// 64-byte lines, kept until the workspace goes.
class Lines {
 public:
  std::int64_t* take(std::size_t count) {
    auto* memory = static_cast<std::int64_t*>(std::aligned_alloc(64, std::max<std::size_t>(count, 1) * 64));
    CD4ML_CHECK(memory != nullptr);
    std::memset(memory, 0, std::max<std::size_t>(count, 1) * 64);
    held_.emplace_back(memory, std::free);
    return memory;
  }

 private:
  std::vector<std::shared_ptr<std::int64_t>> held_;
};

/// Where a column of a batch of at most eight rows lies.
struct Place {
  const void* values = nullptr;
  const std::uint8_t* validity = nullptr;  ///< null: no row is null

  [[nodiscard]] bool isValid(std::size_t row) const { return validity == nullptr || ((*validity >> row) & 1) != 0; }
};

struct LoopState {
  std::vector<const void*> columns;
  std::vector<const void*> tables;
  std::vector<std::vector<std::int64_t>> entries;  ///< of each table
  std::vector<std::int64_t> params;
  std::vector<void*> outputs;
};

class Workspace final : public RowWorkspace {
 public:
  Lines lines;
  std::vector<Place> places;                        ///< by value of the graph
  std::vector<std::vector<std::string_view>> texts; ///< by text list
  std::vector<std::vector<std::string>> made;       ///< texts that are made, by text list
  std::vector<std::array<std::string, group_rows>> host_texts;  ///< by host step
  std::vector<LoopState> loops;
  std::int64_t* registers = nullptr;
  std::vector<std::int64_t*> register_pointers;
  std::vector<double*> inputs;
  std::vector<const double*> input_views;
  Predictions predictions;
};

class PlannedRows final : public RowProgram {
 public:
  PlannedRows(const RowScorer& scorer, std::unique_ptr<RowPlan> plan) : scorer_(scorer), plan_(std::move(plan)) {}

  [[nodiscard]] std::unique_ptr<RowWorkspace> makeWorkspace() const override;
  [[nodiscard]] const Predictions* score(const RowBatch& batch, RowWorkspace& workspace) const override;

 private:
  [[nodiscard]] const ir::Graph& graph() const { return plan_->graph(); }
  [[nodiscard]] bool inputsAreSound(const RowBatch& batch) const;
  void takeInputs(const RowBatch& batch, Workspace& work) const;
  void fillTexts(const TextList& list, const RowBatch& batch, std::size_t rows, Workspace& work) const;
  void runHost(const HostStep& step, std::size_t index, const RowBatch& batch, std::size_t rows, Workspace& work) const;
  [[nodiscard]] bool textAt(ir::ValueId text, const RowBatch& batch, std::size_t row, std::string_view& out) const;
  [[nodiscard]] std::string_view categoryAt(ir::ValueId category, std::size_t row, const Workspace& work) const;
  void fillTable(const lanes::TableSlot& slot, std::size_t rows, std::vector<std::int64_t>& entries, const Workspace& work) const;
  /// Rows that failed, as bits.
  [[nodiscard]] unsigned runLoop(std::size_t index, std::size_t rows, Workspace& work) const;
  [[nodiscard]] bool checksHold(std::size_t rows, const Workspace& work) const;
  void encode(std::size_t rows, Workspace& work) const;
  [[nodiscard]] std::int64_t paramBits(const lanes::ParamSlot& slot) const;

  const RowScorer& scorer_;
  std::unique_ptr<RowPlan> plan_;
};

std::unique_ptr<RowWorkspace> PlannedRows::makeWorkspace() const {
  auto work = std::make_unique<Workspace>();
  work->places.resize(graph().values.size());
  for (const auto& [value, width] : plan_->widths) {
    auto* values = work->lines.take(width);
    work->places[value] = {values, reinterpret_cast<const std::uint8_t*>(work->lines.take(1))};
  }
  for (const TextList& list : plan_->texts) {
    work->texts.emplace_back(list.size);
    work->made.emplace_back(list.size);
    const ir::Value& value = graph()[list.value];
    if (value.op == ir::Op::Constant) work->texts.back()[0] = constantText(value).value_or("");
    if (value.op == ir::Op::Fit) work->texts.back()[0] = plan_->bundle().fitted.at(list.value.index).text;
  }
  work->host_texts.resize(plan_->hosts.size());
  std::size_t registers = 1;
  for (const LoopStep& step : plan_->loops) {
    LoopState state;
    state.columns.resize(step.loop.columns.size());
    for (const lanes::TableSlot& slot : step.loop.tables) {
      const ir::ValueId category = slot.what == lanes::TableSlot::What::Shared ? graph()[slot.value].args[slot.element] : slot.category;
      state.entries.emplace_back(plan_->texts[plan_->text_of.at(category.index)].size + 1, 0);
    }
    for (const auto& entries : state.entries) state.tables.push_back(entries.data());
    for (const lanes::ParamSlot& slot : step.loop.params) state.params.push_back(paramBits(slot));
    for (const lanes::OutputSlot& slot : step.loop.outputs) {
      const Place& place = work->places[slot.value.index];
      const ir::Kind kind = graph()[slot.value].type.kind;
      const std::size_t bytes = kind == ir::Kind::Bool ? 1 : kind == ir::Kind::Category || kind == ir::Kind::Text ? 4 : 8;
      auto* values = static_cast<std::uint8_t*>(const_cast<void*>(place.values)) + slot.element * group_rows * bytes;
      state.outputs.push_back(slot.is_validity ? const_cast<std::uint8_t*>(place.validity) : values);
    }
    work->loops.push_back(std::move(state));
    registers = std::max<std::size_t>(registers, step.interpreter->registers());
  }
  for (const auto& [value, width] : plan_->widths) {
    if (!plan_->hasNulls({value})) work->places[value].validity = nullptr;
  }
  work->registers = work->lines.take(registers);
  for (std::size_t r = 0; r < registers; ++r) work->register_pointers.push_back(work->registers + r * group_rows);
  for (std::uint32_t i = 0; i < plan_->bundle().model.inputs(); ++i) {
    work->inputs.push_back(reinterpret_cast<double*>(work->lines.take(1)));
    work->input_views.push_back(work->inputs.back());
  }
  return work;
}

std::int64_t PlannedRows::paramBits(const lanes::ParamSlot& slot) const {
  if (slot.what == lanes::ParamSlot::What::Levels) return plan_->texts[plan_->text_of.at(slot.value.index)].size;
  const FittedValue& fitted = plan_->bundle().fitted.at(slot.value.index);
  switch (slot.what) {
    case lanes::ParamSlot::What::Number: return std::bit_cast<std::int64_t>(fitted.number);
    case lanes::ParamSlot::What::Integer: return fitted.integer;
    case lanes::ParamSlot::What::There: return fitted.null ? 0 : -1;
    case lanes::ParamSlot::What::Levels: break;
  }
  return 0;
}

bool PlannedRows::inputsAreSound(const RowBatch& batch) const {
  const auto& inputs = plan_->bundle().program.inputs;
  for (std::size_t c = 0; c < inputs.size(); ++c) {
    const RowBatch::Column& column = batch.columns()[c];
    if (column.nulls > 0 && !inputs[c].type.nullable) return false;
    if (inputs[c].type.kind != ir::Kind::Category || inputs[c].type.levels == nullptr) continue;
    for (std::int64_t r = 0; r < batch.rows(); ++r) {
      const auto& levels = *inputs[c].type.levels;
      if (column.isValid(r) && std::find(levels.begin(), levels.end(), column.texts[static_cast<std::size_t>(r)]) == levels.end()) return false;
    }
  }
  return true;
}

void PlannedRows::takeInputs(const RowBatch& batch, Workspace& work) const {
  static constexpr std::array<std::int32_t, group_rows> codes{0, 1, 2, 3, 4, 5, 6, 7};
  for (std::uint32_t v = 0; v < graph().values.size(); ++v) {
    if (graph().values[v].op != ir::Op::Input) continue;
    const RowBatch::Column& column = batch.columns()[graph().values[v].slot];
    const void* values = column.kind == ir::Kind::Bool ? static_cast<const void*>(column.bytes) : column.words;
    if (column.kind == ir::Kind::Category) values = codes.data();
    work.places[v] = {values, column.nullable ? column.validity : nullptr};
  }
}

std::string_view PlannedRows::categoryAt(ir::ValueId category, std::size_t row, const Workspace& work) const {
  const std::uint32_t list = plan_->text_of.at(category.index);
  const ir::ValueId rows = plan_->rowsOf(category);
  if (plan_->texts[list].by_row) return work.texts[list][row];
  if (!plan_->isColumn(rows)) return work.texts[list][0];
  const auto code = static_cast<std::size_t>(static_cast<const std::int32_t*>(work.places[rows.index].values)[row]);
  return code < work.texts[list].size() ? work.texts[list][code] : std::string_view();
}

void PlannedRows::fillTexts(const TextList& list, const RowBatch& batch, std::size_t rows, Workspace& work) const {
  const std::uint32_t place = plan_->text_of.at(list.value.index);
  const ir::Value& value = graph()[list.value];
  std::vector<std::string_view>& out = work.texts[place];
  if (value.op == ir::Op::Constant || value.op == ir::Op::Fit) return;
  if (value.op == ir::Op::Input) {
    const auto& texts = batch.columns()[value.slot].texts;
    std::copy_n(texts.begin(), rows, out.begin());
    return;
  }
  if (lanes::mapsTexts(graph(), list.value)) {
    TextFunction function{};
    CD4ML_CHECK(textFunction(value.name, function));
    const auto& from = work.texts[plan_->text_of.at(lanes::categoryArgument(graph(), list.value).index)];
    std::vector<std::string_view> args(value.args.size());
    for (std::size_t i = 0; i < (list.by_row ? rows : out.size()); ++i) {
      for (std::size_t a = 0; a < args.size(); ++a) {
        args[a] = graph()[value.args[a]].op == ir::Op::Constant ? constantText(graph()[value.args[a]]).value_or("") : from[i];
      }
      work.made[place][i].clear();
      appendText(function, args, value.options, work.made[place][i]);
      out[i] = work.made[place][i];
    }
    return;
  }
  if (value.name == "select_bcc" || value.name == "coalesce_cc") {
    std::size_t at = 0;
    for (std::size_t a = value.args.size() - 2; a < value.args.size(); ++a) {
      for (const std::string_view text : work.texts[plan_->text_of.at(value.args[a].index)]) out[at++] = text;
    }
    return;
  }
  for (std::size_t h = 0; h < plan_->hosts.size(); ++h) {
    if (plan_->hosts[h].value != list.value) continue;
    for (std::size_t r = 0; r < rows; ++r) out[r] = work.host_texts[h][r];
  }
}

bool PlannedRows::textAt(ir::ValueId text, const RowBatch& batch, std::size_t row, std::string_view& out) const {
  const ir::Value& value = graph()[text];
  if (value.op == ir::Op::Constant) {
    const auto constant = constantText(value);
    out = constant.value_or("");
    return constant.has_value();
  }
  const RowBatch::Column& column = batch.columns()[value.slot];
  out = column.texts[row];
  return column.isValid(static_cast<std::int64_t>(row));
}

void PlannedRows::runHost(const HostStep& step, std::size_t index, const RowBatch& batch, std::size_t rows, Workspace& work) const {
  const ir::Value& value = graph()[step.value];
  const Place& place = work.places[step.value.index];
  auto* bytes = static_cast<std::uint8_t*>(const_cast<void*>(place.values));
  std::uint8_t validity = 0xff;
  std::array<std::string_view, 8> texts;
  CD4ML_CHECK(value.args.size() <= texts.size());
  for (std::size_t r = 0; r < rows; ++r) {
    bool there = true;
    std::string& made = work.host_texts[index][r];
    made.clear();
    switch (step.what) {
      case HostStep::What::Concat:
        for (const ir::ValueId arg : value.args) {
          const ir::ValueId held = plan_->rowsOf(arg);
          const bool constant = graph()[held].op == ir::Op::Constant && !plan_->isColumn(held);
          there = there && (constant ? constantText(graph()[held]).has_value() : work.places[held.index].isValid(r));
          if (there) made += categoryAt(arg, r, work);
        }
        break;
      case HostStep::What::IntToCategory: {
        const ir::ValueId arg = value.args[0];
        std::int64_t number = 0;
        if (graph()[arg].op == ir::Op::Constant) {
          const auto* integer = std::get_if<std::int64_t>(&graph()[arg].literal.value);
          there = integer != nullptr;
          number = there ? *integer : 0;
        } else {
          there = work.places[arg.index].isValid(r);
          number = static_cast<const std::int64_t*>(work.places[arg.index].values)[r];
        }
        std::array<char, 24> digits{};
        if (there) made.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
        break;
      }
      case HostStep::What::TextToCategory:
        there = textAt(value.args[0], batch, r, texts[0]);
        made = texts[0];
        break;
      case HostStep::What::TextNumber: {
        for (std::size_t a = 0; a < value.args.size(); ++a) there = textAt(value.args[a], batch, r, texts[a]) && there;
        const std::int64_t number = there ? textNumber(step.function, {texts.data(), value.args.size()}, value.options) : 0;
        if (value.type.kind == ir::Kind::Bool) bytes[r] = static_cast<std::uint8_t>(number);
        else std::memcpy(bytes + r * 8, &number, 8);
        break;
      }
      case HostStep::What::Terms: {
        auto* weights = reinterpret_cast<double*>(bytes);
        for (std::uint32_t k = 0; k < plan_->widths.at(step.value.index); ++k) weights[k * group_rows + r] = 0;
        if (!textAt(value.args[0], batch, r, texts[0])) break;
        for (const auto& [place_of_term, weight] : plan_->weighers.at(step.value.index).weigh(texts[0])) weights[place_of_term * group_rows + r] = weight;
        break;
      }
      case HostStep::What::IsNull: bytes[r] = textAt(value.args[0], batch, r, texts[0]) ? 0 : 1; break;
      case HostStep::What::IsNotNull: bytes[r] = textAt(value.args[0], batch, r, texts[0]) ? 1 : 0; break;
    }
    if (value.type.kind == ir::Kind::Category) reinterpret_cast<std::int32_t*>(bytes)[r] = static_cast<std::int32_t>(r);
    if (!there) validity &= static_cast<std::uint8_t>(~(1U << r));
  }
  if (place.validity != nullptr) *const_cast<std::uint8_t*>(place.validity) = validity;
}

void PlannedRows::fillTable(const lanes::TableSlot& slot, std::size_t rows, std::vector<std::int64_t>& entries, const Workspace& work) const {
  const bool shared = slot.what == lanes::TableSlot::What::Shared;
  const ir::ValueId category = shared ? graph()[slot.value].args[slot.element] : slot.category;
  const std::uint32_t list = plan_->text_of.at(category.index);
  const std::vector<std::string_view>& texts = work.texts[list];
  const std::size_t count = plan_->texts[list].by_row ? rows : texts.size();
  switch (slot.what) {
    case lanes::TableSlot::What::Function: {
      TextFunction function{};
      CD4ML_CHECK(textFunction(graph()[slot.value].name, function));
      for (std::size_t i = 0; i < count; ++i) entries[i + 1] = textNumber(function, {&texts[i], 1}, graph()[slot.value].options);
      return;
    }
    case lanes::TableSlot::What::Encoded: {
      const FittedValue& fit = plan_->bundle().fitted.at(slot.value.index);
      const LevelIndex& levels = plan_->encoder_levels.at(slot.value.index);
      entries[0] = std::bit_cast<std::int64_t>(slot.element < fit.missing.size() ? fit.missing[slot.element] : 0.0);
      for (std::size_t i = 0; i < count; ++i) {
        const auto level = levels.find(texts[i]);
        const double number = level == levels.end() ? fit.unseen.at(slot.element) : fit.table.at(static_cast<std::size_t>(level->second) * fit.width + slot.element);
        entries[i + 1] = std::bit_cast<std::int64_t>(number);
      }
      return;
    }
    case lanes::TableSlot::What::Place: {
      const LevelIndex& levels = plan_->encoder_levels.at(slot.value.index);
      entries[0] = -1;
      for (std::size_t i = 0; i < count; ++i) {
        const auto level = levels.find(texts[i]);
        entries[i + 1] = level == levels.end() ? -1 : level->second;
      }
      return;
    }
    case lanes::TableSlot::What::Shared: {
      // Equal texts, equal numbers: the place of the first equal text of both sides.
      std::vector<std::string_view> all;
      for (const ir::ValueId arg : graph()[slot.value].args) {
        const auto& side = work.texts[plan_->text_of.at(arg.index)];
        all.insert(all.end(), side.begin(), side.end());
      }
      entries[0] = -1;
      for (std::size_t i = 0; i < count; ++i) entries[i + 1] = std::find(all.begin(), all.end(), texts[i]) - all.begin();
      return;
    }
  }
}

unsigned PlannedRows::runLoop(std::size_t index, std::size_t rows, Workspace& work) const {
  const LoopStep& step = plan_->loops[index];
  LoopState& state = work.loops[index];
  for (std::size_t c = 0; c < step.loop.columns.size(); ++c) {
    const lanes::ColumnSlot& slot = step.loop.columns[c];
    const Place& place = work.places[slot.value.index];
    state.columns[c] = slot.what == lanes::ColumnSlot::What::Validity ? static_cast<const void*>(place.validity) : place.values;
  }
  for (std::size_t t = 0; t < step.loop.tables.size(); ++t) fillTable(step.loop.tables[t], rows, state.entries[t], work);
  const lanes::Arguments arguments{state.columns.data(), state.tables.data(), state.params.data(), state.outputs.data()};
  return step.interpreter->runGroup(arguments, work.register_pointers.data());
}

bool PlannedRows::checksHold(std::size_t rows, const Workspace& work) const {
  const auto& checks = plan_->bundle().program.checks;
  for (std::size_t c = 0; c < checks.size(); ++c) {
    if (checks[c].warning) continue;
    const Place& place = work.places[plan_->wanted[c].index];
    for (std::size_t r = 0; r < rows; ++r) {
      if (place.isValid(r) && static_cast<const std::uint8_t*>(place.values)[r] == 0) return false;
    }
  }
  return true;
}

void PlannedRows::encode(std::size_t rows, Workspace& work) const {
  const Model& model = plan_->bundle().model;
  const std::size_t first = plan_->bundle().program.checks.size();
  std::size_t input = 0;
  for (std::size_t f = 0; f < model.features.size(); ++f) {
    const ir::ValueId value = plan_->wanted[first + f];
    const Place& place = work.places[plan_->rowsOf(value).index];
    for (std::uint32_t k = 0; k < model.features[f].width; ++k, ++input) {
      double* out = work.inputs[input];
      for (std::size_t r = 0; r < rows; ++r) {
        switch (model.features[f].kind) {
          case ir::Kind::Float: case ir::Kind::Vector: out[r] = static_cast<const double*>(place.values)[k * group_rows + r]; break;
          case ir::Kind::Bool: out[r] = static_cast<const std::uint8_t*>(place.values)[r]; break;
          case ir::Kind::Category: {
            out[r] = missing;
            if (!place.isValid(r)) break;
            const auto level = plan_->feature_levels[f].find(categoryAt(value, r, work));
            if (level != plan_->feature_levels[f].end()) out[r] = level->second;
            break;
          }
          case ir::Kind::Int: case ir::Kind::Date: case ir::Kind::Timestamp: case ir::Kind::Duration:
            out[r] = static_cast<double>(static_cast<const std::int64_t*>(place.values)[r]);
            break;
          case ir::Kind::Error: case ir::Kind::Null: case ir::Kind::Text: CD4ML_UNREACHABLE("a feature of a kind that no model takes");
        }
        if (!place.isValid(r)) out[r] = missing;
      }
    }
  }
}

const Predictions* PlannedRows::score(const RowBatch& batch, RowWorkspace& workspace) const {
  auto& work = static_cast<Workspace&>(workspace);
  const auto rows = static_cast<std::size_t>(batch.rows());
  CD4ML_CHECK(rows >= 1 && rows <= group_rows);
  if (!inputsAreSound(batch)) return nullptr;
  takeInputs(batch, work);
  const unsigned here = (1U << rows) - 1;
  for (const PlanStep& step : plan_->steps) {
    switch (step.what) {
      case PlanStep::What::FillTexts: fillTexts(plan_->texts[step.index], batch, rows, work); break;
      case PlanStep::What::Host: runHost(plan_->hosts[step.index], step.index, batch, rows, work); break;
      case PlanStep::What::Loop:
        if ((runLoop(step.index, rows, work) & here) != 0) return nullptr;
        break;
    }
  }
  if (!checksHold(rows, work)) return nullptr;
  encode(rows, work);
  scorer_.predictor().predictInputs(work.input_views, batch.rows(), work.predictions);
  return &work.predictions;
}

}  // namespace

std::unique_ptr<RowProgram> makeRowProgram(const RowScorer& scorer) {
  std::vector<ir::ValueId> wanted;
  const ir::ScoringProgram& program = scorer.bundle().program;
  for (const ir::FieldCheck& check : program.checks) wanted.push_back(check.condition);
  wanted.insert(wanted.end(), program.features.begin(), program.features.end());
  auto plan = RowPlan::make(scorer.bundle(), std::move(wanted));
  if (plan == nullptr) return nullptr;
  return std::make_unique<PlannedRows>(scorer, std::move(plan));
}

}  // namespace cd4ml::score
