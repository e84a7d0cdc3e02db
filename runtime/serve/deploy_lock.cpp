#include "runtime/serve/deploy_lock.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cd4ml::serve {

DeployLock& DeployLock::operator=(DeployLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

DeployLock::~DeployLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<DeployLock> DeployLock::take(const std::string& path, const std::string& deploy) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  DeployLock lock;
  lock.fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock.fd_ < 0) return makeError("CD4104", fmt::format("cannot use `{}`: {}", path, std::strerror(errno)));
  if (::flock(lock.fd_, LOCK_EX | LOCK_NB) == 0) return lock;
  std::array<char, 512> text{};
  const ssize_t size = ::pread(lock.fd_, text.data(), text.size(), 0);
  const auto holder = nlohmann::json::parse(std::string(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0), nullptr, false);
  std::string who;
  if (holder.is_object()) who = fmt::format(", by process {} at {}", holder.value("pid", 0), holder.value("address", "?"));
  return makeError("CD5709", fmt::format("`{}` is being served already{}", deploy, who));
}

void DeployLock::write(const std::string& text) const {
  if (fd_ < 0 || ::ftruncate(fd_, 0) != 0) return;
  (void)!::pwrite(fd_, text.data(), text.size(), 0);
}

}  // namespace cd4ml::serve
