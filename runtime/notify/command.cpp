#include <csignal>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/notify/channel.h"

extern char** environ;

namespace cd4ml::notify {

namespace {

constexpr auto time_limit = std::chrono::seconds(30);

struct Child {
  pid_t pid = -1;
  int input = -1;
};

/// Starts argv with a pipe as its standard input and our standard error as its output: results are on our stdout.
std::string start(const std::vector<std::string>& argv, Child& child) {
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) return std::strerror(errno);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const int code = posix_spawnp(&child.pid, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[0]);
  child.input = ends[1];
  return code == 0 ? std::string() : std::string(std::strerror(code));
}

/// Writes the message as far as the program takes it; one that does not read its input is not an error.
void feed(const Child& child, std::string_view body, std::chrono::steady_clock::time_point deadline) {
  fcntl(child.input, F_SETFL, O_NONBLOCK);
  while (!body.empty() && std::chrono::steady_clock::now() < deadline) {
    const ssize_t written = write(child.input, body.data(), body.size());
    if (written > 0) {
      body.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno != EAGAIN && errno != EINTR) break;
    pollfd wait{.fd = child.input, .events = POLLOUT, .revents = 0};
    poll(&wait, 1, 100);
  }
  close(child.input);
}

Attempt await(const Child& child, std::chrono::steady_clock::time_point deadline) {
  int status = 0;
  while (waitpid(child.pid, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() >= deadline) {
      kill(child.pid, SIGKILL);
      waitpid(child.pid, &status, 0);
      return {track::Outcome::Retry, fmt::format("the program did not end within {} s", time_limit.count())};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {track::Outcome::Delivered, "exit 0"};
  if (WIFEXITED(status)) return {track::Outcome::Retry, fmt::format("exit {}", WEXITSTATUS(status))};
  return {track::Outcome::Retry, fmt::format("ended by signal {}", WTERMSIG(status))};
}

}  // namespace

Attempt attemptCommand(const track::Message& message) {
  if (message.argv.empty()) return {track::Outcome::GivenUp, "the command has no words"};
  const auto deadline = std::chrono::steady_clock::now() + time_limit;
  // A program that closes its input early must not end us.
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  Child child;
  const std::string problem = start(message.argv, child);
  if (!problem.empty()) {
    close(child.input);
    std::signal(SIGPIPE, before);
    return {track::Outcome::Retry, fmt::format("cannot start `{}`: {}", message.argv.front(), problem)};
  }
  feed(child, message.body + "\n", deadline);
  const Attempt attempt = await(child, deadline);
  std::signal(SIGPIPE, before);
  return attempt;
}

}  // namespace cd4ml::notify
