#include "compiler/diag/render_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/internal_check.h"

namespace cd4ml::diag {

namespace {

using Json = nlohmann::ordered_json;

std::string_view severityWord(Severity severity) {
  switch (severity) {
    case Severity::Error: return "error";
    case Severity::Warning: return "warning";
    case Severity::Note: return "note";
  }
  CD4ML_UNREACHABLE("severity");
}

/// Bytes that are not UTF-8 become U+FFFD; JSON cannot hold them.
std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json placeOf(const source::SourceMap& sources, FileIndex file, std::uint32_t byte) {
  const source::Position at = sources.position(file, byte);
  return {{"line", at.line}, {"column", at.column}};
}

Json rangeOf(const source::SourceMap& sources, Span span) {
  return {{"start", placeOf(sources, span.file, span.begin)}, {"end", placeOf(sources, span.file, span.end)}};
}

/// File and range, where the span names a known file.
void addPlace(Json& out, const source::SourceMap& sources, Span span) {
  if (span.file >= sources.size()) return;
  out["file"] = sources.path(span.file);
  out["range"] = rangeOf(sources, span);
}

Json jsonOf(const Diagnostic& d, const source::SourceMap& sources) {
  Json out = {{"code", codeText(d.code)}, {"name", codeName(d.code)}, {"severity", severityWord(severityOf(d.code))}, {"message", d.message}};
  addPlace(out, sources, d.span);
  out["labels"] = Json::array();
  for (const Label& label : d.labels) {
    Json entry = {{"text", label.text}};
    addPlace(entry, sources, label.span);
    out["labels"].push_back(std::move(entry));
  }
  out["help"] = d.help;
  out["fixes"] = Json::array();
  for (const Fix& fix : d.fixes) {
    Json entry = {{"title", fix.title}, {"safe", fix.safe}, {"edits", Json::array()}};
    for (const Edit& edit : fix.edits) {
      Json change = {{"replacement", edit.replacement}};
      addPlace(change, sources, edit.span);
      entry["edits"].push_back(std::move(change));
    }
    out["fixes"].push_back(std::move(entry));
  }
  return out;
}

Json sarifLocation(const source::SourceMap& sources, Span span) {
  const source::Position begin = sources.position(span.file, span.begin);
  const source::Position end = sources.position(span.file, span.end);
  return {{"physicalLocation",
           {{"artifactLocation", {{"uri", sources.path(span.file)}}},
            {"region", {{"startLine", begin.line}, {"startColumn", begin.column}, {"endLine", end.line}, {"endColumn", end.column}}}}}};
}

Json sarifResult(const Diagnostic& d, const source::SourceMap& sources) {
  std::string text = d.message;
  for (const std::string& line : d.help) text += "\n" + line;
  Json out = {{"ruleId", codeText(d.code)}, {"level", severityWord(severityOf(d.code))}, {"message", {{"text", text}}}, {"locations", Json::array()}};
  if (d.span.file < sources.size()) out["locations"].push_back(sarifLocation(sources, d.span));
  for (const Label& label : d.labels) {
    if (label.span.file >= sources.size()) continue;
    Json related = sarifLocation(sources, label.span);
    related["message"] = {{"text", label.text}};
    out["relatedLocations"].push_back(std::move(related));
  }
  return out;
}

std::string_view gitlabSeverity(Severity severity) {
  switch (severity) {
    case Severity::Error: return "critical";
    case Severity::Warning: return "minor";
    case Severity::Note: return "info";
  }
  CD4ML_UNREACHABLE("severity");
}

}  // namespace

std::string renderJson(const std::vector<Diagnostic>& diagnostics, const source::SourceMap& sources) {
  Json out = {{"v", 1}, {"diagnostics", Json::array()}};
  std::size_t errors = 0;
  std::size_t warnings = 0;
  for (const Diagnostic& d : diagnostics) {
    out["diagnostics"].push_back(jsonOf(d, sources));
    if (severityOf(d.code) == Severity::Error) ++errors;
    if (severityOf(d.code) == Severity::Warning) ++warnings;
  }
  out["errors"] = errors;
  out["warnings"] = warnings;
  return dumped(out);
}

std::string renderSarif(const std::vector<Diagnostic>& diagnostics, const source::SourceMap& sources) {
  Json rules = Json::array();
  for (const Code code : allCodes()) {
    bool used = false;
    for (const Diagnostic& d : diagnostics) used = used || d.code == code;
    if (used) rules.push_back({{"id", codeText(code)}, {"name", codeName(code)}});
  }
  Json results = Json::array();
  for (const Diagnostic& d : diagnostics) results.push_back(sarifResult(d, sources));
  const Json out = {{"version", "2.1.0"},
                    {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                    {"runs", Json::array({{{"tool", {{"driver", {{"name", "cd4mlc"}, {"rules", rules}}}}},
                                           {"columnKind", "unicodeCodePoints"},
                                           {"results", results}}})}};
  return dumped(out);
}

std::string renderGitlab(const std::vector<Diagnostic>& diagnostics, const source::SourceMap& sources) {
  Json out = Json::array();
  for (const Diagnostic& d : diagnostics) {
    const bool placed = d.span.file < sources.size();
    const std::string path(placed ? sources.path(d.span.file) : std::string_view());
    const std::uint32_t line = placed ? sources.position(d.span.file, d.span.begin).line : 1;
    Hasher fingerprint("cd4ml gitlab fingerprint");
    fingerprint.string(codeText(d.code)).string(path).u64(d.span.begin).string(d.message);
    out.push_back({{"description", d.message},
                   {"check_name", codeText(d.code)},
                   {"fingerprint", fingerprint.finish().hex()},
                   {"severity", gitlabSeverity(severityOf(d.code))},
                   {"location", {{"path", path}, {"lines", {{"begin", line}}}}}});
  }
  return dumped(out);
}

}  // namespace cd4ml::diag
