/// JSON whose members keep the order in which they were written, so that events read the same every time.
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

namespace cd4ml::track {

using Json = nlohmann::ordered_json;

/// The value of `text`; an empty object when it is not JSON.
[[nodiscard]] inline Json parseJson(std::string_view text) {
  Json value = Json::parse(text, nullptr, false);
  return value.is_discarded() ? Json::object() : value;
}

/// Member `name` as text, or "" when it is absent or something else.
[[nodiscard]] inline std::string textOf(const Json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

}  // namespace cd4ml::track
