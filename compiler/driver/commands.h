/// The commands: each takes the parsed command line, writes to the console and returns the exit code of cli.md.
#pragma once

#include "compiler/driver/arguments.h"
#include "compiler/driver/console.h"

namespace cd4ml::driver {

/// Exit codes of cli.md.
enum ExitCode : int { Ok = 0, StageFailed = 1, Wrong = 2, HeldBack = 3, Alarmed = 4, Tampered = 5, Cancelled = 130 };

int cmdCheck(const Arguments& arguments, const Console& console);
int cmdExplain(const Arguments& arguments, const Console& console);
int cmdTest(const Arguments& arguments, const Console& console);
int cmdPlan(const Arguments& arguments, const Console& console);
int cmdRun(const Arguments& arguments, const Console& console);
int cmdWhy(const Arguments& arguments, const Console& console);
int cmdShow(const Arguments& arguments, const Console& console);
int cmdPin(const Arguments& arguments, const Console& console);
int cmdScore(const Arguments& arguments, const Console& console);
int cmdServe(const Arguments& arguments, const Console& console);
int cmdMonitor(const Arguments& arguments, const Console& console);
int cmdReport(const Arguments& arguments, const Console& console);
int cmdModels(const Arguments& arguments, const Console& console);
int cmdDeploy(const Arguments& arguments, const Console& console);
int cmdPromote(const Arguments& arguments, const Console& console);
int cmdAgent(const Arguments& arguments, const Console& console);
int cmdApprove(const Arguments& arguments, const Console& console);
int cmdReject(const Arguments& arguments, const Console& console);
int cmdPause(const Arguments& arguments, const Console& console);
int cmdRollback(const Arguments& arguments, const Console& console);
int cmdRuns(const Arguments& arguments, const Console& console);
int cmdParams(const Arguments& arguments, const Console& console);
int cmdNotify(const Arguments& arguments, const Console& console);
int cmdAudit(const Arguments& arguments, const Console& console);
int cmdCompletion(const Arguments& arguments, const Console& console);
int cmdDoctor(const Arguments& arguments, const Console& console);
int cmdInit(const Arguments& arguments, const Console& console);

/// The exit code of an error that stops a command: 2 for 4101 … 4103 and 6004 … 6007 (a wrong command), else 1.
[[nodiscard]] int exitCodeOf(const Error& error);

}  // namespace cd4ml::driver
