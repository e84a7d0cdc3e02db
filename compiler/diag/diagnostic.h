/// A diagnostic as data: what a compile phase says about the user's text. Rendering is `compiler/diag/render*.h`.
///
/// Every kind is one row of `diagnostics.def` (code, name, severity) and one page `docs/errors/CDnnnn.md`.
/// Wording: lower case, no full stop, backquotes for code, situation → rule → help; candidates are named;
/// both ends of a mismatch are labelled.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/span.h"

namespace cd4ml::diag {

enum class Severity : std::uint8_t { Error, Warning, Note };

/// One enumerator a row of diagnostics.def.
enum class Code : std::uint16_t {
#define CD4ML_DIAGNOSTIC(number, enumerator, name, severity) enumerator = number,
#include "compiler/diag/diagnostics.def"
#undef CD4ML_DIAGNOSTIC
};

struct Label { Span span; std::string text; };
struct Edit { Span span; std::string replacement; };
struct Fix { std::string title; std::vector<Edit> edits; bool safe = true; };

struct Diagnostic {
  Code code{};
  std::string message;
  Span span;
  std::vector<Label> labels{};      ///< other places, each with a few words
  std::vector<std::string> help{};  ///< one line each
  std::vector<Fix> fixes{};
  std::string cause{};  ///< diagnostics of one cause ("time of moments") are one mistake: the first is said, the others are labels of it
};

/// Registry look-ups.
[[nodiscard]] std::string codeText(Code code);           ///< "CD2004"
[[nodiscard]] std::string_view codeName(Code code);      ///< "unknown-column"
[[nodiscard]] Severity severityOf(Code code);
[[nodiscard]] std::optional<Code> findCode(std::string_view name);  ///< by "unknown-column"
[[nodiscard]] std::vector<Code> allCodes();              ///< every row, in the registry's order

/// Collects diagnostics of one compilation; drops exact repeats (same code and span).
class Diagnostics {
 public:
  /// The new diagnostic, to be completed before the next `add`; of a repeat, one that nobody sees.
  Diagnostic& add(Code code, Span span, std::string message);
  [[nodiscard]] bool hasErrors() const;
  [[nodiscard]] const std::vector<Diagnostic>& all() const { return all_; }
  /// By file, then place, then code. One missing declaration that many places need is said once, with all of them.
  void sort();
  /// Takes out those that nobody wants to see.
  void remove(const std::function<bool(const Diagnostic&)>& unwanted) { std::erase_if(all_, unwanted); }
  /// Labels the diagnostics from index `first` on whose own place is not inside `place` (and has no such label yet).
  void labelSince(std::size_t first, Span place, const std::string& text);

 private:
  void mergeRepeats();

  std::vector<Diagnostic> all_;
  Diagnostic repeat_;
};

/// The candidates nearest to `name` by edit distance (at most `limit`, only plausible ones), best first.
[[nodiscard]] std::vector<std::string> nearest(std::string_view name, const std::vector<std::string>& candidates, std::size_t limit = 3);

}  // namespace cd4ml::diag
