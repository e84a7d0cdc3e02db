#include "runtime/process/run_program.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

extern char** environ;

namespace cd4ml::process {

namespace {

using Clock = std::chrono::steady_clock;

/// How long a program has between the request to end and its end.
constexpr auto grace = std::chrono::seconds(2);
constexpr std::size_t longest_line = 1 << 16;

/// One end of a pipe.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }
  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] bool isOpen() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
  static std::optional<Pipe> open() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
    return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
  }
};

/// Keeps SIGPIPE from this thread: a program that closes its input early must not end us.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoBrokenPipe() {
    const timespec now{};
    while (sigtimedwait(&pipe_, nullptr, &now) > 0) {}
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> out;
  for (const std::string& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

class Child {
 public:
  explicit Child(const Program& program) : program_(program), unsent_(program.input) {}

  /// Empty, or why it could not start.
  std::string start() {
    std::optional<Pipe> input = Pipe::open();
    std::optional<Pipe> output = Pipe::open();
    if (!input || !output) return std::strerror(errno);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input->read.get(), STDIN_FILENO);
    const int sink = program_.line ? output->write.get() : STDERR_FILENO;
    posix_spawn_file_actions_adddup2(&actions, sink, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, sink, STDERR_FILENO);
    if (!program_.folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, program_.folder.c_str());
    const int code = spawn(actions);
    posix_spawn_file_actions_destroy(&actions);
    if (code != 0) return std::strerror(code);
    input_ = std::move(input->write);
    fcntl(input_.get(), F_SETFL, O_NONBLOCK);
    if (program_.line) {
      output_ = std::move(output->read);
      fcntl(output_.get(), F_SETFL, O_NONBLOCK);
    }
    return {};
  }

  Outcome await() {
    const Clock::time_point begin = Clock::now();
    while (true) {
      exchange();
      if (const std::optional<Outcome> ended = endedByItself()) return *ended;
      if (program_.cancelled != nullptr && program_.cancelled->load()) return end(Outcome::Kind::Cancelled);
      if (program_.limit.count() > 0 && Clock::now() - begin >= program_.limit) return end(Outcome::Kind::TimedOut);
    }
  }

 private:
  int spawn(const posix_spawn_file_actions_t& actions) {
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    std::vector<char*> words = pointers(program_.argv);
    std::vector<char*> variables = program_.environment ? pointers(*program_.environment) : std::vector<char*>{};
    const int code = posix_spawnp(&pid_, words[0], &actions, &attributes, words.data(),
                                  program_.environment ? variables.data() : environ);
    posix_spawnattr_destroy(&attributes);
    return code;
  }

  /// Sends and receives what can be now; waits a moment where nothing can.
  void exchange() {
    if (unsent_.empty()) input_.close();
    std::array<pollfd, 2> waits{};
    nfds_t count = 0;
    if (input_.isOpen()) waits[count++] = {.fd = input_.get(), .events = POLLOUT, .revents = 0};
    if (output_.isOpen()) waits[count++] = {.fd = output_.get(), .events = POLLIN, .revents = 0};
    if (count == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      return;
    }
    if (poll(waits.data(), count, 20) <= 0) return;
    if (input_.isOpen()) send();
    if (output_.isOpen()) receive();
  }

  void send() {
    const NoBrokenPipe quiet;
    const ssize_t written = write(input_.get(), unsent_.data(), unsent_.size());
    if (written > 0) {
      unsent_.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EAGAIN && errno != EINTR) {
      input_.close();
    }
  }

  void receive() {
    std::array<char, 4096> buffer{};
    while (output_.isOpen()) {
      const ssize_t got = read(output_.get(), buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return;
      if (got == 0) return output_.close();
      addText({buffer.data(), static_cast<std::size_t>(got)});
    }
  }

  void addText(std::string_view text) {
    for (const char c : text) {
      const bool ends = c == '\n' || c == '\r';
      if (!ends) partial_ += c;
      if ((ends && !partial_.empty()) || partial_.size() >= longest_line) tellLine();
    }
  }

  void tellLine() {
    program_.line(partial_);
    partial_.clear();
  }

  std::optional<Outcome> endedByItself() {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == 0) return std::nullopt;
    if (output_.isOpen()) receive();  // what its own children may still write is not waited for
    if (!partial_.empty()) tellLine();
    if (WIFEXITED(status)) return Outcome{.kind = Outcome::Kind::Exited, .code = WEXITSTATUS(status)};
    return Outcome{.kind = Outcome::Kind::Signalled, .code = WTERMSIG(status)};
  }

  Outcome end(Outcome::Kind kind) {
    kill(-pid_, SIGTERM);
    const Clock::time_point deadline = Clock::now() + grace;
    while (Clock::now() < deadline && !ended_by_itself_) {
      exchange();
      ended_by_itself_ = endedByItself().has_value();
    }
    kill(-pid_, SIGKILL);
    if (!ended_by_itself_) waitpid(pid_, nullptr, 0);
    return {.kind = kind};
  }

  const Program& program_;
  std::string_view unsent_;
  pid_t pid_ = -1;
  Descriptor input_;
  Descriptor output_;
  std::string partial_;
  bool ended_by_itself_ = false;
};

}  // namespace

Outcome run(const Program& program) {
  if (program.argv.empty()) return {.kind = Outcome::Kind::NotStarted, .code = 0, .reason = "the command has no words"};
  Child child(program);
  std::string problem = child.start();
  if (!problem.empty()) return {.kind = Outcome::Kind::NotStarted, .code = 0, .reason = std::move(problem)};
  return child.await();
}

std::string outcomeText(const Outcome& outcome, const Program& program) {
  switch (outcome.kind) {
    case Outcome::Kind::Exited: return fmt::format("exit {}", outcome.code);
    case Outcome::Kind::Signalled: return fmt::format("ended by signal {}", outcome.code);
    case Outcome::Kind::NotStarted:
      return program.argv.empty() ? outcome.reason : fmt::format("cannot start `{}`: {}", program.argv.front(), outcome.reason);
    case Outcome::Kind::TimedOut: return fmt::format("did not end within {} s", static_cast<double>(program.limit.count()) / 1000);
    case Outcome::Kind::Cancelled: return "cancelled";
  }
  return {};
}

}  // namespace cd4ml::process
