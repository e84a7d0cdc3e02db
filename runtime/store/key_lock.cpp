#include "runtime/store/key_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "runtime/store/paths.h"

namespace cd4ml::store {

namespace {

struct flock rangeOf(const Digest& key) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, key.bytes.data(), sizeof bits);
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = static_cast<off_t>(bits >> 2);
  range.l_len = 1;
  return range;
}

Result<int> openLocks(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return systemError("CD4104", fmt::format("cannot open `{}`", file));
  return fd;
}

}  // namespace

KeyLock::~KeyLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<std::optional<KeyLock>> KeyLock::tryAcquire(const std::string& file, const Digest& key) {
  CD4ML_TRY(const int fd, openLocks(file));
  KeyLock lock(fd);
  struct flock range = rangeOf(key);
  if (::fcntl(fd, F_OFD_SETLK, &range) == 0) return std::optional<KeyLock>(std::move(lock));
  if (errno == EAGAIN || errno == EACCES) return std::optional<KeyLock>();
  return systemError("CD4104", fmt::format("cannot lock `{}`", file));
}

Result<KeyLock> KeyLock::acquire(const std::string& file, const Digest& key, bool& waited) {
  waited = false;
  CD4ML_TRY(std::optional<KeyLock> free, tryAcquire(file, key));
  if (free) return std::move(*free);
  waited = true;
  CD4ML_TRY(const int fd, openLocks(file));
  KeyLock lock(fd);
  struct flock range = rangeOf(key);
  while (::fcntl(fd, F_OFD_SETLKW, &range) != 0) {
    if (errno != EINTR) return systemError("CD4104", fmt::format("cannot lock `{}`", file));
  }
  return lock;
}

}  // namespace cd4ml::store
