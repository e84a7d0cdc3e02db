/// Words of texts and their weights, which tfidf gives.
///
/// A word is a run of two or more letters, digits or `_` (by Unicode), in lower case one code point for one; what is no
/// UTF-8 parts words. A term is a word, or up to `ngrams` words in a row with a space between them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/score/fitted.h"

namespace cd4ml::score {

/// The terms of a text: its words in their order, then its pairs of words, and so on.
[[nodiscard]] std::vector<std::string> termsOf(std::string_view text, std::int64_t ngrams);

/// Options of `encode tfidf`, in the order of stdlib/builtins.def.
struct WordOptions {
  std::int64_t dims = 0;
  std::int64_t min_rows = 0;
  std::int64_t ngrams = 0;
};
[[nodiscard]] WordOptions wordOptions(const ir::Value& encode);

struct TermWeight {
  std::uint32_t place = 0;
  double weight = 0;
};

/// Weighs texts by a fitted vocabulary, which must outlive it. The bits of a text depend on nothing but the text.
class TermWeigher {
 public:
  TermWeigher(const FittedValue& fit, std::int64_t ngrams);
  /// The terms that the vocabulary has, by place: how often times how rare, scaled to length 1. Empty if there are none.
  [[nodiscard]] std::vector<TermWeight> weigh(std::string_view text) const;

 private:
  const FittedValue& fit_;
  std::int64_t ngrams_;
  std::unordered_map<std::string_view, std::uint32_t> places_;
};

}  // namespace cd4ml::score
