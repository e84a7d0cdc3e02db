// Runs the `test` blocks: in memory, without data files, without the cache.
#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "compiler/driver/opened.h"
#include "runtime/exec/clock.h"
#include "runtime/exec/engine_library.h"
#include "runtime/track/json.h"

namespace cd4ml::driver {

namespace {

struct Outcome {
  const ir::TestCase* test = nullptr;
  std::vector<engine::TestFailure> failures{};
  std::optional<Error> error{};  ///< it could not run to its end
  double seconds = 0;
  [[nodiscard]] bool passed() const { return failures.empty() && !error; }
};

std::string placeText(const Opened& opened, Span span) {
  const source::SourceMap& sources = opened.compilation.sources;
  const source::Position at = sources.position(span.file, span.begin);
  return fmt::format("{}:{}:{}", sources.path(span.file), at.line, at.column);
}

/// What went wrong, one line each, the first of each failure with its place.
std::vector<std::string> linesOf(const Opened& opened, const Outcome& outcome) {
  std::vector<std::string> lines;
  if (outcome.error) {
    const Span span = outcome.error->span.empty() ? outcome.test->span : outcome.error->span;
    lines.push_back(fmt::format("{}: {} {}", placeText(opened, span), outcome.error->code, outcome.error->describe()));
  }
  for (const engine::TestFailure& failure : outcome.failures) {
    lines.push_back(fmt::format("{}: expect {}", placeText(opened, failure.span), failure.text));
    for (const std::string& line : failure.lines) lines.push_back("  " + line);
  }
  return lines;
}

Outcome runTest(engine::Engine& engine, const Opened& opened, const ir::TestCase& test) {
  const exec::Stopwatch watch;
  engine::TaskContext context;
  Outcome outcome{.test = &test};
  Result<std::vector<engine::TestFailure>> failures = engine.test(opened.compilation.pipeline, test, context);
  outcome.seconds = watch.seconds();
  if (failures.ok()) {
    outcome.failures = std::move(*failures);
  } else {
    outcome.error = failures.error();
  }
  return outcome;
}

std::string xmlText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

/// The report that CI servers read.
Status writeJunit(const std::string& path, const Opened& opened, const std::vector<Outcome>& outcomes) {
  const auto failed = std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& each) { return !each.passed(); });
  const std::string suite = xmlText(opened.project.entry);
  std::string text = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites><testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n", suite, outcomes.size(), failed);
  for (const Outcome& outcome : outcomes) {
    text += fmt::format("  <testcase name=\"{}\" classname=\"{}\" time=\"{:.3f}\"", xmlText(outcome.test->name), suite, outcome.seconds);
    if (outcome.passed()) {
      text += "/>\n";
      continue;
    }
    std::string message;
    for (const std::string& line : linesOf(opened, outcome)) message += line + "\n";
    text += fmt::format("><failure>{}</failure></testcase>\n", xmlText(message));
  }
  text += "</testsuite></testsuites>\n";
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return makeError("CD4003", fmt::format("cannot write {}", path));
  return Done{};
}

std::string jsonText(const Opened& opened, const std::vector<Outcome>& outcomes) {
  track::Json tests = track::Json::array();
  for (const Outcome& outcome : outcomes) {
    const Span span = outcome.test->span;
    const source::Position at = opened.compilation.sources.position(span.file, span.begin);
    tests.push_back({{"name", outcome.test->name}, {"file", opened.compilation.sources.path(span.file)}, {"line", at.line},
                     {"passed", outcome.passed()}, {"seconds", outcome.seconds}, {"messages", linesOf(opened, outcome)}});
  }
  return track::Json{{"v", 1}, {"tests", std::move(tests)}}.dump() + "\n";
}

std::string reportText(const Opened& opened, const std::vector<Outcome>& outcomes, const Console& console) {
  std::string text;
  std::size_t failed = 0;
  for (const Outcome& outcome : outcomes) {
    failed += outcome.passed() ? 0 : 1;
    text += fmt::format("{}  {}\n", outcome.passed() ? console.out(Style::Good, "ok  ") : console.out(Style::Bad, "FAIL"), outcome.test->name);
    for (const std::string& line : linesOf(opened, outcome)) text += "      " + line + "\n";
  }
  return text + fmt::format("{} {}, {} failed\n", outcomes.size(), outcomes.size() == 1 ? "test" : "tests", failed);
}

}  // namespace

int cmdTest(const Arguments& arguments, const Console& console) {
  return withProject(arguments, console, [&](Opened& opened) -> Result<int> {
    std::vector<const ir::TestCase*> wanted;
    for (const ir::TestCase& test : opened.compilation.tests) {
      if (test.name.find(arguments.filter) != std::string::npos) wanted.push_back(&test);
    }
    if (wanted.empty() && !arguments.filter.empty()) return makeError("CD4103", fmt::format("no test has `{}` in its name", arguments.filter));
    std::vector<Outcome> outcomes;
    exec::EngineLibrary library(engine::EngineConfig{});
    for (const ir::TestCase* test : wanted) {
      CD4ML_TRY(engine::Engine * engine, library.get());
      outcomes.push_back(runTest(*engine, opened, *test));
    }
    console.result(console.json() ? jsonText(opened, outcomes) : reportText(opened, outcomes, console));
    if (!arguments.junit.empty()) CD4ML_TRY_VOID(writeJunit(arguments.junit, opened, outcomes));
    const bool passed = std::all_of(outcomes.begin(), outcomes.end(), [](const Outcome& each) { return each.passed(); });
    return passed ? Ok : StageFailed;
  });
}

}  // namespace cd4ml::driver
