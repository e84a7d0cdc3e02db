/// `serve/PROFILE.DEPLOY.lock`: held while a server of the deploy lives, a kernel lock that no crash leaves behind.
#pragma once

#include <string>

#include "base/result.h"

namespace cd4ml::serve {

class DeployLock {
 public:
  DeployLock() = default;
  DeployLock(DeployLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  DeployLock& operator=(DeployLock&& other) noexcept;
  ~DeployLock();

  /// CD5709: another process holds it.
  static Result<DeployLock> take(const std::string& path, const std::string& deploy);
  /// Says who holds it: {"pid":…,"address":…}.
  void write(const std::string& text) const;

 private:
  int fd_ = -1;
};

}  // namespace cd4ml::serve
