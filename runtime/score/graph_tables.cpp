#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "base/internal_check.h"
#include "runtime/score/category_codes.h"
#include "runtime/score/graph_run.h"
#include "runtime/score/text_functions.h"

namespace cd4ml::score {
namespace {

std::shared_ptr<void> tableOf(std::vector<std::int64_t> entries) {
  auto held = std::make_shared<std::vector<std::int64_t>>(std::move(entries));
  return {held, held->data()};
}

}  // namespace

std::optional<std::string_view> constantText(const ir::Value& value) {
  CD4ML_CHECK(value.op == ir::Op::Constant);
  if (const auto* text = std::get_if<std::string>(&value.literal.value)) return *text;
  return std::nullopt;
}

std::optional<std::string_view> GraphRun::constantTextOf(ir::ValueId category) {
  if (!constantText(graph_[rowsOf(category)])) return std::nullopt;
  return texts(category)->front();
}

Texts GraphRun::texts(ir::ValueId category) {
  if (const auto at = texts_.find(category.index); at != texts_.end()) return at->second;
  return texts_[category.index] = makeTexts(category);
}

Texts GraphRun::makeTexts(ir::ValueId category) {
  const ir::Value& value = graph_[category];
  std::vector<std::string> out;
  if (value.op == ir::Op::Constant) {  // a text literal may stand for a category
    out.emplace_back(constantText(value).value_or(""));
  } else if (value.op == ir::Op::Fit) {
    out.push_back(fitted(category).text);
  } else if (lanes::mapsTexts(graph_, category)) {
    const Texts from = texts(lanes::categoryArgument(graph_, category));
    TextFunction function{};
    CD4ML_CHECK(textFunction(value.name, function));
    std::vector<std::string_view> args(value.args.size());
    for (const std::string& text : *from) {
      for (std::size_t a = 0; a < args.size(); ++a) {
        args[a] = graph_[value.args[a]].op == ir::Op::Constant ? constantText(graph_[value.args[a]]).value_or("") : std::string_view(text);
      }
      appendText(function, args, value.options, out.emplace_back());
    }
  } else if (value.op == ir::Op::Call && (value.name == "select_bcc" || value.name == "coalesce_cc")) {
    for (std::size_t a = value.args.size() - 2; a < value.args.size(); ++a) {
      const Texts part = texts(value.args[a]);
      out.insert(out.end(), part->begin(), part->end());
    }
  } else {
    const Dictionary* dictionary = columns_.at(category.index).view.dictionary;
    CD4ML_CHECK(dictionary != nullptr);
    out.assign(dictionary->levels.begin(), dictionary->levels.end());
  }
  return std::make_shared<const std::vector<std::string>>(std::move(out));
}

std::shared_ptr<void> GraphRun::makeTable(const lanes::TableSlot& slot) {
  switch (slot.what) {
    case lanes::TableSlot::What::Function: return functionTable(slot);
    case lanes::TableSlot::What::Encoded: return encodedTable(slot);
    case lanes::TableSlot::What::Shared: return sharedTable(slot);
    case lanes::TableSlot::What::Place: {
      const Texts all = texts(slot.category);
      std::vector<std::int64_t> entries(all->size() + 1, -1);
      Dictionary dictionary;
      dictionary.levels.assign(all->begin(), all->end());
      const std::vector<std::int32_t> places = mapLevels(dictionary, fitted(slot.value).levels);
      std::copy(places.begin(), places.end(), entries.begin() + 1);
      return tableOf(std::move(entries));
    }
  }
  return nullptr;
}

std::shared_ptr<void> GraphRun::functionTable(const lanes::TableSlot& slot) {
  const ir::Value& call = graph_[slot.value];
  TextFunction function{};
  CD4ML_CHECK(textFunction(call.name, function));
  const Texts all = texts(slot.category);
  std::vector<std::int64_t> entries{0};
  for (const std::string& text : *all) {
    const std::string_view arg = text;
    entries.push_back(textNumber(function, {&arg, 1}, call.options));
  }
  return tableOf(std::move(entries));
}

std::shared_ptr<void> GraphRun::encodedTable(const lanes::TableSlot& slot) {
  const bool folded = isFolded(slot.value);
  const std::size_t fits = folded ? request_.folded->at(slot.value.index).fits.size() : 1;
  const Texts all = texts(slot.category);
  Dictionary dictionary;
  dictionary.levels.assign(all->begin(), all->end());
  std::vector<std::int64_t> entries;
  const auto push = [&](double number) {
    std::int64_t bits = 0;
    std::memcpy(&bits, &number, sizeof bits);
    entries.push_back(bits);
  };
  for (std::size_t f = 0; f < fits; ++f) {
    const FittedValue& fit = folded ? request_.folded->at(slot.value.index).fits[f] : fitted(slot.value);
    push(slot.element < fit.missing.size() ? fit.missing[slot.element] : 0.0);
    for (const std::int32_t place : mapLevels(dictionary, fit.levels)) {
      push(place < 0 ? fit.unseen.at(slot.element) : fit.table.at(static_cast<std::size_t>(place) * fit.width + slot.element));
    }
  }
  return tableOf(std::move(entries));
}

std::shared_ptr<void> GraphRun::sharedTable(const lanes::TableSlot& slot) {
  std::unordered_map<std::string_view, std::int64_t> numbers;
  std::vector<Texts> both;
  for (const ir::ValueId arg : graph_[slot.value].args) both.push_back(texts(arg));
  for (const Texts& side : both) {
    for (const std::string& text : *side) numbers.try_emplace(text, static_cast<std::int64_t>(numbers.size()));
  }
  std::vector<std::int64_t> entries{-1};
  for (const std::string& text : *both[slot.element]) entries.push_back(numbers.at(text));
  return tableOf(std::move(entries));
}

}  // namespace cd4ml::score
