#include "runtime/process/run_program.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace cd4ml::process {
namespace {

struct Ran {
  Outcome outcome;
  std::vector<std::string> lines;
};

Ran ran(Program program) {
  Ran out;
  program.line = [&](std::string_view line) { out.lines.emplace_back(line); };
  out.outcome = run(program);
  return out;
}

TEST(RunProgram, GivesItsOutputLineByLine) {
  const Ran r = ran({.argv = {"printf", "one\\ntwo\\nthree"}});
  EXPECT_TRUE(r.outcome.ok());
  EXPECT_EQ(r.lines, (std::vector<std::string>{"one", "two", "three"}));
}

TEST(RunProgram, FeedsItsInput) {
  const std::string text(300'000, 'x');
  const Ran r = ran({.argv = {"wc", "-c"}, .input = text});
  ASSERT_EQ(r.lines.size(), 1u);
  EXPECT_EQ(r.lines[0], "300000");
}

TEST(RunProgram, BearsAProgramThatDoesNotReadItsInput) {
  const Ran r = ran({.argv = {"true"}, .input = std::string(1'000'000, 'x')});
  EXPECT_TRUE(r.outcome.ok());
}

TEST(RunProgram, SaysHowItEnded) {
  const Program failing{.argv = {"python3", "-c", "raise SystemExit(3)"}};
  EXPECT_EQ(outcomeText(ran(failing).outcome, failing), "exit 3");
  const Program killed{.argv = {"python3", "-c", "import os; os.kill(os.getpid(), 9)"}};
  EXPECT_EQ(outcomeText(ran(killed).outcome, killed), "ended by signal 9");
  const Program absent{.argv = {"no-such-program-of-anybody"}};
  EXPECT_EQ(outcomeText(ran(absent).outcome, absent), "cannot start `no-such-program-of-anybody`: No such file or directory");
}

TEST(RunProgram, EndsAGroupWhoseTimeIsUp) {
  const Program program{.argv = {"python3", "-c", "import subprocess as s; s.Popen(['sleep', '100']); s.run(['sleep', '100'])"},
                        .limit = std::chrono::milliseconds(500)};
  const Ran r = ran(program);
  EXPECT_EQ(r.outcome.kind, Outcome::Kind::TimedOut);
  EXPECT_EQ(outcomeText(r.outcome, program), "did not end within 0.5 s");
}

TEST(RunProgram, IsCancelled) {
  std::atomic<bool> cancelled = false;
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    cancelled = true;
  });
  EXPECT_EQ(ran({.argv = {"sleep", "100"}, .cancelled = &cancelled}).outcome.kind, Outcome::Kind::Cancelled);
  later.join();
}

TEST(RunProgram, SeesOnlyTheEnvironmentItIsGiven) {
  const Ran r = ran({.argv = {"/usr/bin/env"}, .folder = "/", .environment = std::vector<std::string>{"A=1"}});
  EXPECT_EQ(r.lines, (std::vector<std::string>{"A=1"}));
}

}  // namespace
}  // namespace cd4ml::process
