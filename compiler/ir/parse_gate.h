/// A gate's conditions in the text form, and words that stand for enumerators.
#pragma once

#include <initializer_list>

#include "compiler/ir/text_reader.h"

namespace cd4ml::ir {

template <class Enum>
Enum readEnum(TextReader& reader, std::initializer_list<std::pair<std::string_view, Enum>> choices) {
  for (const auto& [word, value] : choices) {
    if (reader.acceptWord(word)) return value;
  }
  reader.fail("an unknown word");
  return choices.begin()->second;
}

/// `(1.0 * metric candidate whole 0 0, -1.0 * constant 0.005)`.
[[nodiscard]] GateSide readSide(TextReader& reader);
/// `>=` and its like.
[[nodiscard]] std::string readComparison(TextReader& reader);

}  // namespace cd4ml::ir
