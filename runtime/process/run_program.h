/// Runs one program to its end, or until its time is up or it is cancelled; then its whole process group is ended.
///
/// The program is looked for in PATH; there is no shell. It may be started from any thread. Its output is read while it
/// runs, so it cannot block on a full pipe; a program that does not read its input is no error.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cd4ml::process {

struct Program {
  std::vector<std::string> argv;
  std::string folder{};                                    ///< it starts there; empty: ours
  std::optional<std::vector<std::string>> environment{};   ///< "NAME=value"; nullopt: ours
  std::string input{};                                     ///< what its standard input holds
  std::chrono::milliseconds limit{0};                      ///< 0: none
  /// Each line of its output and errors; null: both go to our standard error.
  std::function<void(std::string_view line)> line{};
  const std::atomic<bool>* cancelled = nullptr;
};

struct Outcome {
  enum class Kind : std::uint8_t { Exited, Signalled, NotStarted, TimedOut, Cancelled } kind = Kind::Exited;
  int code = 0;         ///< exit code, or number of the signal
  std::string reason{};  ///< NotStarted: why
  [[nodiscard]] bool ok() const { return kind == Kind::Exited && code == 0; }
};

[[nodiscard]] Outcome run(const Program& program);
/// "exit 2", "ended by signal 9", "did not end within 30 s".
[[nodiscard]] std::string outcomeText(const Outcome& outcome, const Program& program);

}  // namespace cd4ml::process
