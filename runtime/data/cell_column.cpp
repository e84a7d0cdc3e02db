#include "runtime/data/cell_column.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/builder.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "runtime/data/arrow_type.h"
#include "runtime/data/parse_value.h"
#include "runtime/data/value_text.h"

namespace cd4ml::data {

namespace {

using Rule = ValueFault::Rule;

template <class T>
std::shared_ptr<arrow::Buffer> bufferOf(std::vector<T> values) {
  return arrow::Buffer::FromVector(std::move(values));
}

constexpr unsigned kShortBits = 11;
constexpr std::size_t kShortTexts = std::size_t{1} << kShortBits;

/// The bytes of a text of at most eight, without a call.
std::uint64_t firstBytes(std::string_view text) {
  const char* p = text.data();
  const std::size_t n = text.size();
  if (n >= 4) {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    std::memcpy(&low, p, 4);
    std::memcpy(&high, p + n - 4, 4);
    return low | (std::uint64_t{high} << 32);
  }
  if (n == 0) return 0;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint64_t>(static_cast<unsigned char>(p[i])); };
  return byte(0) | byte(n / 2) << 8 | byte(n - 1) << 16;
}

/// `-12.5` and its like, which are exact by one division: at most fifteen digits, no exponent, no blanks.
bool readShortFloat(std::string_view text, char decimal, double& out) {
  static constexpr std::array<double, 16> kPowers = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                     1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 16) return false;
  std::uint64_t digits = 0;
  std::size_t behind = 0;
  bool point = false;
  for (const char c : text) {
    const auto digit = static_cast<unsigned>(c - '0');
    if (digit <= 9) {
      digits = digits * 10 + digit;
      behind += point ? 1 : 0;
    } else if (c == decimal && !point) {
      point = true;
    } else {
      return false;
    }
  }
  if (text.size() - (point ? 1 : 0) > 15 || text.size() == (point ? 1U : 0U)) return false;
  const double value = static_cast<double>(digits) / kPowers[behind];
  out = negative ? -value : value;
  return true;
}

/// Up to eighteen digits and a minus.
bool readShortInt(std::string_view text, std::int64_t& out) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 18) return false;
  std::int64_t value = 0;
  for (const char c : text) {
    const auto digit = static_cast<unsigned>(c - '0');
    if (digit > 9) return false;
    value = value * 10 + digit;
  }
  out = negative ? -value : value;
  return true;
}

}  // namespace

CellColumn::CellColumn(const SourceField& field, const TextFormat& format, BadCells bad)
    : type_(field.type), format_(&format), bad_(bad), times_(format) {
  if (type_.kind == ir::Kind::Text) words_.push_back(0);
  if (type_.kind == ir::Kind::Category) short_.resize(kShortTexts);
}

void CellColumn::reserve(std::size_t rows) {
  if (type_.kind == ir::Kind::Category)
    codes_.reserve(rows);
  else
    words_.reserve(rows + 1);
}

void CellColumn::push(std::int64_t word) {
  words_.push_back(word);
  ++rows_;
}

void CellColumn::pushText(std::string_view text) {
  bytes_ += text;
  push(static_cast<std::int64_t>(bytes_.size()));
}

std::int32_t CellColumn::levelOf(std::string_view text) {
  const auto [at, is_new] = known_.try_emplace(std::string(text), static_cast<std::int32_t>(levels_.size()));
  if (is_new) levels_.emplace_back(text);
  return at->second;
}

void CellColumn::pushLevel(std::string_view text) {
  ++rows_;
  if (text.size() > sizeof(std::uint64_t)) return codes_.push_back(levelOf(text));
  const std::uint64_t word = firstBytes(text);
  const std::uint64_t mixed = (word ^ text.size()) * 0x9e3779b97f4a7c15ULL;
  Short& kept = short_[mixed >> (64 - kShortBits)];
  if (kept.word != word || kept.size != text.size()) {
    kept = {word, static_cast<std::uint8_t>(text.size()), levelOf(text)};
  }
  codes_.push_back(kept.code);
}

void CellColumn::addNull() {
  nulls_.push_back(rows_);
  if (type_.kind == ir::Kind::Category) {
    codes_.push_back(0);
    ++rows_;
  } else {
    push(type_.kind == ir::Kind::Text ? static_cast<std::int64_t>(bytes_.size()) : 0);
  }
}

void CellColumn::addFault(Rule rule, std::string value) {
  if (bad_ == BadCells::Null || faults_.empty()) faults_.push_back({rule, rows_, std::move(value)});
  addNull();
}

void CellColumn::addTime(std::string_view text) {
  std::int64_t value = 0;
  const TimeReading reading = type_.kind == ir::Kind::Date ? times_.date(text, value) : times_.timestamp(text, value);
  if (reading == TimeReading::Ok) return push(value);
  addFault(reading == TimeReading::NeverComes ? Rule::NeverComes : Rule::Unreadable, std::string(text));
}

void CellColumn::addField(std::string_view text) {
  std::int64_t whole = 0;
  double real = 0;
  switch (type_.kind) {
    case ir::Kind::Int:
      if (readShortInt(text, whole)) return push(whole);
      if (const auto value = parseInt(text)) return push(*value);
      break;
    case ir::Kind::Float:
      if (readShortFloat(text, format_->decimal, real)) return push(std::bit_cast<std::int64_t>(real));
      if (const auto value = parseFloat(text, format_->decimal)) return push(std::bit_cast<std::int64_t>(*value));
      break;
    case ir::Kind::Bool:
      if (const auto value = parseBool(text)) return push(*value ? 1 : 0);
      break;
    case ir::Kind::Text:
    case ir::Kind::Category:
    case ir::Kind::Date:
    case ir::Kind::Timestamp:
    case ir::Kind::Duration:
      return addText(text);
    case ir::Kind::Vector:
    case ir::Kind::Null:
    case ir::Kind::Error:
      break;
  }
  addFault(Rule::Unreadable, std::string(text));
}

void CellColumn::addText(std::string_view text) {
  switch (type_.kind) {
    case ir::Kind::Text:
      return pushText(text);
    case ir::Kind::Category:
      return pushLevel(text);
    case ir::Kind::Date:
    case ir::Kind::Timestamp:
      return addTime(text);
    case ir::Kind::Duration:
      if (const auto value = parseDuration(text)) return push(*value);
      return addFault(Rule::Unreadable, std::string(text));
    case ir::Kind::Int:
    case ir::Kind::Float:
    case ir::Kind::Bool:
    case ir::Kind::Vector:
    case ir::Kind::Null:
    case ir::Kind::Error:
      break;
  }
  addFault(Rule::OtherKind, "the text `" + std::string(text) + "`");
}

void CellColumn::addInt(std::int64_t value) {
  if (type_.kind == ir::Kind::Int) return push(value);
  if (type_.kind == ir::Kind::Float) return push(std::bit_cast<std::int64_t>(static_cast<double>(value)));
  std::string shown;
  appendInt(shown, value);
  addFault(Rule::OtherKind, "the number " + shown);
}

void CellColumn::addFloat(double value) {
  if (type_.kind == ir::Kind::Float) return push(std::bit_cast<std::int64_t>(value));
  addFault(Rule::OtherKind, "the number " + floatText(value));
}

void CellColumn::addBool(bool value) {
  if (type_.kind == ir::Kind::Bool) return push(value ? 1 : 0);
  addFault(Rule::OtherKind, value ? "`true`" : "`false`");
}

void CellColumn::addOther(std::string what) { addFault(Rule::OtherKind, std::move(what)); }

std::shared_ptr<arrow::Array> CellColumn::finishValues(const std::shared_ptr<arrow::Buffer>& validity) {
  const auto nulls = static_cast<std::int64_t>(nulls_.size());
  const auto type = arrowType(type_.kind);
  if (type_.kind == ir::Kind::Category) {
    arrow::StringBuilder levels;
    for (const std::string& level : levels_) CD4ML_CHECK(levels.Append(level).ok());
    const auto codes = arrow::ArrayData::Make(arrow::int32(), rows_, {validity, bufferOf(std::move(codes_))}, nulls);
    return std::make_shared<arrow::DictionaryArray>(type, arrow::MakeArray(codes), levels.Finish().ValueOrDie());
  }
  if (type_.kind == ir::Kind::Text) {
    const auto bytes = arrow::Buffer::FromString(std::move(bytes_));
    return arrow::MakeArray(arrow::ArrayData::Make(type, rows_, {validity, bufferOf(std::move(words_)), bytes}, nulls));
  }
  if (type_.kind == ir::Kind::Date) {
    std::vector<std::int32_t> days(words_.begin(), words_.end());
    return arrow::MakeArray(arrow::ArrayData::Make(type, rows_, {validity, bufferOf(std::move(days))}, nulls));
  }
  if (type_.kind == ir::Kind::Bool) {
    std::vector<std::uint8_t> bits(static_cast<std::size_t>(rows_ + 7) / 8, 0);
    for (std::size_t r = 0; r < words_.size(); ++r) {
      bits[r >> 3] = static_cast<std::uint8_t>(bits[r >> 3] | (words_[r] != 0 ? 1U << (r & 7) : 0U));
    }
    return arrow::MakeArray(arrow::ArrayData::Make(type, rows_, {validity, bufferOf(std::move(bits))}, nulls));
  }
  return arrow::MakeArray(arrow::ArrayData::Make(type, rows_, {validity, bufferOf(std::move(words_))}, nulls));
}

std::shared_ptr<arrow::Array> CellColumn::finish() {
  std::shared_ptr<arrow::Buffer> validity;
  if (!nulls_.empty()) {
    std::vector<std::uint8_t> bits(static_cast<std::size_t>(rows_ + 7) / 8, 0xff);
    for (const std::int64_t row : nulls_) {
      auto& byte = bits[static_cast<std::size_t>(row) >> 3];
      byte = static_cast<std::uint8_t>(byte & ~(1U << (row & 7)));
    }
    validity = bufferOf(std::move(bits));
  }
  auto out = finishValues(validity);
  rows_ = 0;
  words_.clear();
  if (type_.kind == ir::Kind::Text) words_.push_back(0);
  codes_.clear();
  bytes_.clear();
  nulls_.clear();
  levels_.clear();
  known_.clear();
  std::fill(short_.begin(), short_.end(), Short{});
  faults_.clear();
  return out;
}

}  // namespace cd4ml::data
