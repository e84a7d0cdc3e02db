/// Runs in the ledger: who asked for what, what each stage did, what came out.
///
/// A run has a "run-begin" entry before anything runs and, in one transaction at its end, a "run" entry with its
/// stages, metrics and verdicts. A run without an end was interrupted. A run is acknowledged (printed) only after that
/// transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/track/ledger.h"

namespace cd4ml::track {

/// (pipeline, profile): what versions, champions and runs belong to.
struct Scope {
  std::string pipeline{};
  std::string profile = "default";
};

/// What entries about a thing of a scope are found by. Names have no newline, so it is unambiguous.
[[nodiscard]] inline std::string subjectOf(const Scope& scope, const std::string& name) {
  return scope.pipeline + "\n" + scope.profile + "\n" + name;
}

struct RunBegin {
  std::string id{};       ///< r-20240601-101500-4f2a
  Scope scope{};
  std::string command{};  ///< run, deploy
  std::string file{};     ///< the entry file, absolute
  std::string params{};   ///< JSON object: values that are not defaults
};

/// JSON of cli.md's events, as printed.
struct RunEnd {
  std::string id{};
  std::string event{};                 ///< the `run` event
  std::vector<std::string> stages{};   ///< `stage` events, each with "slots" (key, content, pre-image a slot)
  std::vector<std::string> metrics{};  ///< `metric` events
  std::vector<std::string> gates{};    ///< `gate` events
};

struct RunSummary {
  std::string id{};
  Scope scope{};
  std::string command{};
  std::string file{};
  std::string params{};
  std::int64_t started_us = 0;
  std::string status{};  ///< ok, failed, held, cancelled, interrupted
  std::string event{};   ///< the `run` event; empty when interrupted
};

/// A new id: time and four digits that tell apart runs of one second.
[[nodiscard]] std::string newRunId();

Status beginRun(Ledger& ledger, const RunBegin& begin);
Status endRun(Ledger& ledger, const RunEnd& end);

/// Newest first.
[[nodiscard]] Result<std::vector<RunSummary>> listRuns(Ledger& ledger);
/// The newest run of a scope that came to its end.
[[nodiscard]] Result<std::optional<RunSummary>> lastRun(Ledger& ledger, const Scope& scope);
/// Bodies of the entries of a kind ("stage", "metric", "gate") that a run left.
[[nodiscard]] Result<std::vector<std::string>> eventsOf(Ledger& ledger, std::string_view kind, const std::string& run);

/// Two entry files with one pipeline name in one state are an error: the other file's path, if there is one that
/// still exists.
[[nodiscard]] Result<std::optional<std::string>> otherEntryFile(Ledger& ledger, const std::string& pipeline,
                                                                const std::string& file);

}  // namespace cd4ml::track
