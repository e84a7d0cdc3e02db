#include <algorithm>
#include <charconv>
#include <cstring>
#include <unordered_map>

#include "base/internal_check.h"
#include "runtime/score/graph_run.h"
#include "runtime/score/host_texts.h"
#include "runtime/score/text_functions.h"
#include "runtime/score/words.h"

namespace cd4ml::score {
namespace {

/// Numbers or bools of texts.
Held numbersOfTexts(GraphRun& run, const ir::Value& value, TextFunction function) {
  const bool is_bool = value.type.kind == ir::Kind::Bool;
  const TextArguments args(run, value.args);
  Held held;
  held.values = run.allocate(static_cast<std::size_t>(run.rows()) * (is_bool ? 1 : 8));
  std::vector<std::string_view> texts(value.args.size());
  for (std::int64_t r = 0; r < run.rows(); ++r) {
    std::int64_t number = 0;
    if (args.read(r, texts)) number = textNumber(function, texts, value.options);
    else clearBit(run, held, r);
    if (is_bool) held.values.get()[r] = static_cast<std::uint8_t>(number);
    else std::memcpy(held.values.get() + r * 8, &number, 8);
  }
  return held;
}

Held nullTest(GraphRun& run, const ir::Value& value, std::uint8_t if_null) {
  const TextArguments args(run, value.args);
  Held held;
  held.values = run.allocate(static_cast<std::size_t>(run.rows()));
  std::vector<std::string_view> texts(1);
  for (std::int64_t r = 0; r < run.rows(); ++r) held.values.get()[r] = args.read(r, texts) ? 1 - if_null : if_null;
  return held;
}

Held textsOfTexts(GraphRun& run, const ir::Value& value, TextFunction function) {
  const TextArguments args(run, value.args);
  TextColumn out(run);
  std::vector<std::string_view> texts(value.args.size());
  for (std::int64_t r = 0; r < run.rows(); ++r) {
    if (!args.read(r, texts)) {
      out.appendNull();
      continue;
    }
    appendText(function, texts, value.options, out.bytes());
    out.closeRow();
  }
  return out.finish();
}

/// select_btt and coalesce_tt.
Held chooseTexts(GraphRun& run, const ir::Value& value) {
  const bool selects = value.name == "select_btt";
  const TextArguments first(run, {&value.args[selects ? 1 : 0], 1});
  const TextArguments second(run, {&value.args[selects ? 2 : 1], 1});
  TextColumn out(run);
  std::string_view text;
  for (std::int64_t r = 0; r < run.rows(); ++r) {
    bool there = false;
    if (selects) there = (flagAt(run, value.args[0], r) ? first : second).read(r, {&text, 1});
    else there = first.read(r, {&text, 1}) || second.read(r, {&text, 1});
    if (!there) {
      out.appendNull();
      continue;
    }
    out.bytes().append(text);
    out.closeRow();
  }
  return out.finish();
}

/// A category of what `textOf(row, buffer)` says; codes in order of appearance.
template <class TextOf>
Held categoryOf(GraphRun& run, const TextOf& textOf) {
  Held held;
  held.values = run.allocate(static_cast<std::size_t>(run.rows()) * 4);
  auto* codes = reinterpret_cast<std::int32_t*>(held.values.get());
  std::unordered_map<std::string, std::int32_t> known;
  std::vector<std::string> texts;
  std::string text;
  for (std::int64_t r = 0; r < run.rows(); ++r) {
    codes[r] = 0;
    text.clear();
    if (!textOf(r, text)) {
      clearBit(run, held, r);
      continue;
    }
    const auto [at, fresh] = known.try_emplace(text, static_cast<std::int32_t>(texts.size()));
    if (fresh) texts.push_back(text);
    codes[r] = at->second;
  }
  held.texts = std::make_shared<const std::vector<std::string>>(std::move(texts));
  return held;
}

Held categoryOfInts(GraphRun& run, const ir::Value& value) {
  return categoryOf(run, [&](std::int64_t r, std::string& text) {
    const std::optional<std::int64_t> number = integerAt(run, value.args[0], r);
    if (!number) return false;
    char digits[24];
    text.append(digits, std::to_chars(digits, digits + sizeof digits, *number).ptr);
    return true;
  });
}

Held categoryOfTexts(GraphRun& run, const ir::Value& value) {
  const TextArguments args(run, value.args);
  return categoryOf(run, [&](std::int64_t r, std::string& text) {
    std::string_view view;
    if (!args.read(r, {&view, 1})) return false;
    text.assign(view);
    return true;
  });
}

Held textsLookedUp(GraphRun& run, const ColumnView& from, const std::vector<std::int32_t>& found) {
  TextColumn out(run);
  for (const std::int32_t at : found) {
    if (at < 0 || !from.isValid(at)) {
      out.appendNull();
      continue;
    }
    out.bytes().append(from.text(at));
    out.closeRow();
  }
  return out.finish();
}

/// The column of the snapshot taken at the rows that match.
Result<Held> lookUp(GraphRun& run, const ir::Value& value) {
  if (run.lookups() == nullptr) return makeError("CD5021", "a look-up of a joined table cannot be computed here yet", value.span);
  std::vector<ColumnView> keys;
  for (const ir::ValueId arg : value.args) keys.push_back(run.column(run.rowsOf(arg)).view);
  const std::vector<std::int32_t> found = run.lookups()->find(value.lookup, keys, run.rows());
  const ColumnView& from = run.lookups()->column(value.lookup, value.slot);
  if (from.kind == ir::Kind::Text) return textsLookedUp(run, from, found);
  Held held;
  const std::size_t width = from.kind == ir::Kind::Bool ? 1 : from.kind == ir::Kind::Category ? 4 : 8;
  held.values = run.allocate(static_cast<std::size_t>(run.rows()) * width);
  for (std::int64_t r = 0; r < run.rows(); ++r) {
    const std::int32_t at = found[static_cast<std::size_t>(r)];
    std::uint8_t* to = held.values.get() + static_cast<std::size_t>(r) * width;
    if (at < 0 || !from.isValid(at)) {
      std::memset(to, 0, width);
      clearBit(run, held, r);
    } else {
      std::memcpy(to, static_cast<const std::uint8_t*>(from.values) + static_cast<std::size_t>(at) * width, width);
    }
  }
  if (from.kind == ir::Kind::Category) {
    held.texts = std::make_shared<const std::vector<std::string>>(from.dictionary->levels.begin(), from.dictionary->levels.end());
  }
  return held;
}

/// The vector of tfidf: all 0 for null and for a text without a word that the vocabulary has.
Held weighTerms(GraphRun& run, ir::ValueId id) {
  const ir::Value& value = run.graph()[id];
  const TermWeigher weigher(run.fitted(id), wordOptions(value).ngrams);
  const TextArguments args(run, value.args);
  Held held;
  held.width = run.fitted(id).width;
  held.stride = (run.rows() + 7) / 8 * 8;
  const std::size_t bytes = static_cast<std::size_t>(held.stride) * held.width * 8;
  held.values = run.allocate(bytes);
  std::memset(held.values.get(), 0, bytes);
  auto* out = reinterpret_cast<double*>(held.values.get());
  std::string_view text;
  for (std::int64_t r = 0; r < run.rows(); ++r) {
    if (!args.read(r, {&text, 1})) continue;
    for (const auto& [place, weight] : weigher.weigh(text)) out[static_cast<std::int64_t>(place) * held.stride + r] = weight;
  }
  return held;
}

Result<Held> compute(GraphRun& run, ir::ValueId id) {
  const ir::Value& value = run.graph()[id];
  if (value.op == ir::Op::Encode) return weighTerms(run, id);
  if (value.op == ir::Op::Lookup) return lookUp(run, value);
  if (value.name == "concat_c") return combineCategories(run, value);
  if (value.name == "i_to_c") return categoryOfInts(run, value);
  if (value.name == "t_to_c") return categoryOfTexts(run, value);
  if (value.name == "is_null_t") return nullTest(run, value, 1);
  if (value.name == "is_not_null_t") return nullTest(run, value, 0);
  if (value.name == "select_btt" || value.name == "coalesce_tt") return chooseTexts(run, value);
  TextFunction function{};
  CD4ML_CHECK(textFunction(value.name, function));
  if (value.type.kind == ir::Kind::Text) return textsOfTexts(run, value, function);
  return numbersOfTexts(run, value, function);
}

}  // namespace

Result<Held> runOnHost(GraphRun& run, ir::ValueId value) {
  CD4ML_TRY(Held held, compute(run, value));
  held.view = {.kind = run.graph()[value].type.kind,
               .rows = run.rows(),
               .values = held.values.get(),
               .offsets = reinterpret_cast<const std::int64_t*>(held.offsets.get()),
               .validity = held.validity.get(),
               .dictionary = nullptr};
  return held;
}

}  // namespace cd4ml::score
