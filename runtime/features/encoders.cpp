#include "runtime/features/encoders.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "base/internal_check.h"
#include "runtime/features/vocabulary.h"

namespace cd4ml::features {
namespace {

/// Levels that occur in training, sorted by bytes, and the place of each code among them.
struct Levels {
  std::vector<std::string> texts;
  std::vector<std::int32_t> place_of_code;
};

Levels levelsIn(const score::ColumnView& category, const RowSet& train) {
  CD4ML_CHECK(category.dictionary != nullptr);
  const auto& all = category.dictionary->levels;
  std::vector<std::uint8_t> used(all.size(), 0);
  for (std::int64_t i = 0; i < train.size(); ++i) {
    const std::int64_t row = trainRow(train, i);
    if (category.isValid(row)) used[static_cast<std::size_t>(category.codes()[row])] = 1;
  }
  std::map<std::string_view, std::int32_t> places;
  for (std::size_t c = 0; c < all.size(); ++c) {
    if (used[c] != 0) places.emplace(all[c], 0);
  }
  Levels out;
  for (auto& [text, place] : places) {
    place = static_cast<std::int32_t>(out.texts.size());
    out.texts.emplace_back(text);
  }
  out.place_of_code.assign(all.size(), -1);
  for (std::size_t c = 0; c < all.size(); ++c) {
    if (used[c] != 0) out.place_of_code[c] = places.at(all[c]);
  }
  return out;
}

std::uint64_t nullsIn(const score::ColumnView& category, const RowSet& train) {
  std::uint64_t nulls = 0;
  for (std::int64_t i = 0; category.validity != nullptr && i < train.size(); ++i) nulls += category.isValid(trainRow(train, i)) ? 0 : 1;
  return nulls;
}

double smoothOf(const ir::Value& encode) {
  CD4ML_CHECK(!encode.options.empty());
  if (const auto* number = std::get_if<double>(&encode.options[0].value)) return *number;
  return static_cast<double>(std::get<std::int64_t>(encode.options[0].value));
}

/// Sum and count of the target, by fold and by level (null is the last one), added in row order.
struct Sums {
  std::size_t levels = 0;
  std::vector<double> sum;
  std::vector<double> count;

  Sums(int folds, std::size_t level_count) : levels(level_count), sum(static_cast<std::size_t>(folds) * level_count), count(sum.size()) {}
};

Sums sumByFold(std::span<const double> target, const score::ColumnView& category, const Levels& levels, const RowSet& train,
               std::span<const std::uint8_t> fold_of, int folds) {
  const std::size_t null_level = levels.texts.size();
  Sums out(folds, null_level + 1);
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (std::isnan(target[i])) continue;
    const std::int64_t row = trainRow(train, static_cast<std::int64_t>(i));
    const std::size_t level = category.isValid(row) ? static_cast<std::size_t>(levels.place_of_code[static_cast<std::size_t>(category.codes()[row])]) : null_level;
    const std::size_t at = (fold_of.empty() ? 0 : fold_of[i]) * out.levels + level;
    out.sum[at] += target[i];
    out.count[at] += 1;
  }
  return out;
}

/// Sum and count by level over the folds other than `left_out` (-1: over all), and of all levels.
struct LevelSums {
  std::vector<double> sum;
  std::vector<double> count;
  double all_sum = 0;
  double all_count = 0;
};

LevelSums sumsWithout(const Sums& sums, int left_out, int folds) {
  LevelSums out{.sum = std::vector<double>(sums.levels), .count = std::vector<double>(sums.levels)};
  for (int f = 0; f < folds; ++f) {
    if (f == left_out) continue;
    for (std::size_t l = 0; l < sums.levels; ++l) {
      out.sum[l] += sums.sum[static_cast<std::size_t>(f) * sums.levels + l];
      out.count[l] += sums.count[static_cast<std::size_t>(f) * sums.levels + l];
    }
  }
  for (std::size_t l = 0; l < sums.levels; ++l) {
    out.all_sum += out.sum[l];
    out.all_count += out.count[l];
  }
  return out;
}

/// Element `k` of target_encode.
void writeMeans(const LevelSums& sums, double smooth, std::uint32_t k, score::FittedValue& fit) {
  const double prior = sums.all_count > 0 ? sums.all_sum / sums.all_count : 0.0;
  const auto smoothed = [&](std::size_t l) {
    const double weight = sums.count[l] + smooth;
    return sums.count[l] > 0 ? (sums.sum[l] + smooth * prior) / weight : prior;
  };
  const std::size_t null_level = sums.sum.size() - 1;
  for (std::size_t l = 0; l < null_level; ++l) fit.table[l * fit.width + k] = smoothed(l);
  fit.missing[k] = smoothed(null_level);
  fit.unseen[k] = prior;
}

/// woe: how much the odds of true in a level are above the odds of all rows, as a logarithm. The prior's rows are added
/// to both classes in the prior's proportion, so that a level of few rows has little evidence, and one of none has none.
void writeEvidence(const LevelSums& sums, double smooth, score::FittedValue& fit) {
  const double trues = sums.all_sum;
  const double falses = sums.all_count - sums.all_sum;
  const auto evidence = [&](std::size_t l) {
    if (sums.count[l] == 0 || trues == 0 || falses == 0) return 0.0;
    const double of_true = sums.sum[l] + smooth * (trues / sums.all_count);
    const double of_false = sums.count[l] - sums.sum[l] + smooth * (falses / sums.all_count);
    return logarithm(of_true / of_false * (falses / trues));
  };
  const std::size_t null_level = sums.sum.size() - 1;
  for (std::size_t l = 0; l < null_level; ++l) fit.table[l] = evidence(l);
  fit.missing[0] = evidence(null_level);
  fit.unseen[0] = 0.0;
}

}  // namespace

TargetNumbers targetNumbers(const score::ColumnView& target, const RowSet& train) {
  TargetNumbers out;
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const auto size = static_cast<std::size_t>(train.size());
  if (target.kind != ir::Kind::Category) {
    out.columns.emplace_back(size);
    for (std::size_t i = 0; i < size; ++i) {
      out.columns[0][i] = nan;
      const std::int64_t row = trainRow(train, static_cast<std::int64_t>(i));
      if (!target.isValid(row)) continue;
      double value = 0;
      if (target.kind == ir::Kind::Float) value = target.floats()[row];
      else if (target.kind == ir::Kind::Bool) value = target.bools()[row];
      else value = static_cast<double>(target.ints()[row]);
      if (std::isfinite(value)) out.columns[0][i] = value;
    }
    return out;
  }
  const Levels classes = levelsIn(target, train);
  out.width = classes.texts.empty() ? 0 : static_cast<std::uint32_t>(classes.texts.size() - 1);
  out.columns.assign(out.width, data::Scratch<double>(size, nan));
  for (std::size_t i = 0; i < size; ++i) {
    const std::int64_t row = trainRow(train, static_cast<std::int64_t>(i));
    if (!target.isValid(row)) continue;
    const std::int32_t place = classes.place_of_code[static_cast<std::size_t>(target.codes()[row])];
    for (std::uint32_t k = 0; k < out.width; ++k) out.columns[k][i] = place == static_cast<std::int32_t>(k) ? 1.0 : 0.0;
  }
  return out;
}

std::vector<score::FittedValue> fitTargetFolds(const ir::Value& encode, const score::ColumnView& category, const TargetNumbers& target,
                                               const RowSet& train, std::span<const std::uint8_t> fold_of, int folds) {
  const Levels levels = levelsIn(category, train);
  score::FittedValue empty;
  empty.width = target.width;
  empty.levels = levels.texts;
  empty.table.resize(levels.texts.size() * target.width);
  empty.missing.resize(target.width);
  empty.unseen.resize(target.width);
  const bool one_fit = fold_of.empty();
  std::vector<score::FittedValue> fits(one_fit ? 1 : static_cast<std::size_t>(folds) + 1, empty);
  const double smooth = smoothOf(encode);
  for (std::uint32_t k = 0; k < target.width; ++k) {
    const Sums sums = sumByFold(target.columns[k], category, levels, train, fold_of, one_fit ? 1 : folds);
    const auto write = [&](int left_out, score::FittedValue& fit) {
      const LevelSums kept = sumsWithout(sums, left_out, one_fit ? 1 : folds);
      if (encode.name == "woe") writeEvidence(kept, smooth, fit);
      else writeMeans(kept, smooth, k, fit);
    };
    for (int f = 0; !one_fit && f < folds; ++f) write(f, fits[static_cast<std::size_t>(f)]);
    write(-1, fits.back());
  }
  return fits;
}

Result<score::FittedValue> fitEncoder(const ir::Value& encode, const score::ColumnView& category, const std::vector<std::string>* closed,
                                      const TargetNumbers* target, const RowSet& train) {
  if (encode.name == "target_encode" || encode.name == "woe") {
    CD4ML_CHECK(target != nullptr);
    score::FittedValue fit = fitTargetFolds(encode, category, *target, train, {}, 1)[0];
    fit.skipped = static_cast<std::uint64_t>(std::count_if(target->columns.empty() ? nullptr : target->columns[0].data(),
        target->columns.empty() ? nullptr : target->columns[0].data() + target->columns[0].size(), [](double v) { return std::isnan(v); }));
    return fit;
  }
  if (encode.name == "tfidf") return fitVocabulary(encode, category, train);
  score::FittedValue fit;
  fit.levels = closed != nullptr ? *closed : levelsIn(category, train).texts;
  fit.skipped = nullsIn(category, train);
  const std::size_t count = fit.levels.size();
  if (encode.name == "ordinal") {
    for (std::size_t l = 0; l < count; ++l) fit.table.push_back(static_cast<double>(l));
    fit.unseen = {-1.0};
    fit.missing = {0.0};
    return fit;
  }
  if (encode.name != "one_hot") return makeError("CD5021", fmt::format("the encoder `{}` cannot be fitted yet", encode.name), encode.span);
  fit.width = static_cast<std::uint32_t>(count);
  return fit;
}

}  // namespace cd4ml::features
