/// The media types that are taken and given.
#pragma once

#include <cstdint>
#include <string_view>

#include <simdjson.h>

namespace cd4ml::serve {

enum class MediaType : std::uint8_t { None, Json, JsonLines, Csv, Binary, Other };

/// Of a Content-Type; parameters play no part but a charset, which has to be UTF-8 (else Other).
[[nodiscard]] MediaType mediaType(std::string_view header);
/// The first of JSON, JSON lines, CSV that an Accept admits, `preferred` first; None: it admits none.
[[nodiscard]] MediaType acceptedType(std::string_view accept, MediaType preferred);
[[nodiscard]] std::string_view mediaTypeText(MediaType type);

/// What is wrong with a body that is no JSON, without a piece of it.
[[nodiscard]] std::string_view parseProblem(simdjson::error_code error);

}  // namespace cd4ml::serve
