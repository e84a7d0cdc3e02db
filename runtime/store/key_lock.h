/// Locks that let each key be computed once, by any thread of any process on this machine.
///
/// One file, one byte-range lock a key (open file description locks): the kernel frees a lock when its holder dies, so
/// none is ever stale. Whoever got a lock looks into the cache again before it computes. Two keys may share a byte by
/// chance; that costs a wait, so never wait for a second lock while holding one.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/digest.h"
#include "base/result.h"

namespace cd4ml::store {

/// Held until it is destroyed.
class KeyLock {
 public:
  KeyLock(KeyLock&& other) noexcept;
  KeyLock& operator=(KeyLock&& other) noexcept;
  KeyLock(const KeyLock&) = delete;
  KeyLock& operator=(const KeyLock&) = delete;
  ~KeyLock();

 private:
  friend class KeyLocks;
  explicit KeyLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

class KeyLocks {
 public:
  /// `path`: the file `.cd4ml/locks`, made if it is not there. CD4104 if it cannot be used.
  static Result<std::shared_ptr<KeyLocks>> open(const std::string& path);

  /// nullopt: another holds it.
  [[nodiscard]] Result<std::optional<KeyLock>> tryAcquire(const Digest& key) const;
  /// Waits. `waiting` is called once before the first wait; nullopt when `cancelled` becomes true.
  [[nodiscard]] Result<std::optional<KeyLock>> acquire(const Digest& key, const std::function<void()>& waiting,
                                                       const std::atomic<bool>* cancelled) const;

 private:
  explicit KeyLocks(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace cd4ml::store
