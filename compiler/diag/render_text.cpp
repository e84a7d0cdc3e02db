#include "compiler/diag/render_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/internal_check.h"

namespace cd4ml::diag {

namespace {

/// One place to underline.
struct Mark {
  Span span;
  std::string text;
  bool primary = false;
};

std::size_t codePoints(std::string_view s) {
  return static_cast<std::size_t>(std::count_if(s.begin(), s.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// Tabs take four columns, so that what stands under them fits; control bytes show as `?`.
std::string shown(std::string_view line) {
  std::string out;
  for (const char c : line) {
    if (c == '\t') {
      out += "    ";
    } else {
      out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
    }
  }
  return out;
}

class TextRenderer {
 public:
  TextRenderer(const source::SourceMap& sources, Colour colour) : sources_(sources), colour_(colour) {}

  void title(std::string_view severity, std::string_view paint_code, std::string_view code, std::string_view message) {
    out_ += paint(fmt::format("{}[{}]", severity, code), paint_code) + paint(fmt::format(": {}", message), bold) + "\n";
  }

  void frames(std::vector<Mark> marks, std::string_view primary_paint) {
    std::erase_if(marks, [&](const Mark& m) { return m.span.file >= sources_.size(); });
    if (marks.empty()) return;
    primary_paint_ = primary_paint;
    gutter_ = 0;
    for (const Mark& m : marks) gutter_ = std::max(gutter_, std::to_string(lineOf(m)).size());
    const FileIndex first_file = marks.front().span.file;
    std::stable_sort(marks.begin(), marks.end(), [&](const Mark& a, const Mark& b) {
      return std::tuple(a.span.file != first_file, a.span.file, lineOf(a), !a.primary, a.span.begin) <
             std::tuple(b.span.file != first_file, b.span.file, lineOf(b), !b.primary, b.span.begin);
    });
    for (std::size_t i = 0; i < marks.size();) {
      std::size_t end = i;
      while (end < marks.size() && marks[end].span.file == marks[i].span.file) ++end;
      fileFrame({marks.begin() + static_cast<std::ptrdiff_t>(i), marks.begin() + static_cast<std::ptrdiff_t>(end)}, i == 0);
      i = end;
    }
    margin("╰─");
    out_ += "\n";
  }

  void quote(std::string_view line) { out_ += fmt::format("  {}\n", line); }

  void note(std::string_view word, std::string_view text) {
    std::string shown_text(text);
    const std::string indent(word.size() + 4, ' ');
    for (std::size_t at = shown_text.find('\n'); at != std::string::npos; at = shown_text.find('\n', at + 1)) shown_text.insert(at + 1, indent);
    out_ += fmt::format("  {} {}\n", paint(fmt::format("{}:", word), bold), shown_text);
  }

  void gap() { out_ += "\n"; }
  std::string take() { return std::move(out_); }

  static constexpr std::string_view bold = "1";
  static constexpr std::string_view red = "1;31";
  static constexpr std::string_view yellow = "1;33";
  static constexpr std::string_view blue = "1;34";

 private:
  [[nodiscard]] std::uint32_t lineOf(const Mark& m) const { return sources_.position(m.span.file, m.span.begin).line; }

  void fileFrame(const std::vector<Mark>& marks, bool first) {
    const auto lead = std::find_if(marks.begin(), marks.end(), [](const Mark& m) { return m.primary; });
    const Mark& shown_mark = lead == marks.end() ? marks.front() : *lead;
    const source::Position at = sources_.position(shown_mark.span.file, shown_mark.span.begin);
    margin(first ? "╭─" : "├─");
    out_ += fmt::format(" {}:{}:{}\n", sources_.path(shown_mark.span.file), at.line, at.column);
    std::uint32_t last_line = 0;
    for (std::size_t i = 0; i < marks.size();) {
      const std::uint32_t line = lineOf(marks[i]);
      if (last_line != 0 && line > last_line + 1) {
        margin("┆");
        out_ += "\n";
      }
      sourceLine(marks[i].span.file, line);
      for (; i < marks.size() && lineOf(marks[i]) == line; ++i) underline(marks[i], line);
      last_line = line;
    }
  }

  void sourceLine(FileIndex file, std::uint32_t line) {
    out_ += paint(fmt::format("{:>{}} │", line, gutter_), blue);
    const std::string text = shown(sources_.line(file, line));
    out_ += text.empty() ? "\n" : " " + text + "\n";
  }

  void underline(const Mark& mark, std::uint32_t line) {
    const std::string_view text = sources_.line(mark.span.file, line);
    const auto begin_of_line = static_cast<std::uint32_t>(text.data() - sources_.text(mark.span.file).data());
    const std::size_t from = std::min<std::size_t>(mark.span.begin - begin_of_line, text.size());
    const std::size_t to = std::clamp<std::size_t>(mark.span.end - begin_of_line, from, text.size());
    const std::size_t left = codePoints(shown(text.substr(0, from)));
    const std::size_t width = std::max<std::size_t>(1, codePoints(shown(text.substr(from, to - from))));
    std::string sign(width, mark.primary ? '^' : '-');
    if (!mark.text.empty()) sign += " " + mark.text;
    margin("│");
    out_ += " " + std::string(left, ' ') + paint(sign, mark.primary ? primary_paint_ : blue) + "\n";
  }

  void margin(std::string_view sign) { out_ += paint(std::string(gutter_ + 1, ' ') + std::string(sign), blue); }

  [[nodiscard]] std::string paint(std::string_view text, std::string_view code) const {
    if (colour_ == Colour::Plain) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
  }

  const source::SourceMap& sources_;
  Colour colour_;
  std::string out_;
  std::string_view primary_paint_;
  std::size_t gutter_ = 1;
};

std::string_view word(Severity severity) {
  switch (severity) {
    case Severity::Error: return "error";
    case Severity::Warning: return "warning";
    case Severity::Note: return "note";
  }
  CD4ML_UNREACHABLE("severity");
}

std::string_view paintOf(Severity severity) {
  switch (severity) {
    case Severity::Error: return TextRenderer::red;
    case Severity::Warning: return TextRenderer::yellow;
    case Severity::Note: return TextRenderer::blue;
  }
  CD4ML_UNREACHABLE("severity");
}

std::string counted(std::size_t n, std::string_view what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

}  // namespace

std::string renderText(const std::vector<Diagnostic>& diagnostics, const source::SourceMap& sources, Colour colour) {
  TextRenderer renderer(sources, colour);
  for (const Diagnostic& d : diagnostics) {
    const Severity severity = severityOf(d.code);
    renderer.title(word(severity), paintOf(severity), fmt::format("{} {}", codeText(d.code), codeName(d.code)), d.message);
    std::vector<Mark> marks;
    if (!d.span.empty()) marks.push_back({.span = d.span, .text = {}, .primary = true});
    for (const Label& label : d.labels) {
      // A label on the very place of the diagnostic is its caption.
      if (!marks.empty() && label.span == d.span && marks.front().text.empty()) {
        marks.front().text = label.text;
      } else {
        marks.push_back({.span = label.span, .text = label.text, .primary = false});
      }
    }
    renderer.frames(std::move(marks), paintOf(severity));
    for (const std::string& line : d.help) renderer.note("help", line);
    for (const Fix& fix : d.fixes) renderer.note("fix", fix.title);
    renderer.gap();
  }
  return renderer.take();
}

std::string renderErrorText(const Error& error, const source::SourceMap& sources, Colour colour) {
  TextRenderer renderer(sources, colour);
  renderer.title("error", TextRenderer::red, error.code, error.message);
  std::vector<Mark> marks;
  if (!error.span.empty()) marks.push_back({.span = error.span, .text = {}, .primary = true});
  renderer.frames(std::move(marks), TextRenderer::red);
  for (const Error* cause = error.cause.get(); cause != nullptr; cause = cause->cause.get()) renderer.note("because", cause->message);
  for (const Error* e = &error; e != nullptr; e = e->cause.get()) {
    for (const std::string& line : e->help) {
      // What a program said is quoted, it is no advice.
      if (line.starts_with("| ")) {
        renderer.quote(line);
      } else {
        renderer.note("help", line);
      }
    }
  }
  renderer.gap();
  return renderer.take();
}

std::string summaryOf(const std::vector<Diagnostic>& diagnostics) {
  std::size_t errors = 0;
  std::size_t warnings = 0;
  for (const Diagnostic& d : diagnostics) {
    if (severityOf(d.code) == Severity::Error) ++errors;
    if (severityOf(d.code) == Severity::Warning) ++warnings;
  }
  if (errors > 0 && warnings > 0) return counted(errors, "error") + ", " + counted(warnings, "warning");
  if (errors > 0) return counted(errors, "error");
  return warnings > 0 ? counted(warnings, "warning") : std::string();
}

}  // namespace cd4ml::diag
