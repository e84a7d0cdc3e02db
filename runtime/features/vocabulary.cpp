#include "runtime/features/vocabulary.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include <fmt/format.h>

#include "base/internal_check.h"
#include "runtime/features/statistics.h"
#include "runtime/score/words.h"
#include "stdlib/kernels/native.h"

namespace cd4ml::features {
namespace {

/// Where a term occurs in the training rows.
struct Occurrence {
  std::int64_t times = 0;
  std::int64_t rows = 0;
  std::int64_t last_row = -1;
};
using Occurrences = std::unordered_map<std::string, Occurrence>;
using Term = Occurrences::const_pointer;

/// The most frequent terms first; of equals the first by bytes, so that the choice does not depend on the order of rows.
bool isMoreFrequent(Term a, Term b) {
  return a->second.times != b->second.times ? a->second.times > b->second.times : a->first < b->first;
}

}  // namespace

double logarithm(double x) {
  static constexpr std::size_t group = 8;
  alignas(64) std::array<double, group> in{};
  alignas(64) std::array<double, group> out{};
  in.fill(x);
  const kernels::NativeKernel* log = kernels::findNative("log_f");
  CD4ML_CHECK(log != nullptr);
  const void* arguments[] = {in.data()};
  log->run(arguments, out.data(), 1);
  return out[0];
}

Result<score::FittedValue> fitVocabulary(const ir::Value& encode, const score::ColumnView& texts, const RowSet& train) {
  const score::WordOptions options = score::wordOptions(encode);
  Occurrences all;
  std::int64_t rows = 0;
  for (std::int64_t i = 0; i < train.size(); ++i) {
    const std::int64_t row = trainRow(train, i);
    if (!texts.isValid(row)) continue;
    ++rows;
    for (std::string& term : score::termsOf(texts.text(row), options.ngrams)) {
      Occurrence& here = all[std::move(term)];
      ++here.times;
      if (here.last_row != i) ++here.rows;
      here.last_row = i;
    }
  }
  std::vector<Term> terms;
  for (const auto& each : all) {
    if (each.second.rows >= options.min_rows) terms.push_back(&each);
  }
  if (terms.empty()) {
    return makeError("CD5028", fmt::format("no word is in {} or more of the {} training rows that have a text", options.min_rows, rows), encode.span);
  }
  std::ranges::sort(terms, isMoreFrequent);
  if (terms.size() > static_cast<std::size_t>(options.dims)) terms.resize(static_cast<std::size_t>(options.dims));
  std::ranges::sort(terms, {}, [](Term term) -> const std::string& { return term->first; });
  score::FittedValue fit;
  fit.skipped = static_cast<std::uint64_t>(train.size() - rows);
  fit.width = static_cast<std::uint32_t>(terms.size());
  for (const Term term : terms) {
    fit.levels.push_back(term->first);
    fit.table.push_back(logarithm(static_cast<double>(1 + rows) / static_cast<double>(1 + term->second.rows)) + 1);
  }
  return fit;
}

}  // namespace cd4ml::features
