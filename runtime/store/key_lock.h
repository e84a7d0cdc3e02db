/// One process at a time works on a key; others wait and then find its result in the cache.
///
/// A lock is a byte range of one file, held by an open file description: the kernel frees it when the process ends,
/// however it ends, so there are no stale locks. Two keys may share a byte (62 bits of the key choose it); that costs
/// a wait, never a wrong result. Hold it for a node that is running, and ask for it holding none.
#pragma once

#include <optional>
#include <string>

#include "base/digest.h"
#include "base/result.h"

namespace cd4ml::store {

class KeyLock {
 public:
  KeyLock(const KeyLock&) = delete;
  KeyLock& operator=(const KeyLock&) = delete;
  KeyLock(KeyLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  KeyLock& operator=(KeyLock&&) = delete;
  ~KeyLock();

  /// Takes the lock of `key` in the file, waiting as long as another process (or thread) holds it. `waited` tells
  /// whether it had to: the cache is then worth another look.
  static Result<KeyLock> acquire(const std::string& file, const Digest& key, bool& waited);
  /// The lock if nobody holds it.
  static Result<std::optional<KeyLock>> tryAcquire(const std::string& file, const Digest& key);

 private:
  explicit KeyLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace cd4ml::store
