/// What the file system says about a file, and the id of its bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/digest.h"
#include "base/result.h"

namespace cd4ml::store {

/// Equal stats of a file that is not racily clean mean equal bytes.
struct FileStat {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  friend bool operator==(const FileStat&, const FileStat&) = default;
};

/// nullopt: there is no such file (or it cannot be reached).
[[nodiscard]] std::optional<FileStat> statFile(const std::string& path);

/// Git's rule: a file changed so shortly before `seen_ns` (wall clock when it was looked at) that a later change may
/// have left the same time stamp.
[[nodiscard]] bool isRacilyClean(const FileStat& stat, std::int64_t seen_ns);
/// Wall clock in nanoseconds, for `isRacilyClean` alone.
[[nodiscard]] std::int64_t nowNs();

/// BLAKE3 of the bytes under "cd4ml NF1 file". CD5001 missing, CD5002 unreadable, CD5013 if it changed while it was read.
struct HashedFile {
  FileStat stat;
  Digest content;
};
[[nodiscard]] Result<HashedFile> hashFile(const std::string& path);

class CacheDb;
/// `hashFile`, or what the index of `cache` knows for the file's stat.
[[nodiscard]] Result<HashedFile> identifyFile(CacheDb& cache, const std::string& path);

}  // namespace cd4ml::store
