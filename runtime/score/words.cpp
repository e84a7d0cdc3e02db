#include "runtime/score/words.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/internal_check.h"

namespace cd4ml::score {
namespace {

struct LetterRange {
  std::uint32_t first;
  std::uint32_t last;
};
constexpr LetterRange letter_ranges[] = {
#define CD4ML_LETTERS(first, last) {first, last},
#define CD4ML_LOWER(first, last, step, distance)
#include "runtime/score/letters.def"
#undef CD4ML_LETTERS
#undef CD4ML_LOWER
};

struct LowerRange {
  std::uint32_t first;
  std::uint32_t last;
  std::uint32_t step;
  std::int32_t distance;
};
constexpr LowerRange lower_ranges[] = {
#define CD4ML_LETTERS(first, last)
#define CD4ML_LOWER(first, last, step, distance) {first, last, step, distance},
#include "runtime/score/letters.def"
#undef CD4ML_LETTERS
#undef CD4ML_LOWER
};

/// The range that a code point may be in: the last that does not begin behind it.
template <class Range, std::size_t count>
const Range* rangeAt(const Range (&ranges)[count], std::uint32_t c) {
  const Range* const above = std::upper_bound(std::begin(ranges), std::end(ranges), c, [](std::uint32_t value, const Range& range) { return value < range.first; });
  return above != std::begin(ranges) && c <= (above - 1)->last ? above - 1 : nullptr;
}

bool isLetter(std::uint32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  return rangeAt(letter_ranges, c) != nullptr;
}

std::uint32_t lowered(std::uint32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  const LowerRange* range = rangeAt(lower_ranges, c);
  if (range == nullptr || (c - range->first) % range->step != 0) return c;
  return c + static_cast<std::uint32_t>(range->distance);
}

/// The next code point, which is taken from `text`; a byte that begins none is U+FFFD, which is no letter.
std::uint32_t takeCodePoint(std::string_view& text) {
  constexpr std::uint32_t none = 0xfffd;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = byte(0);
  const std::size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  std::uint32_t c = length < 2 ? first : first & (0x7fU >> length);
  bool sound = length > 0 && text.size() >= length;
  for (std::size_t i = 1; sound && i < length; ++i) {
    sound = (byte(i) & 0xc0U) == 0x80U;
    c = c << 6U | (byte(i) & 0x3fU);
  }
  text.remove_prefix(sound ? length : 1);
  return sound ? c : none;
}

void appendCodePoint(std::uint32_t c, std::string& out) {
  if (c < 0x80) {
    out += static_cast<char>(c);
    return;
  }
  const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  static constexpr std::array<std::uint32_t, 4> marks{0, 0xc0, 0xe0, 0xf0};
  out += static_cast<char>(marks[static_cast<std::size_t>(more)] | c >> (6 * more));
  for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80U | (c >> (6 * i) & 0x3fU));
}

std::vector<std::string> wordsOf(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  std::size_t letters = 0;
  const auto close = [&] {
    if (letters >= 2) words.push_back(word);
    word.clear();
    letters = 0;
  };
  while (!text.empty()) {
    // Lowered first: a capital is a letter if its small one is.
    const std::uint32_t c = lowered(takeCodePoint(text));
    if (!isLetter(c)) {
      close();
      continue;
    }
    appendCodePoint(c, word);
    ++letters;
  }
  close();
  return words;
}

}  // namespace

std::vector<std::string> termsOf(std::string_view text, std::int64_t ngrams) {
  std::vector<std::string> terms = wordsOf(text);
  const std::size_t words = terms.size();
  for (std::size_t n = 2; n <= static_cast<std::size_t>(ngrams) && n <= words; ++n) {
    for (std::size_t begin = 0; begin + n <= words; ++begin) {
      std::string term = terms[begin];
      for (std::size_t i = 1; i < n; ++i) term.append(" ").append(terms[begin + i]);
      terms.push_back(std::move(term));
    }
  }
  return terms;
}

WordOptions wordOptions(const ir::Value& encode) {
  CD4ML_CHECK(encode.options.size() == 3);
  const auto number = [&](std::size_t i) { return std::get<std::int64_t>(encode.options[i].value); };
  return {.dims = number(0), .min_rows = number(1), .ngrams = number(2)};
}

TermWeigher::TermWeigher(const FittedValue& fit, std::int64_t ngrams) : fit_(fit), ngrams_(ngrams) {
  CD4ML_CHECK(fit.table.size() == fit.levels.size());
  places_.reserve(fit.levels.size());
  for (std::size_t i = 0; i < fit.levels.size(); ++i) places_.emplace(fit.levels[i], static_cast<std::uint32_t>(i));
}

std::vector<TermWeight> TermWeigher::weigh(std::string_view text) const {
  std::map<std::uint32_t, double> counts;
  for (const std::string& term : termsOf(text, ngrams_)) {
    if (const auto at = places_.find(term); at != places_.end()) counts[at->second] += 1;
  }
  std::vector<TermWeight> weights;
  weights.reserve(counts.size());
  double squares = 0;
  for (const auto& [place, count] : counts) {
    const double weight = count * fit_.table[place];
    squares += weight * weight;
    weights.push_back({place, weight});
  }
  const double length = std::sqrt(squares);
  for (TermWeight& each : weights) each.weight /= length;
  return weights;
}

}  // namespace cd4ml::score
