#include "runtime/data/arrow_text.h"

#include <arrow/scalar.h>

#include <unordered_map>

#include "base/internal_check.h"

namespace cd4ml::data {

namespace {

template <class Index>
void copyCodes(const arrow::Array& indices, const arrow::Array& rows, std::int32_t* codes,
               std::vector<std::int32_t>& first_rows) {
  const Index* from = indices.data()->GetValues<Index>(1);
  for (std::int64_t i = 0; i < rows.length(); ++i) {
    if (rows.null_bitmap_data() != nullptr && rows.IsNull(i)) {
      codes[i] = 0;
      continue;
    }
    const auto code = static_cast<std::int32_t>(from[i]);
    codes[i] = code;
    std::int32_t& first = first_rows[static_cast<std::size_t>(code)];
    if (first < 0) first = static_cast<std::int32_t>(i);
  }
}

void encodeDictionary(const arrow::DictionaryArray& array, std::int32_t* codes, std::vector<std::string>& levels,
                      std::vector<std::int32_t>& first_rows) {
  const TextReader texts(*array.dictionary());
  for (std::int64_t i = 0; i < array.dictionary()->length(); ++i) {
    levels.emplace_back(array.dictionary()->IsValid(i) ? texts[i] : std::string_view{});
  }
  first_rows.assign(levels.size(), -1);
  const arrow::Array& indices = *array.indices();
  switch (indices.type_id()) {
    case arrow::Type::INT8:
      return copyCodes<std::int8_t>(indices, array, codes, first_rows);
    case arrow::Type::UINT8:
      return copyCodes<std::uint8_t>(indices, array, codes, first_rows);
    case arrow::Type::INT16:
      return copyCodes<std::int16_t>(indices, array, codes, first_rows);
    case arrow::Type::UINT16:
      return copyCodes<std::uint16_t>(indices, array, codes, first_rows);
    case arrow::Type::INT32:
      return copyCodes<std::int32_t>(indices, array, codes, first_rows);
    case arrow::Type::UINT32:
      return copyCodes<std::uint32_t>(indices, array, codes, first_rows);
    case arrow::Type::INT64:
      return copyCodes<std::int64_t>(indices, array, codes, first_rows);
    default:
      return copyCodes<std::uint64_t>(indices, array, codes, first_rows);
  }
}

}  // namespace

TextReader::TextReader(const arrow::Array& array) {
  if (array.type_id() == arrow::Type::STRING) {
    small_ = static_cast<const arrow::StringArray*>(&array);
  } else if (array.type_id() == arrow::Type::LARGE_STRING) {
    large_ = static_cast<const arrow::LargeStringArray*>(&array);
  } else if (array.type_id() == arrow::Type::STRING_VIEW) {
    view_ = static_cast<const arrow::StringViewArray*>(&array);
  } else if (array.type_id() == arrow::Type::DICTIONARY) {
    dictionary_ = static_cast<const arrow::DictionaryArray*>(&array);
    const TextReader texts(*dictionary_->dictionary());
    for (std::int64_t i = 0; i < dictionary_->dictionary()->length(); ++i) levels_.push_back(texts[i]);
  }
}

void encodeTexts(const arrow::Array& array, std::int32_t* codes, std::vector<std::string>& levels,
                 std::vector<std::int32_t>& first_rows) {
  if (array.type_id() == arrow::Type::DICTIONARY) {
    return encodeDictionary(static_cast<const arrow::DictionaryArray&>(array), codes, levels, first_rows);
  }
  const TextReader texts(array);
  std::unordered_map<std::string_view, std::int32_t> known;
  for (std::int64_t i = 0; i < array.length(); ++i) {
    if (array.IsNull(i)) {
      codes[i] = 0;
      continue;
    }
    const auto [at, is_new] = known.emplace(texts[i], static_cast<std::int32_t>(levels.size()));
    if (is_new) {
      levels.emplace_back(texts[i]);
      first_rows.push_back(static_cast<std::int32_t>(i));
    }
    codes[i] = at->second;
  }
}

std::string valueText(const arrow::Array& array, std::int64_t row) {
  if (array.IsNull(row)) return "null";
  if (isText(array.type_id())) return std::string(TextReader(array)[row]);
  const auto scalar = array.GetScalar(row);
  return scalar.ok() ? (*scalar)->ToString() : std::string("?");
}

}  // namespace cd4ml::data
