#include "runtime/learn/gbdt_bins.h"

#include <fmt/format.h>  // before LightGBM's headers, which would compile it into this file

#include <LightGBM/c_api.h>
#include <LightGBM/dataset.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <variant>

#include "base/parallel.h"
#include "runtime/learn/cut_ranks.h"
#include "runtime/learn/loaded_build.h"
#include "runtime/learn/stream_values.h"

namespace cd4ml::learn {

namespace {

using LightGBM::BinMapper;
using LightGBM::Dataset;

/// The library of scripts/pins.txt, and the sizes that its classes have for the compiler and standard library at hand.
constexpr std::string_view pinned_build = "46e147546365d94d9cd133049ea198c3a0ed6a67";
constexpr bool same_layout = sizeof(void*) == 8 && sizeof(Dataset) == 864 && sizeof(LightGBM::FeatureGroup) == 96 && sizeof(BinMapper) == 160;

constexpr std::size_t block_rows = 1024;
constexpr std::uint32_t stays = std::numeric_limits<std::uint32_t>::max();  ///< the most frequent bin: what an empty dataset holds

using Codes = std::array<std::uint32_t, block_rows>;

/// One column on its way into one feature: rows get codes, codes have bins.
struct Feature {
  const StreamColumn* column = nullptr;
  int inner = 0;                      ///< the library's number of the feature
  int sub = 0;                        ///< its place in the group
  std::optional<CutRanks> ranks{};    ///< the code is the rank among the cuts; else it is the value
  std::vector<std::uint32_t> stored{};  ///< what the group stores for each code, or `stays`; the last is for missing values

  [[nodiscard]] std::uint32_t missing() const { return static_cast<std::uint32_t>(stored.size() - 1); }
};

/// How a group keeps its bins.
enum class Storage { Bits4, Bits8, Bits16, Bits32, Pushed };

struct Group {
  int index = 0;
  Storage storage = Storage::Pushed;
  void* data = nullptr;
  std::vector<Feature> features{};    ///< in the order of the columns: where two fall on one row, the later one wins
};

/// Groups of several bins a row and sparse ones take theirs one by one.
void findStorage(Dataset& dataset, Group& group) {
  if (dataset.IsMultiGroup(group.index)) return;
  group.data = dataset.FeatureGroupData(group.index);
  if (group.data == nullptr) return;
  std::uint8_t bits = 0;
  bool sparse = false;
  LightGBM::BinIterator* iterator = nullptr;
  dataset.GetColWiseData(group.index, -1, &bits, &sparse, &iterator);
  switch (bits) {
    case 4: group.storage = Storage::Bits4; return;
    case 8: group.storage = Storage::Bits8; return;
    case 16: group.storage = Storage::Bits16; return;
    case 32: group.storage = Storage::Bits32; return;
  }
}

std::vector<double> cutsOf(const BinMapper& mapper) {
  const int last = mapper.num_bin() - 1 - (mapper.missing_type() == LightGBM::MissingType::NaN ? 1 : 0);
  std::vector<double> cuts;
  for (int bin = 0; bin < last; ++bin) cuts.push_back(mapper.BinToValue(static_cast<std::uint32_t>(bin)));
  return cuts;
}

/// The values that each code stands for, missing ones last; empty: the library must do it.
std::vector<double> codeValues(const StreamColumn& column, const BinMapper& mapper) {
  constexpr double missing = std::numeric_limits<double>::quiet_NaN();
  const bool numeric = mapper.bin_type() == LightGBM::BinType::NumericalBin;
  std::vector<double> values;
  switch (*column.format) {
    case 'C': values.resize(256); break;
    case 'i': if (!numeric) values.resize(static_cast<std::size_t>(mapper.MaxCatValue()) + 2); break;  // and any other code
    default: break;
  }
  if (values.empty()) return values;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  values.push_back(missing);
  return values;
}

/// False: a column that only the library can read.
bool planFeature(const Dataset& dataset, const Group& group, Feature& feature) {
  const BinMapper& mapper = *dataset.FeatureBinMapper(feature.inner);
  std::vector<std::uint32_t> bins;
  if (const std::vector<double> values = codeValues(*feature.column, mapper); !values.empty()) {
    for (const double value : values) bins.push_back(mapper.ValueToBin(value));
  } else {
    if (mapper.bin_type() != LightGBM::BinType::NumericalBin) return false;
    const std::vector<double> cuts = cutsOf(mapper);
    if (!std::is_sorted(cuts.begin(), cuts.end())) return false;
    feature.ranks.emplace(cuts);
    for (std::uint32_t rank = 0; rank <= cuts.size(); ++rank) bins.push_back(rank);
    bins.push_back(mapper.ValueToBin(std::numeric_limits<double>::quiet_NaN()));
  }
  const std::uint32_t offset = group.storage == Storage::Pushed ? 0 : dataset.feature_min_bin(feature.inner);
  for (const std::uint32_t bin : bins) {
    const std::uint32_t shift = mapper.GetMostFreqBin() == 0 ? 1 : 0;
    feature.stored.push_back(bin == mapper.GetMostFreqBin() ? stays : bin - shift + offset);
  }
  return true;
}

void markMissing(const StreamColumn& column, std::int64_t begin, std::size_t count, std::uint32_t missing, Codes& codes) {
  if (column.validity == nullptr) return;
  for (std::size_t i = 0; i < count; ++i) {
    if (!isThere(column, begin + static_cast<std::int64_t>(i))) codes[i] = missing;
  }
}

void readCodes(const Feature& feature, std::int64_t begin, std::size_t count, Codes& codes) {
  visitValues(*feature.column, [&]<class Value>(const Value* values) {
    const Value* from = values + begin;
    if (feature.ranks) {
      if constexpr (std::is_same_v<Value, double>) {
        feature.ranks->rank(from, count, codes.data());
      } else {
        std::array<double, block_rows> numbers;
        std::transform(from, from + count, numbers.begin(), [](Value v) { return static_cast<double>(v); });
        feature.ranks->rank(numbers.data(), count, codes.data());
      }
    } else {
      const std::uint32_t other = feature.missing() - 1;
      std::transform(from, from + count, codes.begin(), [&](Value v) { return std::min(static_cast<std::uint32_t>(v), other); });
    }
  });
  markMissing(*feature.column, begin, count, feature.missing(), codes);
}

/// Calls `write(begin, count, codes)` for all rows, a block after the other. A block begins at an even row.
template <class Write>
void forBlocks(const Feature& feature, std::int64_t rows, const Write& write) {
  Codes codes;
  for (std::int64_t begin = 0; begin < rows; begin += static_cast<std::int64_t>(block_rows)) {
    const auto count = static_cast<std::size_t>(std::min<std::int64_t>(block_rows, rows - begin));
    readCodes(feature, begin, count, codes);
    write(begin, count, codes);
  }
}

template <class Bin>
std::vector<Bin> narrowed(const std::vector<std::uint32_t>& stored) {
  std::vector<Bin> out;
  for (const std::uint32_t bin : stored) out.push_back(bin == stays ? Bin{0} : static_cast<Bin>(bin));
  return out;
}

/// A group of one feature: every row is written.
template <class Bin>
void writeAll(const Feature& feature, std::int64_t rows, Bin* data) {
  const std::vector<Bin> bins = narrowed<Bin>(feature.stored);
  forBlocks(feature, rows, [&](std::int64_t begin, std::size_t count, const Codes& codes) {
    for (std::size_t i = 0; i < count; ++i) data[begin + static_cast<std::int64_t>(i)] = bins[codes[i]];
  });
}

/// A feature of a bundle: only rows that do not hold its most frequent bin are written.
template <class Bin>
void writeMoved(const Feature& feature, std::int64_t rows, Bin* data) {
  forBlocks(feature, rows, [&](std::int64_t begin, std::size_t count, const Codes& codes) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t bin = feature.stored[codes[i]];
      if (bin != stays) data[begin + static_cast<std::int64_t>(i)] = static_cast<Bin>(bin);
    }
  });
}

/// Two rows a byte, the even one in the low half.
void writeAllHalves(const Feature& feature, std::int64_t rows, std::uint8_t* data) {
  const std::vector<std::uint8_t> bins = narrowed<std::uint8_t>(feature.stored);
  forBlocks(feature, rows, [&](std::int64_t begin, std::size_t count, const Codes& codes) {
    std::uint8_t* to = data + begin / 2;
    for (std::size_t i = 0; i + 1 < count; i += 2) *to++ = static_cast<std::uint8_t>(bins[codes[i]] | bins[codes[i + 1]] << 4);
    if (count % 2 != 0) *to = bins[codes[count - 1]];
  });
}

void writeMovedHalves(const Feature& feature, std::int64_t rows, std::uint8_t* data) {
  forBlocks(feature, rows, [&](std::int64_t begin, std::size_t count, const Codes& codes) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t bin = feature.stored[codes[i]];
      if (bin == stays) continue;
      std::uint8_t& both = data[(begin + static_cast<std::int64_t>(i)) / 2];
      both = static_cast<std::uint8_t>(i % 2 == 0 ? (both & 0xF0U) | bin : (both & 0x0FU) | bin << 4U);
    }
  });
}

void push(Dataset& dataset, const Group& group, const Feature& feature, std::int64_t rows) {
  visitValues(*feature.column, [&](const auto* values) {
    forBlocks(feature, rows, [&](std::int64_t begin, std::size_t count, const Codes& codes) {
      for (std::size_t i = 0; i < count; ++i) {
        if (feature.stored[codes[i]] == stays) continue;
        const std::int64_t row = begin + static_cast<std::int64_t>(i);
        const double value = codes[i] == feature.missing() ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(values[row]);
        dataset.PushOneData(0, static_cast<LightGBM::data_size_t>(row), group.index, feature.inner, feature.sub, value);
      }
    });
  });
}

template <class Bin>
void fillWords(const Group& group, std::int64_t rows) {
  auto* data = static_cast<Bin*>(group.data);
  if (group.features.size() == 1) return writeAll(group.features[0], rows, data);
  for (const Feature& feature : group.features) writeMoved(feature, rows, data);
}

void fillHalves(const Group& group, std::int64_t rows) {
  auto* data = static_cast<std::uint8_t*>(group.data);
  if (group.features.size() == 1) return writeAllHalves(group.features[0], rows, data);
  for (const Feature& feature : group.features) writeMovedHalves(feature, rows, data);
}

void fillGroup(Dataset& dataset, const Group& group, std::int64_t rows) {
  switch (group.storage) {
    case Storage::Bits4: return fillHalves(group, rows);
    case Storage::Bits8: return fillWords<std::uint8_t>(group, rows);
    case Storage::Bits16: return fillWords<std::uint16_t>(group, rows);
    case Storage::Bits32: return fillWords<std::uint32_t>(group, rows);
    case Storage::Pushed:
      for (const Feature& feature : group.features) push(dataset, group, feature, rows);
      return;
  }
}

}  // namespace

bool knowsDatasets() {
  static const bool knows = same_layout && loadedBuild(reinterpret_cast<const void*>(&LGBM_DatasetFree)) == pinned_build;
  return knows;
}

bool fillDataset(void* handle, const std::vector<StreamColumn>& columns, std::int64_t rows, int threads) {
  Dataset& dataset = *static_cast<Dataset*>(handle);
  if (dataset.has_raw() || dataset.num_total_features() != static_cast<int>(columns.size()) || dataset.num_data() != rows) return false;
  std::vector<Group> groups(static_cast<std::size_t>(dataset.num_feature_groups()));
  for (std::size_t g = 0; g < groups.size(); ++g) {
    groups[g].index = static_cast<int>(g);
    findStorage(dataset, groups[g]);
  }
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const int inner = dataset.InnerFeatureIndex(static_cast<int>(c));
    if (inner < 0) continue;
    Group& group = groups[static_cast<std::size_t>(dataset.Feature2Group(inner))];
    group.features.push_back({.column = &columns[c], .inner = inner, .sub = dataset.Feature2SubFeature(inner)});
    if (!planFeature(dataset, group, group.features.back())) return false;
  }
  parallelFor(threads, groups.size(), [&](std::size_t g) { fillGroup(dataset, groups[g], rows); });
  return true;
}

}  // namespace cd4ml::learn
