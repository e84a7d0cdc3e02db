#include "runtime/serve/media_type.h"

#include <algorithm>
#include <array>
#include <string>

namespace cd4ml::serve {

namespace {

std::string lowered(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' || c == '\t') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return out;
}

MediaType ofName(std::string_view name) {
  if (name == "application/json") return MediaType::Json;
  if (name == "application/jsonlines" || name == "application/x-ndjson" || name == "application/jsonl") return MediaType::JsonLines;
  if (name == "text/csv") return MediaType::Csv;
  if (name == "application/octet-stream") return MediaType::Binary;
  return MediaType::Other;
}

}  // namespace

MediaType mediaType(std::string_view header) {
  if (header.empty()) return MediaType::None;
  if (header == "application/json") return MediaType::Json;
  const std::string text = lowered(header);
  const std::size_t end = std::min(text.find(';'), text.size());
  const std::size_t charset = text.find("charset=");
  if (charset != std::string::npos) {
    std::string_view name = std::string_view(text).substr(charset + 8);
    name = name.substr(0, name.find(';'));
    if (name != "utf-8" && name != "\"utf-8\"" && name != "us-ascii" && name != "utf8") return MediaType::Other;
  }
  return ofName(std::string_view(text).substr(0, end));
}

MediaType acceptedType(std::string_view accept, MediaType preferred) {
  if (accept.empty()) return preferred;
  const std::string text = lowered(accept);
  std::array<MediaType, 4> order{preferred, MediaType::Json, MediaType::JsonLines, MediaType::Csv};
  for (const MediaType type : order) {
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view item = rest.substr(0, comma);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      const std::string_view name = item.substr(0, item.find(';'));
      if (item.find(";q=0") != std::string_view::npos && item.find(";q=0.") == std::string_view::npos) continue;
      const bool group = name == "*/*" || (name == "application/*" && type != MediaType::Csv) || (name == "text/*" && type == MediaType::Csv);
      if (group || ofName(name) == type) return type;
    }
  }
  return MediaType::None;
}

std::string_view mediaTypeText(MediaType type) {
  switch (type) {
    case MediaType::JsonLines: return "application/jsonlines";
    case MediaType::Csv: return "text/csv; charset=utf-8";
    case MediaType::None: case MediaType::Json: case MediaType::Binary: case MediaType::Other: break;
  }
  return "application/json";
}

}  // namespace cd4ml::serve
