#include "compiler/driver/arguments.h"

#include <algorithm>
#include <cstdlib>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "compiler/diag/diagnostic.h"
#include "compiler/driver/version.h"

namespace cd4ml::driver {

namespace {

constexpr std::string_view common_options = "state color plain quiet verbose";

/// An option: how it is written, what it does, how it lands in Arguments.
struct OptionRow {
  std::string_view name;
  std::string_view spelling;
  std::string_view summary;
  void (*add)(CLI::App& app, const std::string& spelling, const std::string& summary, Arguments& arguments);
};

template <auto Member>
void bindValue(CLI::App& app, const std::string& spelling, const std::string& summary, Arguments& arguments) {
  app.add_option(spelling, arguments.*Member, summary);
}

template <auto Member>
void bindFlag(CLI::App& app, const std::string& spelling, const std::string& summary, Arguments& arguments) {
  app.add_flag(spelling, arguments.*Member, summary);
}

void bindColour(CLI::App& app, const std::string& spelling, const std::string& summary, Arguments& arguments) {
  app.add_option_function<std::string>(
         spelling,
         [&arguments](const std::string& when) {
           arguments.colour = when == "always" ? Colour::Always : when == "never" ? Colour::Never : Colour::Auto;
         },
         summary)
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("auto|always|never");
}

void bindParams(CLI::App& app, const std::string& spelling, const std::string& summary, Arguments& arguments) {
  app.add_option_function<std::vector<std::string>>(
         spelling,
         [&arguments](const std::vector<std::string>& pairs) {
           for (const std::string& pair : pairs) {
             const std::size_t equals = pair.find('=');
             if (equals == std::string::npos || equals == 0) throw CLI::ValidationError("--param", pair + " is not NAME=VALUE");
             arguments.params[pair.substr(0, equals)] = pair.substr(equals + 1);
           }
         },
         summary)
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
}

void bindFormat(CLI::App& app, const std::string& spelling, const std::string& summary, Arguments& arguments) {
  app.add_option(spelling, arguments.format, summary)
      ->check(CLI::IsMember({"text", "concise", "json", "sarif", "github", "gitlab"}))
      ->type_name("FORMAT");
}

void bindOnError(CLI::App& app, const std::string& spelling, const std::string& summary, Arguments& arguments) {
  app.add_option(spelling, arguments.on_error, summary)->check(CLI::IsMember({"fail", "null"}))->type_name("fail|null");
}

void bindJobs(CLI::App& app, const std::string& spelling, const std::string& summary, Arguments& arguments) {
  app.add_option(spelling, arguments.jobs, summary)->check(CLI::Range(1, 4096))->type_name("N");
}

void bindPort(CLI::App& app, const std::string& spelling, const std::string& summary, Arguments& arguments) {
  app.add_option(spelling, arguments.port, summary)->check(CLI::Range(0, 65535))->type_name("N");
}

void bindRows(CLI::App& app, const std::string& spelling, const std::string& summary, Arguments& arguments) {
  app.add_option(spelling, arguments.rows, summary)->check(CLI::NonNegativeNumber)->type_name("N");
}

/// `30s`, `500ms`, `5min`.
void bindInterval(CLI::App& app, const std::string& spelling, const std::string& summary, Arguments& arguments) {
  app.add_option_function<std::string>(
         spelling,
         [&arguments](const std::string& text) {
           std::size_t digits = 0;
           while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
           const std::string unit = text.substr(digits);
           const std::int64_t scale = unit == "ms" ? 1 : unit == "s" ? 1'000 : unit == "min" ? 60'000 : unit == "h" ? 3'600'000 : 0;
           if (digits == 0 || digits > 6 || scale == 0) throw CLI::ValidationError("--interval", "`" + text + "` is no time: write 30s, 500ms or 5min");
           arguments.interval_ms = std::stoll(text.substr(0, digits)) * scale;
         },
         summary)
      ->type_name("TIME");
}

/// A release against the gate is written down with its reason: there must be one.
void bindReason(CLI::App& app, const std::string& spelling, const std::string& summary, Arguments& arguments) {
  app.add_option_function<std::string>(
         spelling,
         [&arguments](const std::string& reason) {
           if (reason.find_first_not_of(" \t\n") == std::string::npos) throw CLI::ValidationError("--override", "say why: a reason is missing");
           arguments.override_reason = reason;
         },
         summary)
      ->type_name("REASON");
}

const std::vector<OptionRow>& optionRows() {
  static const std::vector<OptionRow> rows{
      {"param", "--param", "set a param; may be repeated", bindParams},
      {"profile", "--profile", "use a profile", bindValue<&Arguments::profile>},
      {"state", "--state", "folder of the state (default: .cd4ml beside the entry file, or CD4ML_STATE)", bindValue<&Arguments::state>},
      {"json", "--json", "results as JSON on standard output", bindFlag<&Arguments::json>},
      {"color", "--color", "colours: auto, always or never", bindColour},
      {"plain", "--plain", "plain lines: no colours, no live view", bindFlag<&Arguments::plain>},
      {"quiet", "--quiet,-q", "only results and errors", bindFlag<&Arguments::quiet>},
      {"verbose", "--verbose", "say more", bindFlag<&Arguments::verbose>},
      {"jobs", "--jobs,-j", "stages and threads at once (default: one a core)", bindJobs},
      {"keep-going", "--keep-going", "after a failure, still run what does not depend on it", bindFlag<&Arguments::keep_going>},
      {"deploy", "--deploy", "then do what `deploy` does", bindFlag<&Arguments::deploy>},
      {"override", "--override", "release what is held; the reason is recorded", bindReason},
      {"reason", "--reason", "why, for the record", bindValue<&Arguments::reason>},
      {"to", "--to", "the deploy to promote to", bindValue<&Arguments::to>},
      {"run", "--run", "a run other than the last", bindValue<&Arguments::run>},
      {"filter", "--filter", "only tests with this text in their name", bindValue<&Arguments::filter>},
      {"junit", "--junit", "also write a report in JUnit's XML to this file", bindValue<&Arguments::junit>},
      {"format", "--format", "text, concise, json, sarif, github or gitlab", bindFormat},
      {"rows", "--rows", "how many rows to show", bindRows},
      {"stats", "--stats", "statistics of each column", bindFlag<&Arguments::stats>},
      {"values", "--values", "of features with -o: their values, not the raw columns that `score` reads", bindFlag<&Arguments::values>},
      {"output", "--output,-o", "write to this file: CSV, Parquet or Arrow by its ending, of `report` the page", bindValue<&Arguments::output>},
      {"once", "--once", "look once, follow what comes of it, end", bindFlag<&Arguments::once>},
      {"interval", "--interval", "time between two looks: 30s, 500ms, 5min (default: 60s)", bindInterval},
      {"host", "--host", "address to listen at (default: 127.0.0.1; others need CD4ML_SERVE_TOKEN)", bindValue<&Arguments::host>},
      {"port", "--port", "port to listen at (default: 8080; 0: any)", bindPort},
      {"data", "--data", "look at the rows of this file: CSV, TSV, JSON lines, Parquet or Arrow by its content", bindValue<&Arguments::data>},
      {"on-error", "--on-error", "a bad row: fail, or null with a reason", bindOnError},
  };
  return rows;
}

const OptionRow* findOption(std::string_view name) {
  const auto& rows = optionRows();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const OptionRow& r) { return r.name == name; });
  return row == rows.end() ? nullptr : &*row;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> result;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    if (space > 0) result.push_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return result;
}

Error usage(std::string message, std::vector<std::string> help) {
  Error error = makeError("CD4101", std::move(message));
  error.help = std::move(help);
  return error;
}

Error unknownCommand(const std::string& word) {
  std::vector<std::string> names;
  for (const CommandRow& row : commandRows()) names.emplace_back(row.name);
  std::vector<std::string> help;
  for (const std::string& near : diag::nearest(word, names)) help.push_back(fmt::format("did you mean `cd4mlc {}`?", near));
  help.emplace_back("`cd4mlc --help` lists the commands");
  return usage(fmt::format("unknown command `{}`", word), std::move(help));
}

Error unknownOption(const CommandRow& command, const std::string& word) {
  std::vector<std::string> names;
  const std::string all = fmt::format("{} {}", command.options, common_options);
  for (const std::string_view name : words(all)) names.push_back(fmt::format("--{}", name));
  std::vector<std::string> help;
  const std::string bare = word.substr(0, word.find('='));
  for (const std::string& near : diag::nearest(bare, names)) help.push_back(fmt::format("did you mean `{}`?", near));
  help.push_back(fmt::format("`cd4mlc {} --help` lists its options", command.name));
  return usage(fmt::format("`cd4mlc {}` has no option `{}`", command.name, bare), std::move(help));
}

std::string overview() {
  std::string text = "cd4mlc: one file describes a machine-learning pipeline; this runs it.\n\nUsage: cd4mlc COMMAND [FILE] [NAMES…] [OPTIONS]\n\nCommands:\n";
  for (const CommandRow& row : commandRows()) text += fmt::format("  {:<11} {}\n", row.name, row.summary);
  text += "\nWithout FILE: main.cd4ml in the current folder, else the only *.cd4ml there.\n"
          "`cd4mlc COMMAND --help` shows options and an example.\n\nExample:\n  cd4mlc run\n";
  return text;
}

std::string helpText(const CommandRow& command) {
  std::string text = fmt::format("cd4mlc {}: {}\n\nUsage: cd4mlc {} {} [OPTIONS]\n\nOptions:\n", command.name, command.summary,
                                 command.name, command.arguments);
  const std::string all = fmt::format("{} {}", command.options, common_options);
  for (const std::string_view name : words(all)) {
    const OptionRow* row = findOption(name);
    CD4ML_CHECK(row != nullptr);
    text += fmt::format("  {:<14} {}\n", row->spelling, row->summary);
  }
  return text + fmt::format("\nExample:\n  {}\n", command.example);
}

void sortPositional(std::vector<std::string> positional, Arguments& arguments) {
  for (std::string& word : positional) {
    if (!arguments.file && word.ends_with(".cd4ml")) {
      arguments.file = std::move(word);
    } else {
      arguments.names.push_back(std::move(word));
    }
  }
}

Result<Parsed> parseCommand(const CommandRow& command, std::vector<std::string> rest) {
  Parsed parsed;
  parsed.arguments.command = std::string(command.name);
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<std::string> positional;
  app.add_option("names", positional);
  const std::string all = fmt::format("{} {}", command.options, common_options);
  for (const std::string_view name : words(all)) {
    const OptionRow* row = findOption(name);
    CD4ML_CHECK(row != nullptr);
    row->add(app, std::string(row->spelling), std::string(row->summary), parsed.arguments);
  }
  try {
    std::reverse(rest.begin(), rest.end());
    app.parse(rest);
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();
    return usage(fmt::format("`{}` needs a value", text.substr(0, text.find(':'))),
                 {fmt::format("`cd4mlc {} --help` lists its options", command.name)});
  } catch (const CLI::ParseError& error) {
    return usage(error.what(), {fmt::format("`cd4mlc {} --help` lists its options", command.name)});
  }
  for (const std::string& extra : app.remaining()) {
    if (extra.size() > 1 && extra[0] == '-') return unknownOption(command, extra);
    positional.push_back(extra);
  }
  sortPositional(std::move(positional), parsed.arguments);
  if (command.arguments == "[FILE]" && !parsed.arguments.names.empty()) {
    return usage(fmt::format("`cd4mlc {}` does not know what to do with `{}`", command.name, parsed.arguments.names[0]),
                 {"a file is named with its ending: NAME.cd4ml"});
  }
  if (const char* state = std::getenv("CD4ML_STATE"); !parsed.arguments.state && state != nullptr && *state != '\0') {
    parsed.arguments.state = state;
  }
  return parsed;
}

bool isHelp(std::string_view word) { return word == "--help" || word == "-h" || word == "help"; }

}  // namespace

std::vector<OptionName> optionsOf(const CommandRow& command) {
  std::vector<OptionName> result;
  const std::string all = fmt::format("{} {}", command.options, common_options);
  for (const std::string_view name : words(all)) {
    const OptionRow* row = findOption(name);
    CD4ML_CHECK(row != nullptr);
    result.push_back({row->spelling.substr(0, row->spelling.find(',')), row->summary});
  }
  return result;
}

const std::vector<CommandRow>& commandRows() {
  static const std::vector<CommandRow> rows{
      {"init", "[DIR]", "a new project: one small working pipeline and its data", "cd4mlc init mine && cd mine && cd4mlc run", ""},
      {"check", "[FILE]", "say what is wrong with a pipeline; runs nothing", "cd4mlc check --format github", "format json param profile"},
      {"test", "[FILE]", "run the `test` blocks; reads no data", "cd4mlc test --filter late", "filter junit json param"},
      {"plan", "[FILE] [TARGET…]", "what would run and why; runs nothing", "cd4mlc plan --param trees=300", "param profile json"},
      {"run", "[FILE] [TARGET…]", "bring targets up to date and decide every gate", "cd4mlc run --param trees=300 --jobs 4",
       "param profile jobs keep-going deploy override json"},
      {"why", "[FILE] NODE", "why a node ran or was reused in the last run", "cd4mlc why late", "param profile run json"},
      {"show", "[FILE] NODE", "look at any node: rows, statistics, a model, a verdict", "cd4mlc show trip.test --stats",
       "rows stats output values param profile json"},
      {"pin", "[FILE] [SOURCE…]", "accept the present schema of sources into cd4ml.lock", "cd4mlc pin flights", "param json"},
      {"score", "[FILE] MODEL|DEPLOY|BUNDLE INPUT", "score the rows of a CSV, TSV, JSON lines, Parquet or Arrow file",
       "cd4mlc score production new.csv -o scored.csv", "output on-error param profile json"},
      {"serve", "[FILE] DEPLOY|BUNDLE", "answer requests over HTTP with the champion of a deploy", "cd4mlc serve production --port 8080",
       "host port jobs param profile"},
      {"agent", "[FILE]", "watch, retrain, gate, release or hold: the closed loop as a process", "cd4mlc agent --interval 30s",
       "once interval param profile json"},
      {"monitor", "[NAME] [FILE]", "one pass over new rows: what changed, what is broken, is the model still good",
       "cd4mlc monitor health --data new.parquet", "data jobs param profile json"},
      {"report", "[FILE] [DEPLOY|MONITOR]", "one HTML file: what happened, why, what to do next", "cd4mlc report health -o health.html",
       "output param profile json"},
      {"models", "[FILE]", "versions, champions and their evidence", "cd4mlc models", "profile json"},
      {"deploy", "[FILE] [NAME…]", "bring a deploy up to date, decide its gate and act", "cd4mlc deploy production",
       "param profile jobs override json"},
      {"promote", "[FILE] MODEL@V", "make a version the champion of a deploy", "cd4mlc promote late@7 --to production",
       "to override profile json"},
      {"rollback", "[FILE] DEPLOY", "take a challenger out, or go back to the champion before", "cd4mlc rollback production", "reason profile json"},
      {"approve", "[FILE] DEPLOY", "let a paused rollout go on; release a held one", "cd4mlc approve production --reason \"looked at it\"", "reason profile json"},
      {"reject", "[FILE] DEPLOY", "end a rollout; the champion stays", "cd4mlc reject production --reason \"wrong data\"", "reason profile json"},
      {"pause", "[FILE] DEPLOY", "stop a rollout where it stands", "cd4mlc pause production", "reason profile json"},
      {"runs", "[FILE]", "runs, newest first", "cd4mlc runs --json", "profile json"},
      {"params", "[FILE]", "params, their values and where they come from", "cd4mlc params --param trees=300", "param profile json"},
      {"notify", "test NAME", "send a test message", "cd4mlc notify test ops", "param profile json"},
      {"audit", "[verify]", "check that the ledger is whole", "cd4mlc audit verify", "json"},
      {"completion", "bash|zsh|fish", "a script that teaches a shell commands and options",
       "cd4mlc completion bash > ~/.local/share/bash-completion/completions/cd4mlc", ""},
      {"doctor", "[FILE]", "what this installation consists of and whether it can work here", "cd4mlc doctor", "json"},
      {"explain", "CDnnnn", "what a diagnostic means and how to fix it", "cd4mlc explain CD2004", ""},
  };
  return rows;
}

Result<Parsed> parseArguments(int count, const char* const* argv) {
  std::vector<std::string> rest(argv + std::min(count, 1), argv + count);
  if (rest.empty() || isHelp(rest[0])) return Parsed{.text = overview(), .arguments = {}};
  if (rest[0] == "--version") return Parsed{.text = versionLine(), .arguments = {}};
  const auto& rows = commandRows();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const CommandRow& r) { return r.name == rest[0]; });
  if (row == rows.end()) return unknownCommand(rest[0]);
  rest.erase(rest.begin());
  if (std::find_if(rest.begin(), rest.end(), [](const std::string& w) { return w == "--help" || w == "-h"; }) != rest.end()) {
    return Parsed{.text = helpText(*row), .arguments = {}};
  }
  return parseCommand(*row, std::move(rest));
}

}  // namespace cd4ml::driver
