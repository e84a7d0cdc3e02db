#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "compiler/diag/render_json.h"
#include "compiler/diag/render_lines.h"
#include "compiler/diag/render_text.h"

namespace cd4ml::diag {
namespace {

class Render : public ::testing::Test {
 protected:
  Render() {
    sources_.add("main.cd4ml", "source flights = csv(\"f.csv\")\n\n\ntable t from flights {\n\tderive größe = dest + 1\n}\n");
    const std::string_view text = sources_.text(0);
    const auto at = [&](std::string_view word) { return static_cast<std::uint32_t>(text.find(word)); };
    Diagnostic d{.code = Code::UnknownColumn, .message = "`dest` is not a column of `t`", .span = {0, at("dest"), at("dest") + 4}};
    d.labels.push_back({.span = {0, at("flights"), at("flights") + 7}, .text = "its columns come from here"});
    d.labels.push_back({.span = {0, at("größe"), at("größe") + 7}, .text = "in this column"});
    d.help = {"the columns are `origin`, `destination`"};
    d.fixes.push_back({.title = "write `destination`", .edits = {{.span = d.span, .replacement = "destination"}}});
    diagnostics_.push_back(d);
    diagnostics_.push_back({.code = Code::MisplacedDoc, .message = "50% of\nit", .span = {0, 0, 6}});
  }

  source::SourceMap sources_;
  std::vector<Diagnostic> diagnostics_;
};

TEST_F(Render, TextShowsEveryLabelInOneFrame) {
  EXPECT_EQ(renderText({diagnostics_[0]}, sources_, Colour::Plain),
            "error[CD2004 unknown-column]: `dest` is not a column of `t`\n"
            "  ╭─ main.cd4ml:5:17\n"
            "1 │ source flights = csv(\"f.csv\")\n"
            "  │        ------- its columns come from here\n"
            "  ┆\n"
            "5 │     derive größe = dest + 1\n"
            "  │                    ^^^^\n"
            "  │            ----- in this column\n"
            "  ╰─\n"
            "  help: the columns are `origin`, `destination`\n"
            "  fix: write `destination`\n"
            "\n");
}

TEST_F(Render, ColourAddsNothingButEscapes) {
  std::string coloured = renderText(diagnostics_, sources_, Colour::Ansi);
  EXPECT_NE(coloured.find("\x1b[1;31m"), std::string::npos);
  for (std::size_t at = coloured.find('\x1b'); at != std::string::npos; at = coloured.find('\x1b')) {
    coloured.erase(at, coloured.find('m', at) - at + 1);
  }
  EXPECT_EQ(coloured, renderText(diagnostics_, sources_, Colour::Plain));
}

TEST_F(Render, ErrorsOfARunShowTheirCauses) {
  Error error = because(makeError("CD5002", "no such file"), "CD5001", "cannot read `f.csv`", {0, 17, 20});
  error.help = {"paths are relative to the pipeline file"};
  EXPECT_EQ(renderErrorText(error, sources_, Colour::Plain),
            "error[CD5001]: cannot read `f.csv`\n"
            "  ╭─ main.cd4ml:1:18\n"
            "1 │ source flights = csv(\"f.csv\")\n"
            "  │                  ^^^\n"
            "  ╰─\n"
            "  because: no such file\n"
            "  help: paths are relative to the pipeline file\n"
            "\n");
  EXPECT_EQ(renderErrorText(makeError("CD5001", "no place"), sources_, Colour::Plain), "error[CD5001]: no place\n\n");
}

TEST_F(Render, OneLineEach) {
  EXPECT_EQ(renderConcise({diagnostics_[0]}, sources_), "main.cd4ml:5:17: error[CD2004]: `dest` is not a column of `t`\n");
  EXPECT_EQ(renderGithub({diagnostics_[1]}, sources_),
            "::warning file=main.cd4ml,line=1,endLine=1,col=1,endColumn=7,title=CD0016 misplaced-doc::50%25 of%0Ait\n");
}

TEST_F(Render, JsonHasTheShapeOfTheContract) {
  const auto json = nlohmann::json::parse(renderJson(diagnostics_, sources_));
  EXPECT_EQ(json["v"], 1);
  EXPECT_EQ(json["errors"], 1);
  EXPECT_EQ(json["warnings"], 1);
  const auto& d = json["diagnostics"][0];
  EXPECT_EQ(d["code"], "CD2004");
  EXPECT_EQ(d["name"], "unknown-column");
  EXPECT_EQ(d["severity"], "error");
  EXPECT_EQ(d["file"], "main.cd4ml");
  EXPECT_EQ(d["range"]["start"]["line"], 5);
  EXPECT_EQ(d["range"]["start"]["column"], 17);
  EXPECT_EQ(d["range"]["end"]["column"], 21);
  EXPECT_EQ(d["labels"][0]["range"]["start"]["line"], 1);
  EXPECT_EQ(d["help"][0], "the columns are `origin`, `destination`");
  EXPECT_EQ(d["fixes"][0]["edits"][0]["replacement"], "destination");
}

TEST_F(Render, ReportsForOtherTools) {
  const auto sarif = nlohmann::json::parse(renderSarif(diagnostics_, sources_));
  EXPECT_EQ(sarif["version"], "2.1.0");
  const auto& run = sarif["runs"][0];
  EXPECT_EQ(run["tool"]["driver"]["rules"].size(), 2U);
  EXPECT_EQ(run["results"][0]["ruleId"], "CD2004");
  EXPECT_EQ(run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"], 5);
  EXPECT_EQ(run["results"][0]["relatedLocations"].size(), 2U);
  const auto gitlab = nlohmann::json::parse(renderGitlab(diagnostics_, sources_));
  ASSERT_EQ(gitlab.size(), 2U);
  EXPECT_EQ(gitlab[0]["check_name"], "CD2004");
  EXPECT_EQ(gitlab[0]["location"]["lines"]["begin"], 5);
  EXPECT_NE(gitlab[0]["fingerprint"], gitlab[1]["fingerprint"]);
  EXPECT_EQ(renderGitlab(diagnostics_, sources_), renderGitlab(diagnostics_, sources_));
}

TEST(RenderBytes, TextThatIsNotUtf8StaysValidJson) {
  source::SourceMap sources;
  sources.add("a.cd4ml", "\xFF\n");
  const Diagnostic d{.code = Code::BadCharacter, .message = "`\xFF` has no meaning here", .span = {0, 0, 1}};
  EXPECT_TRUE(nlohmann::json::accept(renderJson({d}, sources)));
}

TEST(Summary, CountsErrorsAndWarnings) {
  const Diagnostic error{.code = Code::UnknownColumn, .message = "", .span = {}};
  const Diagnostic warning{.code = Code::MisplacedDoc, .message = "", .span = {}};
  EXPECT_EQ(summaryOf({}), "");
  EXPECT_EQ(summaryOf({error}), "1 error");
  EXPECT_EQ(summaryOf({error, error, warning}), "2 errors, 1 warning");
  EXPECT_EQ(summaryOf({warning, warning}), "2 warnings");
}

}  // namespace
}  // namespace cd4ml::diag
