// `completion bash|zsh|fish`: a script for the shell, made from the rows of commands and options.
#include <fmt/format.h>

#include "compiler/driver/commands.h"

namespace cd4ml::driver {

namespace {

std::string commandNames() {
  std::string names;
  for (const CommandRow& row : commandRows()) names += fmt::format("{}{}", names.empty() ? "" : " ", row.name);
  return names;
}

std::string bashScript() {
  std::string text = "# bash completion of cd4mlc\n_cd4mlc() {\n  local word=${COMP_WORDS[COMP_CWORD]} options=\n";
  text += fmt::format("  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W \"{} --help --version\" -- \"$word\"))\n    return\n  fi\n",
                      commandNames());
  text += "  case ${COMP_WORDS[1]} in\n";
  for (const CommandRow& row : commandRows()) {
    text += fmt::format("    {}) options=\"", row.name);
    for (const OptionName& option : optionsOf(row)) text += fmt::format("{} ", option.spelling);
    text += "--help\" ;;\n";
  }
  text += "  esac\n"
          "  case $word in\n"
          "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
          "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
          "  esac\n"
          "}\n"
          "complete -o filenames -F _cd4mlc cd4mlc\n";
  return text;
}

/// Text inside single quotes; what a zsh description gives a meaning to is left out.
std::string quoted(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else if (c == ':' || c == '[' || c == ']') {
      result += fmt::format("\\{}", c);
    } else {
      result += c;
    }
  }
  return result;
}

std::string zshScript() {
  std::string text = "#compdef cd4mlc\n_cd4mlc() {\n  local -a commands\n  commands=(\n";
  for (const CommandRow& row : commandRows()) text += fmt::format("    '{}:{}'\n", row.name, quoted(row.summary));
  text += "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n  case $words[2] in\n";
  for (const CommandRow& row : commandRows()) {
    text += fmt::format("    {}) _arguments", row.name);
    for (const OptionName& option : optionsOf(row)) text += fmt::format(" '{}[{}]'", option.spelling, quoted(option.summary));
    text += " '--help[options and an example]' '*:file:_files' ;;\n";
  }
  return text + "  esac\n}\ncompdef _cd4mlc cd4mlc\n";
}

std::string fishQuoted(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'') result += '\\';
    result += c;
  }
  return result;
}

std::string fishScript() {
  std::string text = "# fish completion of cd4mlc\n";
  for (const CommandRow& row : commandRows()) {
    text += fmt::format("complete -c cd4mlc -n __fish_use_subcommand -a {} -d '{}'\n", row.name, fishQuoted(row.summary));
    for (const OptionName& option : optionsOf(row)) {
      text += fmt::format("complete -c cd4mlc -n '__fish_seen_subcommand_from {}' -l {} -d '{}'\n", row.name,
                          option.spelling.substr(2), fishQuoted(option.summary));
    }
  }
  return text;
}

}  // namespace

int cmdCompletion(const Arguments& arguments, const Console& console) {
  const std::string shell = arguments.names.size() == 1 ? arguments.names[0] : "";
  if (shell == "bash") return console.result(bashScript()), Ok;
  if (shell == "zsh") return console.result(zshScript()), Ok;
  if (shell == "fish") return console.result(fishScript()), Ok;
  console.problem(makeError("CD4101", "which shell? `cd4mlc completion bash`, `zsh` or `fish`"));
  return Wrong;
}

}  // namespace cd4ml::driver
