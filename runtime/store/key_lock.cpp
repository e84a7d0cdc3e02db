#include "runtime/store/key_lock.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace cd4ml::store {

namespace {

/// The byte that stands for a key: 62 bits, so that offset + 1 is an offset too.
off_t offsetOf(const Digest& key) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, key.bytes.data(), sizeof bits);
  return static_cast<off_t>(bits >> 2);
}

Error unusable(const std::string& path, int error_number) {
  return makeError("CD4104", fmt::format("cannot lock `{}`: {}", path, std::strerror(error_number)));
}

}  // namespace

KeyLock::KeyLock(KeyLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

KeyLock& KeyLock::operator=(KeyLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

KeyLock::~KeyLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::shared_ptr<KeyLocks>> KeyLocks::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return unusable(path, errno);
  ::close(descriptor);
  return std::shared_ptr<KeyLocks>(new KeyLocks(path));
}

Result<std::optional<KeyLock>> KeyLocks::tryAcquire(const Digest& key) const {
  // A description of its own for each lock: that is what makes locks of two threads exclude each other.
  const int descriptor = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return unusable(path_, errno);
  KeyLock lock(descriptor);
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = offsetOf(key);
  range.l_len = 1;
  if (::fcntl(descriptor, F_OFD_SETLK, &range) == 0) return std::optional<KeyLock>(std::move(lock));
  if (errno == EAGAIN || errno == EACCES || errno == EINTR) return std::optional<KeyLock>();
  return unusable(path_, errno);
}

Result<std::optional<KeyLock>> KeyLocks::acquire(const Digest& key, const std::function<void()>& waiting,
                                                 const std::atomic<bool>* cancelled) const {
  // Polling rather than F_OFD_SETLKW: a blocked thread could not be cancelled.
  constexpr auto longest = std::chrono::milliseconds(50);
  auto pause = std::chrono::milliseconds(1);
  for (bool first = true;; first = false) {
    CD4ML_TRY(std::optional<KeyLock> lock, tryAcquire(key));
    if (lock.has_value()) return lock;
    if (cancelled != nullptr && cancelled->load()) return std::optional<KeyLock>();
    if (first && waiting) waiting();
    std::this_thread::sleep_for(pause);
    pause = std::min<std::chrono::milliseconds>(pause * 2, longest);
  }
}

}  // namespace cd4ml::store
