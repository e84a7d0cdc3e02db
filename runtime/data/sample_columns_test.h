/// Small columns and files for the tests of this folder and of those that stand on it.
#pragma once

#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "runtime/data/column.h"

namespace cd4ml::data::sample {

template <class T>
Column fixed(ir::Kind kind, const std::vector<std::optional<T>>& values) {
  Column column;
  column.type.kind = kind;
  column.rows = static_cast<std::int64_t>(values.size());
  auto buffer = allocateBuffer(values.size() * sizeof(T));
  auto validity = allocateValidity(column.rows);
  bool nulls = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const T value = values[i].value_or(T{});
    std::memcpy(buffer.get() + i * sizeof(T), &value, sizeof(T));
    if (values[i]) continue;
    validity.get()[i / 8] &= static_cast<std::uint8_t>(~(1U << (i % 8)));
    nulls = true;
  }
  column.values = buffer;
  column.type.nullable = nulls;
  if (nulls) column.validity = validity;
  return column;
}

inline Column ints(const std::vector<std::optional<std::int64_t>>& values, ir::Kind kind = ir::Kind::Int) {
  return finishColumn(fixed<std::int64_t>(kind, values));
}
inline Column floats(const std::vector<std::optional<double>>& values) {
  return finishColumn(fixed<double>(ir::Kind::Float, values));
}
inline Column bools(const std::vector<std::optional<std::uint8_t>>& values) {
  return finishColumn(fixed<std::uint8_t>(ir::Kind::Bool, values));
}

/// Codes in order of appearance, as a producer that knows nothing of canonical dictionaries would make them.
inline Column categories(const std::vector<std::optional<std::string>>& values, std::vector<std::string> levels = {}) {
  std::vector<std::optional<std::int32_t>> codes;
  for (const auto& value : values) {
    if (!value) {
      codes.emplace_back();
      continue;
    }
    std::size_t code = 0;
    while (code < levels.size() && levels[code] != *value) ++code;
    if (code == levels.size()) levels.push_back(*value);
    codes.emplace_back(static_cast<std::int32_t>(code));
  }
  Column column = fixed<std::int32_t>(ir::Kind::Category, codes);
  column.levels = std::make_shared<const std::vector<std::string>>(std::move(levels));
  return finishColumn(std::move(column));
}

inline Column closedCategories(const std::vector<std::optional<std::string>>& values,
                               const std::vector<std::string>& levels) {
  std::vector<std::optional<std::int32_t>> codes;
  for (const auto& value : values) {
    std::int32_t code = 0;
    while (value && levels[static_cast<std::size_t>(code)] != *value) ++code;
    codes.push_back(value ? std::optional<std::int32_t>(code) : std::nullopt);
  }
  Column column = fixed<std::int32_t>(ir::Kind::Category, codes);
  column.type.levels = std::make_shared<const std::vector<std::string>>(levels);
  column.levels = column.type.levels;
  return finishColumn(std::move(column));
}

inline Column texts(const std::vector<std::optional<std::string>>& values) {
  Column column;
  column.type.kind = ir::Kind::Text;
  column.rows = static_cast<std::int64_t>(values.size());
  auto offsets = allocateBuffer((values.size() + 1) * 8);
  auto validity = allocateValidity(column.rows);
  std::string bytes;
  for (std::size_t i = 0; i <= values.size(); ++i) {
    const auto at = static_cast<std::int64_t>(bytes.size());
    std::memcpy(offsets.get() + i * 8, &at, 8);
    if (i == values.size()) break;
    if (values[i])
      bytes += *values[i];
    else {
      validity.get()[i / 8] &= static_cast<std::uint8_t>(~(1U << (i % 8)));
      column.type.nullable = true;
    }
  }
  auto buffer = allocateBuffer(bytes.size());
  std::memcpy(buffer.get(), bytes.data(), bytes.size());
  column.values = buffer;
  column.offsets = offsets;
  if (column.type.nullable) column.validity = validity;
  return finishColumn(std::move(column));
}

/// A folder that goes away with the object.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cd4ml-data-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string path(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace cd4ml::data::sample
