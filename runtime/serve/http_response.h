/// Answers as bytes.
#pragma once

#include <string>
#include <string_view>

namespace cd4ml::serve {

struct Response {
  int status = 200;
  std::string_view content_type = "application/json";  ///< empty: none
  std::string headers{};        ///< further lines, each with its CR LF
  std::string body{};
  bool close = false;           ///< the connection ends with this answer

  void reset();
};

enum class Body : std::uint8_t { Sent, HeaderOnly };
/// "Not Found", …
[[nodiscard]] std::string_view reasonPhrase(int status);
void appendResponse(const Response& response, Body body, std::string& out);
/// The text as a JSON string, with quotes.
void appendJsonText(std::string& out, std::string_view text);
/// Fewest digits that read back to the same bits; null for what JSON has no number for.
void appendJsonNumber(std::string& out, double value);
void appendJsonNumber(std::string& out, std::int64_t value);

}  // namespace cd4ml::serve
