#include "runtime/score/host_texts.h"

#include <cstring>
#include <unordered_map>

#include "base/internal_check.h"

namespace cd4ml::score {

TextArguments::TextArguments(GraphRun& run, std::span<const ir::ValueId> args) {
  for (const ir::ValueId arg : args) {
    Argument argument;
    if (run.isConstant(arg)) {
      argument.constant = run.constantTextOf(arg);
    } else {
      argument.column = &run.column(run.rowsOf(arg)).view;
      if (run.graph()[arg].type.kind == ir::Kind::Category) argument.texts = run.texts(arg);
    }
    args_.push_back(std::move(argument));
  }
}

bool TextArguments::read(std::int64_t row, std::span<std::string_view> out) const {
  for (std::size_t a = 0; a < args_.size(); ++a) {
    const Argument& arg = args_[a];
    if (arg.column == nullptr) {
      if (!arg.constant) return false;
      out[a] = *arg.constant;
      continue;
    }
    if (!arg.column->isValid(row)) return false;
    out[a] = arg.texts == nullptr ? arg.column->text(row)
                                  : std::string_view((*arg.texts)[static_cast<std::size_t>(arg.column->codes()[row])]);
  }
  return true;
}

TextColumn::TextColumn(GraphRun& run) : run_(run) {
  held_.offsets = run.allocate(static_cast<std::size_t>(run.rows() + 1) * 8);
  std::memset(held_.offsets.get(), 0, 8);
}

void TextColumn::closeRow() {
  reinterpret_cast<std::int64_t*>(held_.offsets.get())[++row_] = static_cast<std::int64_t>(bytes_.size());
}

void TextColumn::appendNull() {
  clearBit(run_, held_, row_);
  closeRow();
}

Held TextColumn::finish() {
  held_.values = run_.allocate(bytes_.size());
  std::memcpy(held_.values.get(), bytes_.data(), bytes_.size());
  return std::move(held_);
}

void clearBit(GraphRun& run, Held& held, std::int64_t row) {
  if (held.validity == nullptr) held.validity = run.allocateBits();
  held.validity.get()[row >> 3] &= static_cast<std::uint8_t>(~(1U << (row & 7)));
}

bool flagAt(GraphRun& run, ir::ValueId argument, std::int64_t row) {
  const ir::Value& value = run.graph()[argument];
  if (value.op == ir::Op::Constant) {
    const auto* flag = std::get_if<bool>(&value.literal.value);
    return flag != nullptr && *flag;
  }
  const ColumnView& view = run.column(argument).view;
  return view.isValid(row) && view.bools()[row] != 0;
}

std::optional<std::int64_t> integerAt(GraphRun& run, ir::ValueId argument, std::int64_t row) {
  const ir::Value& value = run.graph()[argument];
  if (value.op == ir::Op::Constant) {
    const auto* integer = std::get_if<std::int64_t>(&value.literal.value);
    return integer == nullptr ? std::nullopt : std::optional(*integer);
  }
  const ColumnView& view = run.column(argument).view;
  if (!view.isValid(row)) return std::nullopt;
  return view.ints()[row];
}

namespace {

/// Numbers for pairs (a, b) with b < `width`, in order of appearance: a table where it is small, else a hash.
class PairNumbers {
 public:
  PairNumbers(std::size_t height, std::size_t width) : width_(width) {
    if (height * width <= table_limit) table_.assign(height * width, -1);
  }
  std::int32_t of(std::int32_t a, std::int32_t b) {
    const std::size_t key = static_cast<std::size_t>(a) * width_ + static_cast<std::size_t>(b);
    std::int32_t& number = table_.empty() ? known_.try_emplace(key, -1).first->second : table_[key];
    if (number < 0) {
      number = static_cast<std::int32_t>(pairs.size());
      pairs.emplace_back(a, b);
    }
    return number;
  }
  std::vector<std::pair<std::int32_t, std::int32_t>> pairs;

 private:
  static constexpr std::size_t table_limit = std::size_t{1} << 20;
  std::size_t width_;
  std::vector<std::int32_t> table_;
  std::unordered_map<std::size_t, std::int32_t> known_;
};

struct CombinedArgument {
  const ColumnView* column = nullptr;
  Texts texts;
};

/// Codes of the combination so far, joined with one more argument.
void joinCodes(GraphRun& run, Held& held, const CombinedArgument& arg, PairNumbers& numbers) {
  auto* codes = reinterpret_cast<std::int32_t*>(held.values.get());
  const std::int32_t* other = arg.column->codes();
  for (std::int64_t r = 0; r < run.rows(); ++r) {
    if (!arg.column->isValid(r)) clearBit(run, held, r);
    const bool there = held.validity == nullptr || ((held.validity.get()[r >> 3] >> (r & 7)) & 1) != 0;
    codes[r] = there ? numbers.of(codes[r], other[r]) : 0;
  }
}

}  // namespace

Held combineCategories(GraphRun& run, const ir::Value& value) {
  Held held;
  held.values = run.allocate(static_cast<std::size_t>(run.rows()) * 4);
  std::memset(held.values.get(), 0, static_cast<std::size_t>(run.rows()) * 4);
  std::vector<std::string> texts{""};
  for (const ir::ValueId id : value.args) {
    if (run.isConstant(id)) {
      const std::optional<std::string_view> text = run.constantTextOf(id);
      for (std::string& t : texts) t.append(text.value_or(""));
      if (text) continue;
      for (std::int64_t r = 0; r < run.rows(); ++r) clearBit(run, held, r);
      continue;
    }
    const CombinedArgument arg{&run.column(run.rowsOf(id)).view, run.texts(id)};
    PairNumbers numbers(texts.size(), arg.texts->size());
    joinCodes(run, held, arg, numbers);
    std::vector<std::string> joined;
    for (const auto& [a, b] : numbers.pairs) {
      joined.push_back(texts[static_cast<std::size_t>(a)] + (*arg.texts)[static_cast<std::size_t>(b)]);
    }
    texts = std::move(joined);
  }
  held.texts = std::make_shared<const std::vector<std::string>>(std::move(texts));
  return held;
}

}  // namespace cd4ml::score
