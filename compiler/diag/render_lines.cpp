#include "compiler/diag/render_lines.h"

#include <fmt/format.h>

#include "base/internal_check.h"

namespace cd4ml::diag {

namespace {

std::string_view conciseWord(Severity severity) {
  switch (severity) {
    case Severity::Error: return "error";
    case Severity::Warning: return "warning";
    case Severity::Note: return "note";
  }
  CD4ML_UNREACHABLE("severity");
}

std::string_view githubWord(Severity severity) {
  switch (severity) {
    case Severity::Error: return "error";
    case Severity::Warning: return "warning";
    case Severity::Note: return "notice";
  }
  CD4ML_UNREACHABLE("severity");
}

/// Percent-encodes what would end a workflow command; in properties `:` and `,` too.
std::string escaped(std::string_view text, std::string_view also) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '\r' || c == '\n' || also.find(c) != std::string_view::npos) {
      out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string renderConcise(const std::vector<Diagnostic>& diagnostics, const source::SourceMap& sources) {
  std::string out;
  for (const Diagnostic& d : diagnostics) {
    if (d.span.file < sources.size()) {
      const source::Position at = sources.position(d.span.file, d.span.begin);
      out += fmt::format("{}:{}:{}: ", sources.path(d.span.file), at.line, at.column);
    }
    out += fmt::format("{}[{}]: {}\n", conciseWord(severityOf(d.code)), codeText(d.code), d.message);
  }
  return out;
}

std::string renderGithub(const std::vector<Diagnostic>& diagnostics, const source::SourceMap& sources) {
  std::string out;
  for (const Diagnostic& d : diagnostics) {
    std::string place;
    if (d.span.file < sources.size()) {
      const source::Position begin = sources.position(d.span.file, d.span.begin);
      const source::Position end = sources.position(d.span.file, d.span.end);
      place = fmt::format("file={},line={},endLine={},col={},endColumn={},", escaped(sources.path(d.span.file), ":,"), begin.line,
                          end.line, begin.column, end.column);
    }
    std::string message = d.message;
    for (const std::string& line : d.help) message += "\n" + line;
    out += fmt::format("::{} {}title={} {}::{}\n", githubWord(severityOf(d.code)), place, codeText(d.code), codeName(d.code),
                       escaped(message, ""));
  }
  return out;
}

}  // namespace cd4ml::diag
