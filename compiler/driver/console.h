/// Where words go: results to stdout, everything else to stderr; colours only where a person looks at a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "compiler/driver/arguments.h"

namespace cd4ml::driver {

enum class Style : std::uint8_t { Plain, Strong, Dim, Good, Bad, Warning, Accent };

class Console {
 public:
  explicit Console(const Arguments& arguments);

  [[nodiscard]] bool json() const { return json_; }
  [[nodiscard]] bool quiet() const { return quiet_; }
  [[nodiscard]] bool verbose() const { return verbose_; }
  /// A progress view that redraws itself may be shown on stderr.
  [[nodiscard]] bool live() const { return live_; }
  [[nodiscard]] bool coloursErrors() const { return colour_err_; }
  [[nodiscard]] bool coloursResults() const { return colour_out_; }
  /// Results go to a terminal: what is wider than it is cut.
  [[nodiscard]] bool resultsOnTerminal() const { return terminal_out_; }
  /// Columns of the terminal; 100 where there is none.
  [[nodiscard]] int width() const { return width_; }

  /// Writes to stdout at once, so that an event that was printed was seen.
  void result(std::string_view text) const;
  /// Writes to stderr unless --quiet.
  void note(std::string_view text) const;
  /// Writes to stderr.
  void problem(std::string_view text) const;
  /// `error[CD5001]: …` with causes and help.
  void problem(const Error& error) const;

  /// Text in a style, for stdout and for stderr.
  [[nodiscard]] std::string out(Style style, std::string_view text) const;
  [[nodiscard]] std::string err(Style style, std::string_view text) const;

 private:
  bool json_;
  bool quiet_;
  bool verbose_;
  bool colour_out_;
  bool colour_err_;
  bool live_;
  bool terminal_out_;
  int width_ = 100;
};

/// How many columns a text takes on a terminal (UTF-8; every code point counts one, colours none).
[[nodiscard]] std::size_t displayWidth(std::string_view text);
/// The first `width` columns of a text; colours are kept whole and ended.
[[nodiscard]] std::string clipped(std::string_view text, std::size_t width);
[[nodiscard]] std::string padRight(std::string_view text, std::size_t width);
[[nodiscard]] std::string padLeft(std::string_view text, std::size_t width);
/// `0.6718`, `12`, `1.2e-06`: at most four significant decimals.
[[nodiscard]] std::string shortNumber(double value);
/// `2,100,000`.
[[nodiscard]] std::string groupedNumber(std::uint64_t value);
/// `0.8 ms`, `340 ms`, `1.2 s`, `2 min 5 s`.
[[nodiscard]] std::string secondsText(double seconds);

}  // namespace cd4ml::driver
