#include "runtime/data/blob.h"

#include <cstring>

namespace cd4ml::data {

namespace {

constexpr char kMagic[8] = {'c', 'd', '4', 'm', 'l', 'c', 'o', 'l'};

/// First bytes of a blob, little-endian; then levels, values, offsets, validity, each at a multiple of 64.
struct Header {
  char magic[8];
  std::uint32_t version;
  std::uint32_t kind;
  std::uint64_t rows;
  std::uint64_t stride;
  std::uint64_t width;
  std::uint64_t level_count;
  std::uint64_t level_bytes;  ///< of the section: an u64 length and the text, for each level
  std::uint64_t value_bytes;
  std::uint64_t offset_bytes;
  std::uint64_t validity_bytes;
};

std::uint64_t padded(std::uint64_t size) { return (size + 63) / 64 * 64; }

void append(std::vector<std::uint8_t>& out, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  out.insert(out.end(), bytes, bytes + size);
}

Error corrupt(const char* what) { return makeError("CD4010", std::string("a stored column is damaged: ") + what); }

/// Adds a buffer and its padding. Buffers are padded already, but a slice's tail may hold other rows.
void addSection(EncodedColumn& out, const std::uint8_t* data, std::uint64_t size) {
  if (size == 0) return;
  const std::uint64_t whole = size / 64 * 64;
  if (whole != 0) out.pieces.emplace_back(data, whole);
  if (whole == size) return;
  std::vector<std::uint8_t> tail(64, 0);
  std::memcpy(tail.data(), data + whole, size - whole);
  out.owned.push_back(std::move(tail));
  out.pieces.emplace_back(out.owned.back());
}

std::vector<std::uint8_t> levelSection(const Column& column) {
  std::vector<std::uint8_t> out;
  for (const std::string& level : *column.levels) {
    const std::uint64_t size = level.size();
    append(out, &size, sizeof size);
    append(out, level.data(), level.size());
  }
  return out;
}

Result<std::shared_ptr<const std::vector<std::string>>> readLevels(std::span<const std::uint8_t> bytes,
                                                                   std::uint64_t count) {
  auto levels = std::make_shared<std::vector<std::string>>();
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint64_t size = 0;
    if (bytes.size() < sizeof size) return corrupt("its levels end early");
    std::memcpy(&size, bytes.data(), sizeof size);
    bytes = bytes.subspan(sizeof size);
    if (size > bytes.size()) return corrupt("its levels end early");
    levels->emplace_back(reinterpret_cast<const char*>(bytes.data()), size);
    bytes = bytes.subspan(size);
  }
  return std::shared_ptr<const std::vector<std::string>>(std::move(levels));
}

/// Whether the sections hold what `rows` need.
bool sizesFit(const Header& h, const ir::Type& type) {
  const std::uint64_t limit = std::uint64_t{1} << 40;
  if (h.rows > limit || h.stride > limit || h.width > limit) return false;
  if (h.validity_bytes != 0 && h.validity_bytes < (h.rows + 7) / 8) return false;
  if (type.kind == ir::Kind::Text) return h.offset_bytes == (h.rows + 1) * 8;
  if (type.kind == ir::Kind::Vector) return h.stride >= h.rows && h.value_bytes == h.stride * h.width * 8;
  return h.value_bytes == h.rows * valueBytes(type.kind);
}

/// Offsets from 0 upwards within the bytes; codes within the levels. A blob is trusted with nothing.
bool valuesFit(const Column& column, const Header& h) {
  const score::ColumnView view = column.view();
  if (view.kind == ir::Kind::Text) {
    if (view.offsets[0] != 0 || view.offsets[view.rows] != static_cast<std::int64_t>(h.value_bytes)) return false;
    for (std::int64_t i = 0; i < view.rows; ++i) {
      if (view.offsets[i] > view.offsets[i + 1]) return false;
    }
  }
  if (view.kind == ir::Kind::Category) {
    const auto count = static_cast<std::uint32_t>(h.level_count);
    for (std::int64_t i = 0; i < view.rows; ++i) {
      if (view.isValid(i) && static_cast<std::uint32_t>(view.codes()[i]) >= count) return false;
    }
  }
  return true;
}

}  // namespace

EncodedColumn encodeColumn(const Column& column) {
  EncodedColumn out;
  out.owned.reserve(8);
  Header h{};
  std::memcpy(h.magic, kMagic, sizeof kMagic);
  h.version = 1;
  h.kind = static_cast<std::uint32_t>(column.type.kind);
  h.rows = static_cast<std::uint64_t>(column.rows);
  h.width = column.type.width;
  h.stride = static_cast<std::uint64_t>(column.stride);
  const auto* values = column.values.get();
  std::vector<std::int64_t> offsets;
  if (column.type.kind == ir::Kind::Text) {
    const auto* o = reinterpret_cast<const std::int64_t*>(column.offsets.get());
    for (std::int64_t i = 0; i <= column.rows; ++i) offsets.push_back(o[i] - o[0]);
    values += o[0];
    h.value_bytes = static_cast<std::uint64_t>(offsets.back());
    h.offset_bytes = offsets.size() * sizeof(std::int64_t);
  } else if (column.type.kind == ir::Kind::Vector) {
    h.value_bytes = h.stride * h.width * 8;
  } else {
    h.value_bytes = h.rows * valueBytes(column.type.kind);
  }
  h.validity_bytes = column.validity == nullptr ? 0 : (h.rows + 7) / 8;
  std::vector<std::uint8_t> levels;
  if (column.type.kind == ir::Kind::Category) {
    levels = levelSection(column);
    h.level_count = column.levels->size();
    h.level_bytes = levels.size();
  }
  std::vector<std::uint8_t> head;
  append(head, &h, sizeof h);
  head.resize(padded(head.size()));
  append(head, levels.data(), levels.size());
  head.resize(padded(head.size()));
  out.owned.push_back(std::move(head));
  out.pieces.emplace_back(out.owned.back());
  addSection(out, values, h.value_bytes);
  if (!offsets.empty()) {
    std::vector<std::uint8_t> bytes;
    append(bytes, offsets.data(), offsets.size() * sizeof(std::int64_t));
    bytes.resize(padded(bytes.size()));
    out.owned.push_back(std::move(bytes));
    out.pieces.emplace_back(out.owned.back());
  }
  if (h.validity_bytes != 0) addSection(out, column.validity.get(), h.validity_bytes);
  return out;
}

Result<Column> decodeColumn(std::span<const std::uint8_t> bytes, std::shared_ptr<const void> owner,
                            const ir::Type& type) {
  Header h{};
  if (bytes.size() < sizeof h) return corrupt("it is too short");
  std::memcpy(&h, bytes.data(), sizeof h);
  if (std::memcmp(h.magic, kMagic, sizeof kMagic) != 0 || h.version != 1) return corrupt("it does not begin like one");
  if (h.kind != static_cast<std::uint32_t>(type.kind)) return corrupt("it is of another type");
  const std::uint64_t size = bytes.size();
  if (h.level_bytes > size || h.value_bytes > size || h.offset_bytes > size || h.validity_bytes > size ||
      !sizesFit(h, type)) {
    return corrupt("its sizes do not fit");
  }
  std::uint64_t at = padded(sizeof h);
  const std::uint64_t levels_at = at;
  const std::uint64_t values_at = at += padded(h.level_bytes);
  const std::uint64_t offsets_at = at += padded(h.value_bytes);
  const std::uint64_t validity_at = at += padded(h.offset_bytes);
  if (validity_at + padded(h.validity_bytes) > size) return corrupt("it ends early");
  Column column;
  column.type = type;
  if (type.kind == ir::Kind::Vector) column.type.width = static_cast<std::uint32_t>(h.width);
  column.rows = static_cast<std::int64_t>(h.rows);
  column.stride = static_cast<std::int64_t>(h.stride);
  const auto point = [&](std::uint64_t offset) {
    return std::shared_ptr<const std::uint8_t>(owner, bytes.data() + offset);
  };
  column.values = point(values_at);
  if (h.offset_bytes != 0) column.offsets = point(offsets_at);
  if (h.validity_bytes != 0) column.validity = point(validity_at);
  if (type.kind == ir::Kind::Category) {
    CD4ML_TRY(column.levels, readLevels(bytes.subspan(levels_at, h.level_bytes), h.level_count));
    if (type.levels != nullptr && *type.levels != *column.levels) return corrupt("its levels are others");
    if (type.levels != nullptr) column.levels = type.levels;
  }
  if (!valuesFit(column, h)) return corrupt("its values do not fit");
  return withDictionary(std::move(column));
}

Result<Column> decodeColumn(std::shared_ptr<const store::Blob> blob, const ir::Type& type) {
  const auto bytes = blob->bytes();
  return decodeColumn(bytes, std::move(blob), type);
}

}  // namespace cd4ml::data
