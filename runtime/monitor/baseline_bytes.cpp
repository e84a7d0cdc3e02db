#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/monitor/baseline.h"
#include "runtime/score/bytes.h"

namespace cd4ml::monitor {

namespace {

using score::ByteReader;
using score::ByteWriter;

constexpr std::uint32_t format = 1;
constexpr double fractions = 65'535;
constexpr std::uint64_t most_rows = std::uint64_t{1} << 52;
enum class Form : std::uint8_t { Nothing, Numbers, Levels };

/// Numbers below 2^63, seven bits a byte: counts are small.
void writeCount(ByteWriter& out, double count) {
  auto rest = static_cast<std::uint64_t>(count);
  while (rest >= 0x80) {
    out.u8(static_cast<std::uint8_t>(rest | 0x80U));
    rest >>= 7;
  }
  out.u8(static_cast<std::uint8_t>(rest));
}

double readCount(ByteReader& in) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 56; shift += 7) {
    const std::uint8_t byte = in.u8();
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if ((byte & 0x80U) == 0) {
      if (value > most_rows) in.fail();
      return static_cast<double>(value);
    }
  }
  in.fail();
  return 0;
}

void writeU16(ByteWriter& out, std::uint16_t v) {
  out.u8(static_cast<std::uint8_t>(v & 0xffU));
  out.u8(static_cast<std::uint8_t>(v >> 8));
}

std::uint16_t readU16(ByteReader& in) {
  const std::uint16_t low = in.u8();
  return static_cast<std::uint16_t>(low | (in.u8() << 8));
}

double readFinite(ByteReader& in) {
  const double value = in.f64();
  if (!std::isfinite(value)) in.fail();
  return in.ok() ? value : 0.0;
}

void writeNull(ByteWriter& out, const NullTable& table) {
  for (const NullTable::Row& row : table.rows) {
    for (const double quantile : row.quantile) out.u32(std::bit_cast<std::uint32_t>(static_cast<float>(quantile)));
    out.u32(std::bit_cast<std::uint32_t>(static_cast<float>(row.scale)));
    out.u32(std::bit_cast<std::uint32_t>(static_cast<float>(row.shape)));
  }
}

double readSingle(ByteReader& in) {
  const auto value = static_cast<double>(std::bit_cast<float>(in.u32()));
  if (!std::isfinite(value)) in.fail();
  return in.ok() ? value : 0.0;
}

NullTable readNull(ByteReader& in) {
  NullTable table;
  for (NullTable::Row& row : table.rows) {
    double before = 0;
    for (double& quantile : row.quantile) {
      quantile = readSingle(in);
      if (quantile < before) in.fail();
      before = quantile;
    }
    row.scale = readSingle(in);
    row.shape = readSingle(in);
    if (row.scale < 0 || row.shape < -1 || row.shape > 1) in.fail();
  }
  return table;
}

void writeNumbers(ByteWriter& out, const NumberBaseline& numbers) {
  const bool single = std::all_of(numbers.edges.begin(), numbers.edges.end(), [](double e) { return static_cast<double>(static_cast<float>(e)) == e; });
  for (const double value : {numbers.count, numbers.mean, numbers.std, numbers.min, numbers.max, numbers.beyond, numbers.clip.low, numbers.clip.high}) out.f64(value);
  out.u8(single ? 1 : 0);
  out.u64(numbers.edges.size());
  for (const double edge : numbers.edges) {
    if (single) out.u32(std::bit_cast<std::uint32_t>(static_cast<float>(edge)));
    else out.f64(edge);
  }
  for (std::size_t b = 0; b < numbers.bins(); ++b) {
    writeCount(out, numbers.counts[b]);
    const double inside = (numbers.means[b] - numbers.edges[b]) / (numbers.edges[b + 1] - numbers.edges[b]);
    if (numbers.counts[b] > 0) writeU16(out, static_cast<std::uint16_t>(std::clamp(std::round(inside * fractions), 0.0, fractions)));
  }
  if (!numbers.constant()) writeNull(out, numbers.null);
}

NumberBaseline readNumbers(ByteReader& in) {
  NumberBaseline out;
  for (double* value : {&out.count, &out.mean, &out.std, &out.min, &out.max, &out.beyond, &out.clip.low, &out.clip.high}) *value = readFinite(in);
  const bool single = in.choice<std::uint8_t>(2) == 1;
  out.edges = in.list<double>(single ? 4 : 8, [&] { return single ? readSingle(in) : readFinite(in); });
  const bool rising = std::adjacent_find(out.edges.begin(), out.edges.end(), [](double a, double b) { return a >= b; }) == out.edges.end();
  const bool sound = out.edges.size() >= 2 && rising && out.std >= 0 && out.min <= out.max && out.beyond >= 0 && out.clip.low <= out.clip.high;
  if (!in.ok() || !sound) {
    in.fail();
    return out;
  }
  double sum = 0;
  for (std::size_t b = 0; b < out.bins() && in.ok(); ++b) {
    out.counts.push_back(readCount(in));
    const double width = out.edges[b + 1] - out.edges[b];
    const double inside = out.counts[b] > 0 ? readU16(in) / fractions : 0.5;
    out.means.push_back(out.edges[b] + width * inside);
    sum += out.counts[b];
  }
  if (sum != out.count || sum <= 0) in.fail();
  if (!out.constant()) out.null = readNull(in);
  return out;
}

void writeLevels(ByteWriter& out, const LevelBaseline& levels) {
  out.list(levels.levels, [&](const LevelCount& level) {
    out.text(level.level);
    writeCount(out, level.count);
  });
  writeCount(out, levels.rest);
  out.u64(levels.distinct);
}

LevelBaseline readLevels(ByteReader& in) {
  LevelBaseline out;
  out.levels = in.list<LevelCount>(9, [&] {
    std::string level = in.text();
    return LevelCount{std::move(level), readCount(in)};
  });
  out.rest = readCount(in);
  out.distinct = in.u64();
  out.count = out.rest;
  for (const LevelCount& level : out.levels) out.count += level.count;
  if (out.count <= 0 || out.distinct < out.levels.size() || out.levels.size() > LevelBaseline::most) in.fail();
  return out;
}

void writeSeries(ByteWriter& out, const Series& series) {
  out.text(series.name);
  out.u8(static_cast<std::uint8_t>(series.role));
  out.text(series.segment);
  out.u8(static_cast<std::uint8_t>(series.kind));
  for (const double value : {series.rows, series.nulls, series.not_finite}) writeCount(out, value);
  out.u8(static_cast<std::uint8_t>(series.values.index()));
  if (const auto* numbers = std::get_if<NumberBaseline>(&series.values)) writeNumbers(out, *numbers);
  if (const auto* levels = std::get_if<LevelBaseline>(&series.values)) writeLevels(out, *levels);
}

Series readSeries(ByteReader& in) {
  Series out;
  out.name = in.text();
  out.role = in.choice<Role>(5);
  out.segment = in.text();
  out.kind = in.choice<ir::Kind>(static_cast<std::uint8_t>(ir::Kind::Vector) + 1);
  for (double* value : {&out.rows, &out.nulls, &out.not_finite}) *value = readCount(in);
  switch (in.choice<Form>(3)) {
    case Form::Nothing: break;
    case Form::Numbers:
      out.values = readNumbers(in);
      if (!isNumber(out.kind)) in.fail();
      break;
    case Form::Levels:
      out.values = readLevels(in);
      if (!isLevels(out.kind)) in.fail();
      break;
  }
  return out;
}

}  // namespace

std::string encodeBaseline(const Baseline& baseline) {
  ByteWriter out;
  out.u32(format);
  out.u64(baseline.rows);
  out.u64(baseline.sampled);
  out.text(baseline.predicted);
  out.list(baseline.series, [&](const Series& series) { writeSeries(out, series); });
  return out.take();
}

Result<Baseline> decodeBaseline(std::string_view bytes, const std::string& where) {
  ByteReader in(bytes);
  const std::uint32_t version = in.u32();
  if (in.ok() && version > format) {
    return makeError("CD5602", fmt::format("the baseline of `{}` has format {}; this program reads up to {}", where, version, format));
  }
  Baseline out;
  out.rows = in.u64();
  out.sampled = in.u64();
  out.predicted = in.text();
  out.series = in.list<Series>(30, [&] { return readSeries(in); });
  if (version != format || !in.finished()) return makeError("CD5601", fmt::format("the section `baseline` of `{}` is damaged", where));
  return out;
}

}  // namespace cd4ml::monitor
