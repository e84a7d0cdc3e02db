#include "runtime/data/csv_options.h"

#include <fmt/format.h>

namespace cd4ml::data {

namespace {

Error notSupported(const ir::Option& option, const std::string& why) {
  return makeError(
      "CD5014",
      fmt::format("option `{}: {}` of the reader is not supported yet", option.name, ir::literalText(option.value)) +
          why,
      option.span);
}

Result<char> oneCharacter(const ir::Option& option) {
  const auto* text = std::get_if<std::string>(&option.value.value);
  if (text == nullptr || text->size() != 1) {
    return makeError("CD5014", fmt::format("option `{}` of the reader takes one character", option.name), option.span);
  }
  return text->front();
}

Status readNulls(const ir::Option& option, CsvOptions& out) {
  if (const auto* text = std::get_if<std::string>(&option.value.value)) {
    out.nulls.push_back(*text);
    return Done{};
  }
  const auto* list = std::get_if<ir::Literal::List>(&option.value.value);
  if (list == nullptr) return notSupported(option, "; it takes a list of texts");
  for (const ir::Literal& item : *list) {
    const auto* text = std::get_if<std::string>(&item.value);
    if (text == nullptr) return notSupported(option, "; it takes a list of texts");
    out.nulls.push_back(*text);
  }
  return Done{};
}

bool isPlainText(const ir::Option& option, std::initializer_list<std::string_view> supported) {
  const auto* text = std::get_if<std::string>(&option.value.value);
  if (text == nullptr) return false;
  for (const std::string_view s : supported) {
    if (*text == s) return true;
  }
  return false;
}

Status readOption(const ir::Option& option, CsvOptions& out) {
  if (std::holds_alternative<std::monostate>(option.value.value)) return Done{};
  if (option.name == "delimiter") {
    CD4ML_TRY(out.delimiter, oneCharacter(option));
  } else if (option.name == "quote" && isPlainText(option, {""})) {
    out.quote = 0;
  } else if (option.name == "quote") {
    CD4ML_TRY(out.quote, oneCharacter(option));
  } else if (option.name == "decimal") {
    CD4ML_TRY(out.decimal, oneCharacter(option));
  } else if (option.name == "header") {
    const auto* flag = std::get_if<bool>(&option.value.value);
    if (flag == nullptr) return notSupported(option, "");
    out.header = *flag;
  } else if (option.name == "skip") {
    const auto* count = std::get_if<std::int64_t>(&option.value.value);
    if (count == nullptr || *count < 0) return notSupported(option, "");
    out.skip = *count;
  } else if (option.name == "nulls") {
    CD4ML_TRY_VOID(readNulls(option, out));
  } else if (option.name == "encoding") {
    if (!isPlainText(option, {"utf-8", "UTF-8", "utf8"})) return notSupported(option, "; files are read as UTF-8");
  } else if (option.name == "zone") {
    if (!isPlainText(option, {"UTC", "utc"})) return notSupported(option, "; times are read as UTC");
  } else if (option.name == "dates") {
    if (!isPlainText(option, {"iso", "ISO", ""})) return notSupported(option, "; dates are read as 2024-06-01");
  } else {
    return notSupported(option, "");
  }
  return Done{};
}

}  // namespace

Result<CsvOptions> csvOptions(const std::string& reader, const std::vector<ir::Option>& options) {
  CsvOptions out;
  if (reader == "tsv") out.delimiter = '\t';
  for (const ir::Option& option : options) CD4ML_TRY_VOID(readOption(option, out));
  return out;
}

}  // namespace cd4ml::data
