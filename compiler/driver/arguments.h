/// The command line as a value. Commands and options are rows of tables (`arguments.cpp`); only that file knows CLI11.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cd4ml::driver {

enum class Colour : std::uint8_t { Auto, Always, Never };

struct Arguments {
  std::string command;
  std::optional<std::string> file;   ///< the argument that ends in `.cd4ml`
  std::vector<std::string> names;    ///< all other arguments, in order
  std::map<std::string, std::string> params;
  std::string profile = "default";
  std::optional<std::string> state;  ///< --state, else CD4ML_STATE
  bool json = false;
  bool plain = false;
  bool quiet = false;
  bool verbose = false;
  Colour colour = Colour::Auto;
  int jobs = 0;                      ///< 0: one a core
  bool keep_going = false;
  bool deploy = false;
  std::string override_reason;
  std::string reason;
  std::string to;                    ///< promote --to
  std::string run;                   ///< why --run
  std::string filter;                ///< test --filter
  std::string junit;                 ///< test --junit
  std::string format = "text";       ///< check
  std::uint64_t rows = 20;
  bool stats = false;
  bool values = false;
  std::string output;
  std::string data;                  ///< monitor --data
  std::string host = "127.0.0.1";    ///< serve
  std::optional<int> port;           ///< serve; else SAGEMAKER_BIND_TO_PORT, else 8080
  bool once = false;                 ///< agent
  std::int64_t interval_ms = 60'000; ///< agent: between two looks
  std::string on_error = "fail";     ///< score: fail, null
};

struct CommandRow {
  std::string_view name;
  std::string_view arguments;  ///< "[FILE] [TARGET…]"
  std::string_view summary;
  std::string_view example;
  std::string_view options;    ///< names of the option rows it takes, apart from the common ones
};
[[nodiscard]] const std::vector<CommandRow>& commandRows();

/// An option as shells complete it: `--param`, without its short form.
struct OptionName {
  std::string_view spelling;
  std::string_view summary;
};
/// The options that a command takes, the common ones last.
[[nodiscard]] std::vector<OptionName> optionsOf(const CommandRow& command);

/// What the words ask for. Help and version are answered here: `text` is what to print.
struct Parsed {
  std::optional<std::string> text;
  Arguments arguments;
};
/// A wrong command line is an error CD4101 that names the nearest words.
[[nodiscard]] Result<Parsed> parseArguments(int count, const char* const* words);

}  // namespace cd4ml::driver
