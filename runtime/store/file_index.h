/// Content ids of files without reading them twice: BLAKE3 of the bytes, remembered by path and stat.
#pragma once

#include <string>

#include "base/digest.h"
#include "base/result.h"
#include "runtime/store/cache_db.h"

namespace cd4ml::store {

struct HashedFile {
  std::string path;
  FileStat stat;
  Digest content;  ///< of the bytes
};

/// How the file looks now; an error if it cannot be read or is no regular file.
Result<FileStat> statFile(const std::string& path);

/// The file's content id: from the index if its stat is the same, else by reading it. A file that is younger than the
/// granularity of time stamps is hashed but not remembered (it could change without looking different). One that
/// changes while it is read is an error. `index` may be null: always read.
Result<HashedFile> hashFile(const std::string& path, CacheDb* index);

}  // namespace cd4ml::store
