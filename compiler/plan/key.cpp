#include "compiler/plan/key.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

namespace cd4ml::plan {

namespace {

void writeEscaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      default: out += c;
    }
  }
}

std::string readEscaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    out += c == 't' ? '\t' : c == 'n' ? '\n' : c;
  }
  return out;
}

/// The kinds of parts, most telling first.
enum class PartKind : std::uint8_t { Definition, Option, Feature, Metric, Check, Setting, File, Input, Other };

PartKind kindOf(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, PartKind>, 9> kinds = {{{"definition", PartKind::Definition},
                                                                          {"option ", PartKind::Option},
                                                                          {"feature ", PartKind::Feature},
                                                                          {"metric ", PartKind::Metric},
                                                                          {"check ", PartKind::Check},
                                                                          {"setting ", PartKind::Setting},
                                                                          {"file ", PartKind::File},
                                                                          {"rows ", PartKind::Input},
                                                                          {"input ", PartKind::Input}}};
  for (const auto& [prefix, kind] : kinds) {
    if (name.starts_with(prefix)) return kind;
  }
  return PartKind::Other;
}

std::string_view restOf(std::string_view name) {
  const std::size_t space = name.find(' ');
  return space == std::string_view::npos ? name : name.substr(space + 1);
}

std::string changedText(const KeyPart& before, const KeyPart& now) {
  const std::string_view rest = restOf(now.name);
  switch (kindOf(now.name)) {
    case PartKind::Definition:
      if (before.shown == now.shown) return "its definition changed";
      return fmt::format("its definition changed from `{}` to `{}`", before.shown, now.shown);
    case PartKind::Option:
    case PartKind::Setting: return fmt::format("`{}` changed from {} to {}", rest, before.shown, now.shown);
    case PartKind::Feature: return fmt::format("feature `{}` changed", rest);
    case PartKind::Metric: return fmt::format("metric `{}` changed", rest);
    case PartKind::Check: return fmt::format("check {} changed from `{}` to `{}`", rest, before.shown, now.shown);
    case PartKind::File: return fmt::format("the bytes of file {} changed", rest);
    case PartKind::Input: return fmt::format("the content of `{}` changed", rest);
    case PartKind::Other: return fmt::format("{} changed", now.name);
  }
  return {};
}

std::string onlyText(const KeyPart& part, std::string_view verb) {
  const std::string_view rest = restOf(part.name);
  switch (kindOf(part.name)) {
    case PartKind::Definition: return fmt::format("a definition is {}", verb);
    case PartKind::Option:
    case PartKind::Setting: return fmt::format("`{}` is {}", rest, verb);
    case PartKind::Feature: return fmt::format("feature `{}` is {}", rest, verb);
    case PartKind::Metric: return fmt::format("metric `{}` is {}", rest, verb);
    case PartKind::Check: return fmt::format("check `{}` is {}", part.shown, verb);
    case PartKind::File: return fmt::format("file {} is {}", rest, verb);
    case PartKind::Input: return fmt::format("input `{}` is {}", rest, verb);
    case PartKind::Other: return fmt::format("{} is {}", part.name, verb);
  }
  return {};
}

}  // namespace

std::string writeParts(const std::vector<KeyPart>& parts) {
  std::string text;
  for (const KeyPart& part : parts) {
    writeEscaped(text, part.name);
    text += '\t';
    writeEscaped(text, part.value);
    text += '\t';
    writeEscaped(text, part.shown);
    text += '\n';
  }
  return text;
}

std::vector<KeyPart> readParts(std::string_view text) {
  std::vector<KeyPart> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t first = line.find('\t');
    const std::size_t second = first == std::string_view::npos ? first : line.find('\t', first + 1);
    if (second == std::string_view::npos) continue;
    parts.push_back({.name = readEscaped(line.substr(0, first)),
                     .value = readEscaped(line.substr(first + 1, second - first - 1)),
                     .shown = readEscaped(line.substr(second + 1))});
  }
  return parts;
}

std::vector<std::string> describeDifference(const std::vector<KeyPart>& before, const std::vector<KeyPart>& now) {
  std::map<std::string_view, const KeyPart*> old;
  for (const KeyPart& part : before) old.emplace(part.name, &part);
  std::vector<std::pair<PartKind, std::string>> found;
  for (const KeyPart& part : now) {
    const auto at = old.find(part.name);
    if (at == old.end()) {
      found.emplace_back(kindOf(part.name), onlyText(part, "new"));
      continue;
    }
    if (at->second->value != part.value) found.emplace_back(kindOf(part.name), changedText(*at->second, part));
    old.erase(at);
  }
  for (const KeyPart& part : before) {
    if (old.contains(part.name)) found.emplace_back(kindOf(part.name), onlyText(part, "gone"));
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> texts;
  for (auto& [kind, text] : found) texts.push_back(std::move(text));
  return texts;
}

}  // namespace cd4ml::plan
