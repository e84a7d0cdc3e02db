/// The lexical level of the IR's text form: one line at a time, words, marks, literals, types.
///
/// The first mismatch is remembered and every later step does nothing, so that callers read a whole line and ask once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
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

/// CD9002: "line 3 of the printed graph: a number is missing".
[[nodiscard]] Error malformedLine(std::size_t number, std::string_view what, std::string_view wrong);

/// Reads each line that is not empty with `read(reader)`. The first that is wrong is an Error (CD9002).
template <class Read>
[[nodiscard]] Status readLines(std::string_view text, std::string_view what, Read read) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    TextReader reader(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (reader.atEnd()) continue;
    read(reader);
    if (reader.ok() && !reader.atEnd()) reader.fail("the line should end");
    if (!reader.ok()) return malformedLine(number, what, reader.wrong());
  }
  return Done{};
}

/// An identifier as it is, anything else quoted.
[[nodiscard]] std::string nameText(std::string_view name);

}  // namespace cd4ml::ir
