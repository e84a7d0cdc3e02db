#include "runtime/score/text_functions.h"

#include <algorithm>

#include "base/internal_check.h"

namespace cd4ml::score {
namespace {

bool startsCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }

std::int64_t codePoints(std::string_view text) { return std::count_if(text.begin(), text.end(), startsCodePoint); }

/// Byte offset of code point `place`; the end if there are fewer.
std::size_t offsetOf(std::string_view text, std::int64_t place) {
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (startsCodePoint(text[i]) && seen++ == place) return i;
  }
  return text.size();
}

std::string_view slice(std::string_view text, std::int64_t begin, std::int64_t length) {
  if (begin < 0) begin = std::max<std::int64_t>(0, codePoints(text) + begin);
  const std::string_view rest = text.substr(offsetOf(text, begin));
  return length < 0 ? rest : rest.substr(0, offsetOf(rest, length));
}

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

void replace(std::string_view text, std::string_view what, std::string_view by, std::string& out) {
  while (!what.empty()) {
    const std::size_t at = text.find(what);
    if (at == std::string_view::npos) break;
    out.append(text.substr(0, at)).append(by);
    text.remove_prefix(at + what.size());
  }
  out.append(text);
}

std::string_view textOption(const ir::Literal& literal) { return std::get<std::string>(literal.value); }

bool inSet(std::string_view text, const ir::Literal& set) {
  const auto& list = std::get<ir::Literal::List>(set.value);
  return std::any_of(list.begin(), list.end(), [&](const ir::Literal& l) {
    const auto* item = std::get_if<std::string>(&l.value);
    return item != nullptr && *item == text;
  });
}

}  // namespace

bool textFunction(std::string_view kernel, TextFunction& out) {
  struct Row {
    std::string_view name;
    TextFunction function;
  };
  static constexpr Row rows[] = {
      {"concat", TextFunction::Concat},          {"lower", TextFunction::Lower},        {"upper", TextFunction::Upper},
      {"trim", TextFunction::Trim},              {"slice", TextFunction::Slice},        {"replace", TextFunction::Replace},
      {"length", TextFunction::Length},          {"starts_with", TextFunction::StartsWith}, {"ends_with", TextFunction::EndsWith},
      {"contains", TextFunction::Contains},      {"in_set", TextFunction::InSet},       {"eq", TextFunction::Equal},
      {"ne", TextFunction::NotEqual},            {"c_to", TextFunction::Same},          {"t_to", TextFunction::Same}};
  const std::size_t cut = kernel.rfind('_');
  const std::string_view letters = kernel.substr(cut + 1);
  if (letters != "c" && letters != "t" && letters != "tt") return false;
  for (const Row& row : rows) {
    if (row.name == kernel.substr(0, cut)) return out = row.function, true;
  }
  return false;
}

void appendText(TextFunction function, std::span<const std::string_view> args, std::span<const ir::Literal> options, std::string& out) {
  switch (function) {
    case TextFunction::Concat:
      for (const std::string_view arg : args) out.append(arg);
      return;
    case TextFunction::Lower:
      for (const char c : args[0]) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      return;
    case TextFunction::Upper:
      for (const char c : args[0]) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      return;
    case TextFunction::Trim: out.append(trim(args[0])); return;
    case TextFunction::Slice:
      out.append(slice(args[0], std::get<std::int64_t>(options[0].value), std::get<std::int64_t>(options[1].value)));
      return;
    case TextFunction::Replace: replace(args[0], textOption(options[0]), textOption(options[1]), out); return;
    case TextFunction::Same: out.append(args[0]); return;
    case TextFunction::Length:
    case TextFunction::StartsWith:
    case TextFunction::EndsWith:
    case TextFunction::Contains:
    case TextFunction::InSet:
    case TextFunction::Equal:
    case TextFunction::NotEqual: break;
  }
  CD4ML_UNREACHABLE("a function that gives no text");
}

std::int64_t textNumber(TextFunction function, std::span<const std::string_view> args, std::span<const ir::Literal> options) {
  switch (function) {
    case TextFunction::Length: return codePoints(args[0]);
    case TextFunction::StartsWith: return args[0].starts_with(textOption(options[0])) ? 1 : 0;
    case TextFunction::EndsWith: return args[0].ends_with(textOption(options[0])) ? 1 : 0;
    case TextFunction::Contains: return args[0].find(textOption(options[0])) != std::string_view::npos ? 1 : 0;
    case TextFunction::InSet: return inSet(args[0], options[0]) ? 1 : 0;
    case TextFunction::Equal: return args[0] == args[1] ? 1 : 0;
    case TextFunction::NotEqual: return args[0] != args[1] ? 1 : 0;
    case TextFunction::Concat:
    case TextFunction::Lower:
    case TextFunction::Upper:
    case TextFunction::Trim:
    case TextFunction::Slice:
    case TextFunction::Replace:
    case TextFunction::Same: break;
  }
  CD4ML_UNREACHABLE("a function that gives a text");
}

}  // namespace cd4ml::score
