#include "runtime/data/literal_column.h"

#include <algorithm>
#include <cstring>

#include "base/internal_check.h"

namespace cd4ml::data {

namespace {

using Literals = std::span<const ir::Literal>;

bool isNull(const ir::Literal& literal) { return std::holds_alternative<std::monostate>(literal.value); }

std::shared_ptr<std::uint8_t> validityOf(Literals literals) {
  if (std::none_of(literals.begin(), literals.end(), isNull)) return nullptr;
  auto bits = allocateValidity(static_cast<std::int64_t>(literals.size()));
  for (std::size_t r = 0; r < literals.size(); ++r) {
    if (isNull(literals[r])) bits.get()[r / 8] &= static_cast<std::uint8_t>(~(1U << (r % 8)));
  }
  return bits;
}

template <class T, class Get>
std::shared_ptr<std::uint8_t> valuesOf(Literals literals, Get get) {
  auto buffer = allocateBuffer(literals.size() * sizeof(T));
  auto* out = reinterpret_cast<T*>(buffer.get());
  for (std::size_t r = 0; r < literals.size(); ++r) out[r] = isNull(literals[r]) ? T{} : get(literals[r]);
  return buffer;
}

std::int64_t integer(const ir::Literal& literal) { return std::get<std::int64_t>(literal.value); }
double number(const ir::Literal& literal) {
  const auto* whole = std::get_if<std::int64_t>(&literal.value);
  return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(literal.value);
}
const std::string& text(const ir::Literal& literal) { return std::get<std::string>(literal.value); }

void fillTexts(Column& column, Literals literals) {
  std::size_t bytes = 0;
  for (const ir::Literal& each : literals) bytes += isNull(each) ? 0 : text(each).size();
  auto offsets = allocateBuffer((literals.size() + 1) * sizeof(std::int64_t));
  auto values = allocateBuffer(bytes);
  auto* place = reinterpret_cast<std::int64_t*>(offsets.get());
  std::int64_t at = 0;
  for (std::size_t r = 0; r < literals.size(); ++r) {
    place[r] = at;
    if (isNull(literals[r])) continue;
    std::memcpy(values.get() + at, text(literals[r]).data(), text(literals[r]).size());
    at += static_cast<std::int64_t>(text(literals[r]).size());
  }
  place[literals.size()] = at;
  column.offsets = std::move(offsets);
  column.values = std::move(values);
}

void fillCategory(Column& column, Literals literals) {
  auto levels = std::make_shared<std::vector<std::string>>();
  if (column.type.levels != nullptr) {
    *levels = *column.type.levels;
  } else {
    for (const ir::Literal& each : literals) {
      if (!isNull(each)) levels->push_back(text(each));
    }
    std::sort(levels->begin(), levels->end());
    levels->erase(std::unique(levels->begin(), levels->end()), levels->end());
  }
  column.values = valuesOf<std::int32_t>(literals, [&](const ir::Literal& each) {
    const auto found = std::find(levels->begin(), levels->end(), text(each));
    CD4ML_CHECK(found != levels->end());
    return static_cast<std::int32_t>(found - levels->begin());
  });
  column.levels = std::move(levels);
}

}  // namespace

Column literalColumn(const ir::Type& type, Literals literals) {
  Column column;
  column.type = type;
  column.rows = static_cast<std::int64_t>(literals.size());
  column.validity = validityOf(literals);
  switch (type.kind) {
    case ir::Kind::Int:
    case ir::Kind::Date:
    case ir::Kind::Timestamp:
    case ir::Kind::Duration: column.values = valuesOf<std::int64_t>(literals, integer); break;
    case ir::Kind::Float: column.values = valuesOf<double>(literals, number); break;
    case ir::Kind::Bool:
      column.values = valuesOf<std::uint8_t>(literals, [](const ir::Literal& each) { return std::get<bool>(each.value) ? 1 : 0; });
      break;
    case ir::Kind::Text: fillTexts(column, literals); break;
    case ir::Kind::Category: fillCategory(column, literals); break;
    case ir::Kind::Error:
    case ir::Kind::Null:
    case ir::Kind::Vector: CD4ML_UNREACHABLE("a test has no literals of this kind");
  }
  return finishColumn(std::move(column));
}

}  // namespace cd4ml::data
