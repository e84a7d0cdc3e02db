/// `.cd4ml/plan.snap`: one file that answers "nothing changed since the last complete run" without parsing, SQLite or
/// the engine.
///
/// Written by temp file + rename after a run in which everything was brought up to date. It names what it depends on;
/// any difference, damage or doubt makes it hold no longer, and the long way is taken.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/store/file_stat.h"

namespace cd4ml::store {

/// A file (or the folder of a glob) as it was. The absence of a file is a fact too.
struct WatchedFile {
  enum class By : std::uint8_t {
    Stat,     ///< large files and folders: the stat must be equal and not racily clean
    Content,  ///< small files (entry file, cd4ml.lock): the bytes must be equal, whatever the stat
  } by = By::Stat;
  std::string path;
  std::optional<FileStat> stat{};
  Digest content{};  ///< By::Content
  friend bool operator==(const WatchedFile&, const WatchedFile&) = default;
};

/// A stage as the final table and the JSON events show it.
struct SnapshotStage {
  std::string name;
  std::string kind;
  std::uint64_t columns = 0;
  std::uint64_t rows = 0;
  std::string key;
  std::string content;
  std::string summary;
  friend bool operator==(const SnapshotStage&, const SnapshotStage&) = default;
};

struct PlanSnapshot {
  std::string settings;  ///< program version, params, profile, targets, champions …: compared byte for byte
  std::int64_t seen_ns = 0;  ///< wall clock before the run looked at the first file
  std::vector<WatchedFile> files;
  std::vector<SnapshotStage> stages;
  std::string report;    ///< whatever else the runner prints at the end (metrics, verdicts), in its own form
  friend bool operator==(const PlanSnapshot&, const PlanSnapshot&) = default;
};

/// Looks at a file now.
[[nodiscard]] WatchedFile watchFile(const std::string& path, WatchedFile::By by);

Status writeSnapshot(const std::string& path, const PlanSnapshot& snapshot);
/// The snapshot if it is whole, was made with `settings`, and all its files are as they were.
[[nodiscard]] std::optional<PlanSnapshot> readSnapshotIfHolds(const std::string& path, std::string_view settings);
/// For what changes a result without touching a watched file (a deploy). Absent is fine.
void removeSnapshot(const std::string& path);

}  // namespace cd4ml::store
