#include "runtime/release/live_server.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

namespace cd4ml::release {

namespace {

Error unusable(const std::string& path) { return makeError("CD4104", fmt::format("cannot use `{}`: {}", path, std::strerror(errno))); }

}  // namespace

std::string serverFile(const std::string& state, const track::Scope& scope, const std::string& deploy, std::string_view ending) {
  return fmt::format("{}/serve/{}.{}.{}{}", state, scope.pipeline, scope.profile, deploy, ending);
}

Result<std::optional<ServerLock>> ServerLock::acquire(const std::string& state, const track::Scope& scope, const std::string& deploy) {
  const std::string path = serverFile(state, scope, deploy, ".lock");
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return unusable(path);
  ServerLock lock(descriptor);
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return std::optional(std::move(lock));
  if (errno != EWOULDBLOCK) return unusable(path);
  return std::optional<ServerLock>();
}

ServerLock::ServerLock(ServerLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

ServerLock& ServerLock::operator=(ServerLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

ServerLock::~ServerLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

Status ServerLock::tell(const std::string& address) const {
  const std::string text = fmt::format("{} pid {}\n", address, getpid());
  const bool written = ftruncate(descriptor_, 0) == 0 && pwrite(descriptor_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
  if (!written) return unusable("the server's lock");
  return Done{};
}

std::optional<std::string> liveServer(const std::string& state, const track::Scope& scope, const std::string& deploy) {
  const int descriptor = open(serverFile(state, scope, deploy, ".lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return {};
  std::optional<std::string> out;
  // Whoever can take the lock, if only for a moment, found nobody alive.
  if (flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    std::array<char, 256> text{};
    const ssize_t size = pread(descriptor, text.data(), text.size(), 0);
    out = std::string(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    while (!out->empty() && out->back() == '\n') out->pop_back();
  }
  close(descriptor);
  return out;
}

}  // namespace cd4ml::release
