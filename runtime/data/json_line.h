/// Reads a line of JSON whose value is an object, and tells what its members are.
///
/// The whole line must be well-formed JSON in UTF-8. Members of nested values are no members.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cd4ml::data {

/// What is told of a line, in its order. After `member` comes exactly one of the others.
class JsonMembers {
 public:
  virtual ~JsonMembers() = default;
  /// False: its value is not wanted and nothing comes.
  virtual bool member(std::string_view name) = 0;
  virtual void null() = 0;
  virtual void boolean(bool value) = 0;
  /// As written: `12`, `-0.5e3`; `NaN` and the infinities as in JavaScript.
  virtual void number(std::string_view text) = 0;
  virtual void text(std::string_view value) = 0;
  /// "an object", "a list".
  virtual void nested(std::string_view what) = 0;
};

struct JsonFault {
  std::size_t column = 0;  ///< of the line, from 0, in bytes
  std::string what;
};

[[nodiscard]] std::optional<JsonFault> readJsonLine(std::string_view line, JsonMembers& members);

}  // namespace cd4ml::data
