// What happened, why, and what to do next.
#include <fmt/format.h>

#include "runtime/report/sections.h"
#include "runtime/report/text.h"
#include "runtime/report/tone.h"

namespace cd4ml::report {

std::string section(std::string_view id, std::string_view heading, std::string_view body) {
  if (body.empty()) return {};
  return fmt::format("<section id=\"{0}\" aria-labelledby=\"{0}-h\">\n<h2 id=\"{0}-h\">{1}</h2>\n{2}</section>\n", id, escape(heading), body);
}

std::string paragraph(std::string_view text, std::string_view classes) {
  if (text.empty()) return {};
  return classes.empty() ? fmt::format("<p>{}</p>\n", prose(text)) : fmt::format("<p class=\"{}\">{}</p>\n", classes, prose(text));
}

std::string verdictSection(const Report& report) {
  const Verdict& verdict = report.verdict;
  std::string why;
  for (const std::string& sentence : verdict.why) why += fmt::format("<li>{}</li>\n", prose(sentence));
  if (!why.empty()) why = "<ul>\n" + why + "</ul>\n";
  std::string next;
  for (const Verdict::Next& step : verdict.next) {
    next += fmt::format("<li>{}{}</li>\n", escape(step.text), step.command.empty() ? "" : fmt::format("<pre><code>{}</code></pre>", escape(step.command)));
  }
  if (!next.empty()) next = "<h3>What to do next</h3>\n<ul class=\"next\">\n" + next + "</ul>\n";
  const std::string_view tone = toneClass(verdict.tone);
  return fmt::format("<section class=\"verdict {0}\" id=\"verdict\" aria-labelledby=\"verdict-h\">\n<p class=\"state {0}\"><span aria-hidden=\"true\">{1}</span> {2}</p>\n"
                     "<h2 id=\"verdict-h\">{3}</h2>\n{4}{5}</section>\n",
                     tone, mark(verdict.tone), escape(verdict.state), escape(verdict.headline), why, next);
}

}  // namespace cd4ml::report
