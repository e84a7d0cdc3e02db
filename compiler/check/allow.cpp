#include "compiler/check/allow.h"

#include <fmt/format.h>

namespace cd4ml::check {
namespace {

using diag::Code;

std::vector<std::string> warnings() {
  std::vector<std::string> names;
  for (const Code code : diag::allCodes()) {
    if (diag::severityOf(code) == diag::Severity::Warning) names.emplace_back(diag::codeName(code));
  }
  return names;
}

void reportUnused(const syntax::Allow& allow, std::optional<Code> code, diag::Diagnostics& diagnostics) {
  const std::string& name = allow.warning.text;
  if (code && diag::severityOf(*code) == diag::Severity::Warning) {
    diag::Diagnostic& d = diagnostics.add(Code::UnusedAllow, allow.warning.span, fmt::format("there is no warning `{}` here to allow", name));
    d.help.emplace_back("the comment is for its own line, or alone on a line for the next one");
    d.fixes.push_back({"delete the comment", {{allow.span, ""}}, true});
    return;
  }
  const Span place = name.empty() ? allow.span : allow.warning.span;
  diag::Diagnostic& d = diagnostics.add(Code::UnusedAllow, place, code ? fmt::format("`{}` is an error: only warnings can be allowed", name) : fmt::format("no warning is called `{}`", name));
  if (code) return;
  const std::vector<std::string> known = warnings();
  const std::vector<std::string> near = diag::nearest(name, known, 1);
  if (near.empty()) {
    std::string all;
    for (const std::string& each : known) all += (all.empty() ? "`" : ", `") + each + "`";
    d.help.push_back("warnings are " + all);
  } else {
    d.help.push_back(fmt::format("did you mean `{}`?", near.front()));
    d.fixes.push_back({fmt::format("write `{}`", near.front()), {{place, near.front()}}, true});
  }
}

}  // namespace

void applyAllows(const syntax::Tree& tree, diag::Diagnostics& diagnostics) {
  const bool judged = !diagnostics.hasErrors();
  for (const syntax::Allow& allow : tree.allows) {
    const std::optional<Code> code = diag::findCode(allow.warning.text);
    bool used = false;
    diagnostics.remove([&](const diag::Diagnostic& d) {
      const bool here = d.span.file == allow.span.file && d.span.begin >= allow.begin && d.span.begin <= allow.end;
      const bool wanted = !here || !code || d.code != *code || diag::severityOf(d.code) != diag::Severity::Warning;
      used = used || !wanted;
      return !wanted;
    });
    if (!used && judged && allow.span.file == tree.file) reportUnused(allow, code, diagnostics);
  }
}

}  // namespace cd4ml::check
