#include "runtime/report/report.h"

#include <fmt/format.h>

#include "runtime/report/sections.h"
#include "runtime/report/style.h"
#include "runtime/report/text.h"

namespace cd4ml::report {

namespace {

/// Nothing may be loaded, whatever a text says.
constexpr std::string_view policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// Links to the sections that are there.
std::string contents(const std::string& body) {
  std::string out;
  std::size_t at = 0;
  constexpr std::string_view opening = "<section id=\"";
  while ((at = body.find(opening, at)) != std::string::npos) {
    const std::size_t id = at + opening.size();
    const std::string name = body.substr(id, body.find('"', id) - id);
    const std::size_t heading = body.find('>', body.find("<h2", id)) + 1;
    out += fmt::format("<li><a href=\"#{}\">{}</a></li>", name, body.substr(heading, body.find("</h2>", heading) - heading));
    at = heading;
  }
  return out.empty() ? out : "<nav aria-label=\"Contents\"><ul>" + out + "</ul></nav>\n";
}

}  // namespace

std::string render(const Report& report) {
  Ids ids;
  // A monitor's report is about the data; a run's about the model.
  std::string body;
  if (report.windows.empty()) body = gateSection(report) + evaluationSection(report, ids);
  else body = driftSection(report, ids) + windowsSection(report, ids) + dataSection(report) + gateSection(report) + evaluationSection(report, ids);
  body += eventsSection(report) + pipelineSection(report, ids) + provenanceSection(report);
  const std::string title = fmt::format("{}: {}", report.title, report.subject);
  std::string out = fmt::format("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta http-equiv=\"Content-Security-Policy\" content=\"{}\"/>\n"
                                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<meta name=\"color-scheme\" content=\"light dark\"/>\n"
                                "<link rel=\"icon\" href=\"data:,\"/>\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the verdict</a>\n",
                                policy, escape(title), styleSheet());
  out += fmt::format("<header class=\"top\">\n<h1>{}</h1>\n<p class=\"meta\">{}{}</p>\n{}</header>\n<main id=\"main\">\n{}{}{}</main>\n", escape(report.title), escape(report.subject),
                     report.at.empty() ? "" : fmt::format(" · <time datetime=\"{}\">{}</time>", escape(report.at), escape(utc(report.at))), paragraph(report.about, "meta"), verdictSection(report),
                     contents(body), body);
  out += "<footer>\n<p>Made by cd4mlc from the ledger of the pipeline. This file loads nothing and can be kept or sent as it is. All times are UTC.</p>\n</footer>\n";
  return out + fmt::format("<script>//<![CDATA[{}//]]></script>\n</body>\n</html>\n", script());
}

}  // namespace cd4ml::report
