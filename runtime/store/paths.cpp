#include "runtime/store/paths.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

namespace cd4ml::store {

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Removal::~Removal() { (void)::unlink(path_.c_str()); }

Error systemError(std::string code, std::string what) {
  const std::string reason = std::generic_category().message(errno);
  return makeError(std::move(code), fmt::format("{}: {}", what, reason));
}

Status makeFolders(const std::string& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) return makeError("CD4104", fmt::format("cannot make the folder `{}`: {}", folder, failure.message()));
  return Done{};
}

Status writeFileAtomically(const std::string& path, std::string_view bytes) {
  static std::atomic<std::uint64_t> next{0};  // only makes names of this process differ
  const std::string temporary = fmt::format("{}.{}-{}.part", path, ::getpid(), next.fetch_add(1));
  const Descriptor fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!fd.valid()) return systemError("CD4104", fmt::format("cannot write `{}`", path));
  const Removal removal(temporary);
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return systemError("CD4104", fmt::format("cannot write `{}`", path));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(fd.get()) != 0) return systemError("CD4104", fmt::format("cannot sync `{}`", path));
  if (::rename(temporary.c_str(), path.c_str()) != 0) return systemError("CD4104", fmt::format("cannot write `{}`", path));
  return Done{};
}

Result<std::string> readFile(const std::string& path) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return systemError("CD4013", fmt::format("cannot read `{}`", path));
  std::string text;
  char buffer[65536];
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return systemError("CD4013", fmt::format("cannot read `{}`", path));
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

}  // namespace cd4ml::store
