/// Texts in Arrow arrays, whichever of Arrow's string layouts they have.
#pragma once

#include <arrow/array.h>
#include <arrow/type.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cd4ml::data {

[[nodiscard]] inline bool isText(arrow::Type::type id) {
  return id == arrow::Type::STRING || id == arrow::Type::LARGE_STRING || id == arrow::Type::STRING_VIEW;
}

/// Reads text `i` of a string, large string, string view or dictionary-of-these array; not for null rows.
class TextReader {
 public:
  explicit TextReader(const arrow::Array& array);
  [[nodiscard]] std::string_view operator[](std::int64_t i) const {
    if (small_ != nullptr) return small_->GetView(i);
    if (large_ != nullptr) return large_->GetView(i);
    if (view_ != nullptr) return view_->GetView(i);
    return levels_[static_cast<std::size_t>(dictionary_->GetValueIndex(i))];
  }

 private:
  const arrow::StringArray* small_ = nullptr;
  const arrow::LargeStringArray* large_ = nullptr;
  const arrow::StringViewArray* view_ = nullptr;
  const arrow::DictionaryArray* dictionary_ = nullptr;
  std::vector<std::string_view> levels_;
};

/// Codes of each row into `levels` (each once, in order of appearance or of the array's dictionary; code 0 under null)
/// and the first row of each level, -1 where no row holds it.
void encodeTexts(const arrow::Array& array, std::int32_t* codes, std::vector<std::string>& levels,
                 std::vector<std::int32_t>& first_rows);

/// A value as a person would write it, for messages.
[[nodiscard]] std::string valueText(const arrow::Array& array, std::int64_t row);

}  // namespace cd4ml::data
