/// The lexical level of the IR's text form: one line at a time, words, marks, literals, types.
///
/// The first mismatch is remembered and every later step does nothing, so that callers read a whole line and ask once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/pipeline.h"

namespace cd4ml::ir {

class TextReader {
 public:
  explicit TextReader(std::string_view line) : rest_(line) { skipSpace(); }

  [[nodiscard]] bool ok() const { return wrong_.empty(); }
  /// What was wrong; empty if all is well.
  [[nodiscard]] const std::string& wrong() const { return wrong_; }
  [[nodiscard]] bool atEnd() const { return rest_.empty(); }
  void fail(std::string what);

  /// The next word (letters, digits, `_`, `.`), or empty.
  [[nodiscard]] std::string_view peekWord() const;
  std::string word();
  /// Takes `mark` or `word` if it is next.
  bool accept(std::string_view mark);
  bool acceptWord(std::string_view word);
  void expect(std::string_view mark);
  /// A bare or a quoted name.
  std::string name();
  std::string text();
  std::uint32_t index();
  std::int64_t integer();
  double number();
  ValueId valueId();
  NodeId nodeId();
  Literal literal();
  Type type();

 private:
  void skipSpace();
  std::string quoted();
  Literal numberLiteral();

  std::string_view rest_;
  std::string wrong_;
};

/// An identifier as it is, anything else quoted.
[[nodiscard]] std::string nameText(std::string_view name);

}  // namespace cd4ml::ir
