#include "compiler/driver/console.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace cd4ml::driver {

namespace {

bool wantsColour(const Arguments& arguments, int file) {
  switch (arguments.colour) {
    case Colour::Always: return true;
    case Colour::Never: return false;
    case Colour::Auto: break;
  }
  const char* no_colour = std::getenv("NO_COLOR");
  if (arguments.plain || (no_colour != nullptr && *no_colour != '\0')) return false;
  return isatty(file) != 0;
}

std::string_view codeOf(Style style) {
  switch (style) {
    case Style::Plain: return "";
    case Style::Strong: return "\x1b[1m";
    case Style::Dim: return "\x1b[2m";
    case Style::Good: return "\x1b[32m";
    case Style::Bad: return "\x1b[31m";
    case Style::Warning: return "\x1b[33m";
    case Style::Accent: return "\x1b[36m";
  }
  CD4ML_UNREACHABLE("Style");
}

std::string painted(Style style, std::string_view text) {
  return style == Style::Plain ? std::string(text) : fmt::format("{}{}\x1b[0m", codeOf(style), text);
}

void write(std::FILE* file, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), file);
  std::fflush(file);
}

}  // namespace

Console::Console(const Arguments& arguments)
    : json_(arguments.json),
      quiet_(arguments.quiet),
      verbose_(arguments.verbose),
      colour_out_(wantsColour(arguments, STDOUT_FILENO)),
      colour_err_(wantsColour(arguments, STDERR_FILENO)) {
  live_ = isatty(STDERR_FILENO) != 0 && !quiet_ && !arguments.plain && std::getenv("NO_COLOR") == nullptr;
  terminal_out_ = isatty(STDOUT_FILENO) != 0;
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20) width_ = size.ws_col;
}

void Console::result(std::string_view text) const { write(stdout, text); }

void Console::note(std::string_view text) const {
  if (!quiet_) write(stderr, text);
}

void Console::problem(std::string_view text) const { write(stderr, text); }

void Console::problem(const Error& error) const {
  std::string text = fmt::format("{}: {}\n", err(Style::Bad, fmt::format("error[{}]", error.code)), error.describe());
  for (const std::string& line : error.help) {
    const bool quoted = line.starts_with("| ");  // what a program said
    text += quoted ? fmt::format("  {}\n", line) : fmt::format("  {}: {}\n", err(Style::Accent, "help"), line);
  }
  problem(text);
}

std::string Console::out(Style style, std::string_view text) const { return painted(colour_out_ ? style : Style::Plain, text); }
std::string Console::err(Style style, std::string_view text) const { return painted(colour_err_ ? style : Style::Plain, text); }

std::size_t displayWidth(std::string_view text) {
  std::size_t width = 0;
  bool escape = false;
  for (const char c : text) {
    if (c == '\x1b') escape = true;
    if (!escape && (static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++width;
    if (escape && c == 'm') escape = false;
  }
  return width;
}

std::string clipped(std::string_view text, std::size_t width) {
  if (displayWidth(text) <= width) return std::string(text);
  std::size_t columns = 0;
  bool escape = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') escape = true;
    const bool begins = !escape && (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (begins && ++columns > width) return std::string(text.substr(0, i)) + (text.find('\x1b') < i ? "\x1b[0m" : "");
    if (escape && text[i] == 'm') escape = false;
  }
  return std::string(text);
}

std::string padRight(std::string_view text, std::size_t width) {
  const std::size_t have = displayWidth(text);
  return std::string(text) + std::string(width > have ? width - have : 0, ' ');
}

std::string padLeft(std::string_view text, std::size_t width) {
  const std::size_t have = displayWidth(text);
  return std::string(width > have ? width - have : 0, ' ') + std::string(text);
}

std::string shortNumber(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const double size = std::abs(value);
  if (size != 0 && (size < 1e-4 || size >= 1e9)) return fmt::format("{:.3g}", value);
  std::string text = fmt::format("{:.4f}", value);
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string groupedNumber(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string secondsText(double seconds) {
  if (seconds < 0.01) return fmt::format("{:.1f} ms", seconds * 1e3);
  if (seconds < 0.9995) return fmt::format("{:.0f} ms", seconds * 1e3);
  if (seconds < 120) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long>(seconds + 0.5);
  return fmt::format("{} min {} s", whole / 60, whole % 60);
}

}  // namespace cd4ml::driver
