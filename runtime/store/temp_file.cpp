#include "runtime/store/temp_file.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace cd4ml::store {

namespace {

/// Names need only differ while files of that name exist; the process id and a counter do that.
std::string nextName(const std::string& folder) {
  static std::atomic<std::uint64_t> counter{0};
  return fmt::format("{}/{}-{}", folder, ::getpid(), counter.fetch_add(1));
}

/// Takes the lock; false if a sweep took the file for an abandoned one in between.
bool lockAndStillThere(int descriptor) {
  while (::flock(descriptor, LOCK_EX) != 0) {
    if (errno != EINTR) return false;
  }
  struct stat s {};
  return ::fstat(descriptor, &s) == 0 && s.st_nlink > 0;
}

}  // namespace

Error writeError(const std::string& path, int error_number) {
  Error error = makeError("CD4003", fmt::format("cannot write `{}`: {}", path, std::strerror(error_number)));
  error.help.emplace_back("make room or give write permission, then run again: nothing that was finished is lost");
  return error;
}

Result<TempFile> TempFile::create(const std::string& folder) {
  while (true) {
    std::string path = nextName(folder);
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
    if (descriptor < 0) {
      if (errno == EEXIST || errno == EINTR) continue;
      return writeError(path, errno);
    }
    TempFile file(descriptor, std::move(path));
    if (lockAndStillThere(descriptor)) return file;
  }
}

TempFile::TempFile(TempFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::exchange(other.path_, {})) {}

TempFile::~TempFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status TempFile::write(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return writeError(path_, written < 0 ? errno : EIO);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return Done{};
}

Status TempFile::moveTo(const std::string& path) {
  if (::rename(path_.c_str(), path.c_str()) != 0) return writeError(path, errno);
  path_.clear();
  return Done{};
}

void sweepTempFiles(const std::string& folder) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    const std::string path = entry.path().string();
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) continue;
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) ::unlink(path.c_str());
    ::close(descriptor);
  }
}

}  // namespace cd4ml::store
