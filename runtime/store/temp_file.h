/// A file on its way into the store: written under a name of its own, then renamed into place, whole or not at all.
///
/// While it is being written it is locked, so that `sweepTempFiles` knows which ones a killed process left behind.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"

namespace cd4ml::store {

class TempFile {
 public:
  /// Makes a file in `folder`, which must exist. CD4003.
  static Result<TempFile> create(const std::string& folder);
  TempFile(TempFile&& other) noexcept;
  TempFile& operator=(TempFile&& other) = delete;
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  /// Removes the file unless it was moved into place.
  ~TempFile();

  Status write(std::span<const std::uint8_t> bytes);
  /// Renames it to `path`, replacing what is there.
  Status moveTo(const std::string& path);

 private:
  TempFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_;
  std::string path_;
};

/// Removes temp files whose writers are gone.
void sweepTempFiles(const std::string& folder);

/// "cannot write `PATH`: No space left on device".
[[nodiscard]] Error writeError(const std::string& path, int error_number);

}  // namespace cd4ml::store
