/// Windows that monitors judged, in the ledger: every result, alarm or not.
///
/// An entry of kind "window" is one window of one monitor; its subject is what is watched (a deploy, a source, a table). A
/// window whose labels came later has a second entry with the same id, which adds its quality. `body` is the window as
/// `cd4mlc monitor --json` prints it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/track/ledger.h"
#include "runtime/track/runs.h"

namespace cd4ml::track {

struct WindowRecord {
  Scope scope{};
  std::string subject{};            ///< name of the deploy, source or table
  std::string monitor{};
  std::string id{};                 ///< w-…: the same rows, baseline and monitor have the same id
  std::string from{};               ///< 2001-01-13T00:00:00Z; empty: the window has no times
  std::string to{};
  std::string model{};              ///< late@7; of a deploy
  std::string origin{};             ///< content of the file that was looked at; empty: captured traffic, the project's rows
  std::int64_t rows = 0;
  std::int64_t labels = 0;          ///< rows whose label was known
  std::string verdict{};            ///< ok, insufficient, warn, alarm
  std::vector<std::string> events{};///< drift, quality, data, alarm
  bool quality = false;             ///< the quality is judged too
  std::int64_t at_us = 0;           ///< when it was recorded
  std::string body{};               ///< JSON
};

/// Records windows, in one transaction; those that are there with all they say are left out.
Status recordWindows(Ledger& ledger, const std::vector<WindowRecord>& windows);

/// The windows of a monitor (of every one, if empty) of a subject: one an id, newest recorded first, at most `limit`.
[[nodiscard]] Result<std::vector<WindowRecord>> newestWindows(Ledger& ledger, const Scope& scope, const std::string& subject,
                                                              const std::string& monitor, std::size_t limit);

}  // namespace cd4ml::track
