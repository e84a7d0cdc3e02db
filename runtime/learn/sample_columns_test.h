/// Made-up training parts for the tests of this folder: numbers with nulls and NaN, bools, categories, vectors.
#pragma once

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "runtime/learn/trainer.h"

namespace cd4ml::learn {

inline data::Column floatColumn(const std::vector<double>& values, const std::vector<bool>& there = {}) {
  data::Column column;
  column.type = {.kind = ir::Kind::Float, .nullable = !there.empty()};
  column.rows = static_cast<std::int64_t>(values.size());
  auto buffer = data::allocateBuffer(values.size() * sizeof(double));
  std::memcpy(buffer.get(), values.data(), values.size() * sizeof(double));
  column.values = buffer;
  if (!there.empty()) {
    auto validity = data::allocateValidity(column.rows);
    for (std::size_t i = 0; i < there.size(); ++i) {
      if (!there[i]) validity.get()[i / 8] &= static_cast<std::uint8_t>(~(1U << (i % 8)));
    }
    column.validity = validity;
  }
  return data::finishColumn(column);
}

inline data::Column intColumn(const std::vector<std::int64_t>& values) {
  data::Column column;
  column.type = {.kind = ir::Kind::Int};
  column.rows = static_cast<std::int64_t>(values.size());
  auto buffer = data::allocateBuffer(values.size() * sizeof(std::int64_t));
  std::memcpy(buffer.get(), values.data(), values.size() * sizeof(std::int64_t));
  column.values = buffer;
  return data::finishColumn(column);
}

inline data::Column boolColumn(const std::vector<std::uint8_t>& values) {
  data::Column column;
  column.type = {.kind = ir::Kind::Bool};
  column.rows = static_cast<std::int64_t>(values.size());
  auto buffer = data::allocateBuffer(values.size());
  std::memcpy(buffer.get(), values.data(), values.size());
  column.values = buffer;
  return data::finishColumn(column);
}

inline data::Column categoryColumn(const std::vector<std::int32_t>& codes, std::vector<std::string> levels) {
  data::Column column;
  column.type = {.kind = ir::Kind::Category};
  column.rows = static_cast<std::int64_t>(codes.size());
  auto buffer = data::allocateBuffer(codes.size() * sizeof(std::int32_t));
  std::memcpy(buffer.get(), codes.data(), codes.size() * sizeof(std::int32_t));
  column.values = buffer;
  column.levels = std::make_shared<const std::vector<std::string>>(std::move(levels));
  return data::finishColumn(column);
}

/// Row-wise made-up data; the same seed gives the same rows.
inline TrainingPart samplePart(std::size_t rows, std::uint64_t seed, ir::Task task, int levels = 60) {
  std::mt19937_64 random(seed);
  const auto unit = [&] { return static_cast<double>(random() >> 11U) * 0x1p-53; };
  std::vector<double> number(rows), with_nan(rows), with_null(rows), spiky(rows), target(rows);
  std::vector<bool> there(rows);
  std::vector<std::int64_t> whole(rows);
  std::vector<std::uint8_t> flag(rows);
  std::vector<std::int32_t> code(rows);
  std::vector<std::string> names;
  for (int k = 0; k < levels; ++k) names.push_back("level " + std::to_string(k));
  for (std::size_t i = 0; i < rows; ++i) {
    number[i] = unit() * 10 - 5;
    with_nan[i] = unit() < 0.1 ? std::numeric_limits<double>::quiet_NaN() : std::exp(unit() * 4);
    with_null[i] = unit() * 100;
    there[i] = unit() > 0.15;
    spiky[i] = unit() < 0.5 ? 0.0 : unit() - 0.5;
    whole[i] = static_cast<std::int64_t>(random() % 24) - 6;
    flag[i] = static_cast<std::uint8_t>(random() & 1U);
    code[i] = static_cast<std::int32_t>(random() % static_cast<unsigned>(levels));
    target[i] = std::sin(number[i]) + (std::isnan(with_nan[i]) ? 1.0 : 0.02 * with_nan[i]) + (there[i] ? 0.01 * with_null[i] : -0.5) +
                0.05 * static_cast<double>(whole[i]) * flag[i] + 0.3 * std::sin(code[i]) + spiky[i] + 0.3 * (unit() + unit() - 1);
  }
  TrainingPart part{.rows = static_cast<std::int64_t>(rows), .features = {}, .target = {}, .weight = {}};
  part.features = {floatColumn(number), floatColumn(with_nan), floatColumn(with_null, there), floatColumn(spiky),
                   intColumn(whole), boolColumn(flag), categoryColumn(code, names)};
  std::vector<std::uint8_t> truth(rows);
  std::vector<std::int32_t> class_code(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    truth[i] = target[i] > 0.8 ? 1 : 0;
    class_code[i] = target[i] < 0 ? 0 : target[i] < 0.8 ? 1 : 2;
  }
  if (task == ir::Task::Regression) part.target = floatColumn(target);
  if (task == ir::Task::Binary) part.target = boolColumn(truth);
  if (task == ir::Task::Multiclass) part.target = categoryColumn(class_code, {"low", "middle", "top"});
  return part;
}

inline ir::Option option(std::string name, ir::Literal value) { return {.name = std::move(name), .value = std::move(value), .span = {}}; }

inline std::vector<ir::Option> gbdtOptions(std::int64_t trees, std::int64_t leaves, ir::Literal loss = {}, std::int64_t early_stop = 0) {
  return {option("trees", {trees}), option("depth", {std::int64_t{0}}), option("leaves", {leaves}), option("learning_rate", {0.1}),
          option("min_rows", {std::int64_t{20}}), option("row_share", {1.0}), option("column_share", {1.0}), option("bins", {std::int64_t{255}}),
          option("l1", {0.0}), option("l2", {0.0}), option("min_gain", {0.0}), option("loss", std::move(loss)), option("quantile", {}),
          option("early_stop", {early_stop}), option("positive_weight", {1.0}), option("seed", {std::int64_t{0}})};
}

inline TrainRequest sampleRequest(ir::Task task, std::size_t rows) {
  TrainRequest request;
  request.algorithm = "gbdt";
  request.task = task;
  request.train = samplePart(rows, 1, task);
  request.validate = samplePart(rows / 4, 2, task);
  request.target_type = request.train.target.type;
  request.names = {"number", "with_nan", "with_null", "spiky", "whole", "flag", "code"};
  request.options = gbdtOptions(50, 31);
  return request;
}

}  // namespace cd4ml::learn
