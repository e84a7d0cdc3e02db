#include "runtime/data/json_line.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace cd4ml::data {

namespace {

/// RapidJSON's events, those of the outer object passed on. Returning false stops the parser.
class Events {
 public:
  explicit Events(JsonMembers& members) : members_(members) {}

  bool Null() {
    return single([&] { members_.null(); });
  }
  bool Bool(bool value) {
    return single([&] { members_.boolean(value); });
  }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    return single([&] { members_.number({text, size}); });
  }
  bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    return single([&] { members_.text({text, size}); });
  }
  bool Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    if (depth_ == 1) wanted_ = members_.member({text, size});
    return true;
  }
  bool StartObject() { return open("an object"); }
  bool EndObject(rapidjson::SizeType /*members*/) { return close(); }
  bool StartArray() { return open("a list"); }
  bool EndArray(rapidjson::SizeType /*elements*/) { return close(); }
  // Numbers come as they are written; NaN and infinities come here.
  bool Double(double value) {
    return single([&] { members_.number(value != value ? "NaN" : value > 0 ? "inf" : "-inf"); });
  }
  bool Int(int /*value*/) { return true; }
  bool Uint(unsigned /*value*/) { return true; }
  bool Int64(std::int64_t /*value*/) { return true; }
  bool Uint64(std::uint64_t /*value*/) { return true; }

 private:
  bool single(const auto& tell) {
    if (depth_ == 0) return false;
    if (depth_ == 1 && wanted_) tell();
    return true;
  }
  bool open(std::string_view what) {
    if (depth_ == 0 && what != "an object") return false;
    if (depth_ == 1 && wanted_) members_.nested(what);
    ++depth_;
    return true;
  }
  bool close() {
    --depth_;
    return true;
  }

  JsonMembers& members_;
  std::size_t depth_ = 0;
  bool wanted_ = false;
};

std::string lower(std::string text) {
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  while (!text.empty() && text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

std::optional<JsonFault> readJsonLine(std::string_view line, JsonMembers& members) {
  constexpr unsigned kFlags = rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag |
                              rapidjson::kParseIterativeFlag | rapidjson::kParseNanAndInfFlag;
  rapidjson::MemoryStream stream(line.data(), line.size());
  rapidjson::Reader reader;
  Events events(members);
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, events);
  if (!result.IsError()) return std::nullopt;
  if (result.Code() == rapidjson::kParseErrorTermination) return JsonFault{result.Offset(), "the line is no object"};
  return JsonFault{result.Offset(), lower(rapidjson::GetParseError_En(result.Code()))};
}

}  // namespace cd4ml::data
