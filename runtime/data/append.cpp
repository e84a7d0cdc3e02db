#include "runtime/data/append.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include <arrow/util/bitmap_ops.h>

#include "base/internal_check.h"

namespace cd4ml::data {

namespace {

void appendValidity(const Column& part, std::int64_t at, std::uint8_t* bits) {
  if (part.type.kind == ir::Kind::Null) {
    for (std::int64_t r = at; r < at + part.rows; ++r) bits[r >> 3] &= static_cast<std::uint8_t>(~(1U << (r & 7)));
  } else if (part.validity != nullptr) {
    arrow::internal::CopyBitmap(part.validity.get(), 0, part.rows, bits, at);
  }
}

/// Values of one width; int widens where the column is float.
void appendValues(const Column& part, ir::Kind kind, std::int64_t at, std::uint8_t* out) {
  const std::size_t width = valueBytes(kind);
  std::uint8_t* to = out + static_cast<std::size_t>(at) * width;
  if (part.type.kind == ir::Kind::Null) {
    std::memset(to, 0, static_cast<std::size_t>(part.rows) * width);
  } else if (kind == ir::Kind::Float && part.type.kind == ir::Kind::Int) {
    const auto* from = reinterpret_cast<const std::int64_t*>(part.values.get());
    std::transform(from, from + part.rows, reinterpret_cast<double*>(to), [](std::int64_t v) { return static_cast<double>(v); });
  } else if (part.rows > 0) {
    std::memcpy(to, part.values.get(), static_cast<std::size_t>(part.rows) * width);
  }
}

/// The code of each level of a part among all levels; what is new is added.
std::vector<std::int32_t> codesOf(const Column& part, std::vector<std::string>& levels, std::unordered_map<std::string, std::int32_t>& known) {
  std::vector<std::int32_t> codes;
  if (part.levels == nullptr) return codes;
  for (const std::string& level : *part.levels) {
    const auto [at, is_new] = known.try_emplace(level, static_cast<std::int32_t>(levels.size()));
    if (is_new) levels.push_back(level);
    codes.push_back(at->second);
  }
  return codes;
}

void appendCategory(const Column& first, const Column& second, Column& out, std::int32_t* to) {
  std::vector<std::string> levels = out.type.levels == nullptr ? std::vector<std::string>{} : *out.type.levels;
  std::unordered_map<std::string, std::int32_t> known;
  for (const std::string& level : levels) known.emplace(level, static_cast<std::int32_t>(known.size()));
  for (const Column* part : {&first, &second}) {
    const std::vector<std::int32_t> codes = codesOf(*part, levels, known);
    const auto* from = reinterpret_cast<const std::int32_t*>(part->values.get());
    const score::ColumnView view = part->view();
    for (std::int64_t r = 0; r < part->rows; ++r) {
      const bool there = part->type.kind != ir::Kind::Null && view.isValid(r);
      *to++ = there ? codes[static_cast<std::size_t>(from[r])] : 0;
    }
  }
  out.levels = std::make_shared<const std::vector<std::string>>(std::move(levels));
}

Column appendTexts(const Column& first, const Column& second, Column out) {
  auto offsets = allocateBuffer(static_cast<std::size_t>(out.rows + 1) * sizeof(std::int64_t));
  auto* end = reinterpret_cast<std::int64_t*>(offsets.get());
  *end = 0;
  const auto textOf = [](const Column& part, std::int64_t r) { return part.type.kind == ir::Kind::Null ? std::string_view{} : part.view().text(r); };
  for (const Column* part : {&first, &second}) {
    for (std::int64_t r = 0; r < part->rows; ++r, ++end) end[1] = end[0] + static_cast<std::int64_t>(textOf(*part, r).size());
  }
  auto bytes = allocateBuffer(static_cast<std::size_t>(*end));
  std::uint8_t* to = bytes.get();
  for (const Column* part : {&first, &second}) {
    for (std::int64_t r = 0; r < part->rows; ++r) {
      const std::string_view text = textOf(*part, r);
      if (!text.empty()) std::memcpy(to, text.data(), text.size());
      to += text.size();
    }
  }
  out.offsets = std::move(offsets);
  out.values = std::move(bytes);
  return finishColumn(std::move(out));
}

/// One stripe of `width` after the other.
Column appendVectors(const Column& first, const Column& second, Column out) {
  out.stride = (out.rows + 7) / 8 * 8;
  auto buffer = allocateBuffer(static_cast<std::size_t>(out.stride) * out.type.width * sizeof(double));
  for (std::int64_t k = 0; k < out.type.width; ++k) {
    std::int64_t at = k * out.stride;
    for (const Column* part : {&first, &second}) {
      const std::size_t bytes = static_cast<std::size_t>(part->rows) * sizeof(double);
      if (part->type.kind == ir::Kind::Null) {
        std::memset(buffer.get() + at * 8, 0, bytes);
      } else {
        std::memcpy(buffer.get() + at * 8, part->values.get() + k * part->stride * 8, bytes);
      }
      at += part->rows;
    }
  }
  out.values = std::move(buffer);
  return finishColumn(std::move(out));
}

}  // namespace

Column append(const Column& first, const Column& second) {
  Column out;
  out.type = ir::unionType(first.type, second.type);
  CD4ML_CHECK(!out.type.isError());
  out.rows = first.rows + second.rows;
  const bool all_there = first.validity == nullptr && second.validity == nullptr && first.type.kind != ir::Kind::Null && second.type.kind != ir::Kind::Null;
  if (!all_there) {
    auto bits = allocateValidity(out.rows);
    appendValidity(first, 0, bits.get());
    appendValidity(second, first.rows, bits.get());
    out.validity = std::move(bits);
  }
  if (out.type.kind == ir::Kind::Text) return appendTexts(first, second, std::move(out));
  if (out.type.kind == ir::Kind::Vector) return appendVectors(first, second, std::move(out));
  auto buffer = allocateBuffer(static_cast<std::size_t>(out.rows) * valueBytes(out.type.kind));
  if (out.type.kind == ir::Kind::Category) {
    appendCategory(first, second, out, reinterpret_cast<std::int32_t*>(buffer.get()));
  } else {
    appendValues(first, out.type.kind, 0, buffer.get());
    appendValues(second, out.type.kind, first.rows, buffer.get());
  }
  out.readable = readableRows(out.type.kind, out.rows);
  out.values = std::move(buffer);
  return finishColumn(std::move(out));
}

}  // namespace cd4ml::data
