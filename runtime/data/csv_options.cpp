#include "runtime/data/csv_options.h"

#include <fmt/format.h>

namespace cd4ml::data {

namespace {

Error unusable(const ir::Option& option, const std::string& why) {
  return makeError(
      "CD5014",
      fmt::format("option `{}: {}` of the reader cannot be used: {}", option.name, ir::literalText(option.value), why),
      option.span);
}

Result<char> oneCharacter(const ir::Option& option) {
  const auto* text = std::get_if<std::string>(&option.value.value);
  if (text == nullptr || text->size() != 1) return unusable(option, "it takes one character");
  return text->front();
}

/// One text or a list of texts.
Result<std::vector<std::string>> texts(const ir::Option& option) {
  if (const auto* text = std::get_if<std::string>(&option.value.value)) return std::vector<std::string>{*text};
  const auto* list = std::get_if<ir::Literal::List>(&option.value.value);
  if (list == nullptr) return unusable(option, "it takes a list of texts");
  std::vector<std::string> out;
  for (const ir::Literal& item : *list) {
    const auto* text = std::get_if<std::string>(&item.value);
    if (text == nullptr) return unusable(option, "it takes a list of texts");
    out.push_back(*text);
  }
  return out;
}

Status readPatterns(const ir::Option& option, TextFormat& out) {
  CD4ML_TRY(const std::vector<std::string> patterns, texts(option));
  for (const std::string& text : patterns) {
    auto pattern = ir::readDatePattern(text);
    if (!pattern.ok()) return unusable(option, pattern.error().message);
    out.dates.push_back(std::move(pattern).value());
  }
  return Done{};
}

Status readZone(const ir::Option& option, TextFormat& out) {
  const auto* name = std::get_if<std::string>(&option.value.value);
  if (name == nullptr) return unusable(option, "it takes the name of a zone");
  CD4ML_TRY(out.zone, findZone(*name, option.span));
  return Done{};
}

Status readOption(const ir::Option& option, CsvOptions& out) {
  if (std::holds_alternative<std::monostate>(option.value.value)) return Done{};
  const auto* text = std::get_if<std::string>(&option.value.value);
  if (option.name == "delimiter") {
    CD4ML_TRY(out.delimiter, oneCharacter(option));
  } else if (option.name == "quote" && text != nullptr && text->empty()) {
    out.quote = 0;
  } else if (option.name == "quote") {
    CD4ML_TRY(out.quote, oneCharacter(option));
  } else if (option.name == "decimal") {
    CD4ML_TRY(out.format.decimal, oneCharacter(option));
  } else if (option.name == "header") {
    const auto* flag = std::get_if<bool>(&option.value.value);
    if (flag == nullptr) return unusable(option, "it takes `true` or `false`");
    out.header = *flag;
  } else if (option.name == "skip") {
    const auto* count = std::get_if<std::int64_t>(&option.value.value);
    if (count == nullptr || *count < 0) return unusable(option, "it takes a number of lines");
    out.skip = *count;
  } else if (option.name == "nulls") {
    CD4ML_TRY(out.nulls, texts(option));
  } else if (option.name == "encoding") {
    if (text == nullptr) return unusable(option, "it takes the name of an encoding");
    out.encoding = *text;
  } else if (option.name == "zone") {
    CD4ML_TRY_VOID(readZone(option, out.format));
  } else if (option.name == "dates") {
    CD4ML_TRY_VOID(readPatterns(option, out.format));
  } else {
    return unusable(option, "there is no such option");
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

std::string textOption(const std::vector<ir::Option>& options, std::string_view name) {
  for (const ir::Option& option : options) {
    if (option.name != name) continue;
    if (const auto* text = std::get_if<std::string>(&option.value.value)) return *text;
  }
  return {};
}

}  // namespace cd4ml::data
