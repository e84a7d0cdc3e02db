#include "runtime/store/file_index.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include <fmt/format.h>

#include "runtime/store/paths.h"

namespace cd4ml::store {

namespace {

constexpr std::int64_t kRacyNs = 50'000'000;  // coarser than the clock tick that stamps files

std::int64_t nanoseconds(const timespec& t) { return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec; }

FileStat fileStat(const struct stat& s) {
  return {.device = s.st_dev, .inode = s.st_ino, .size = static_cast<std::uint64_t>(s.st_size),
          .mtime_ns = nanoseconds(s.st_mtim), .ctime_ns = nanoseconds(s.st_ctim)};
}

Result<FileStat> regular(const struct stat& s, const std::string& path) {
  if (!S_ISREG(s.st_mode)) return makeError("CD4013", fmt::format("cannot read `{}`: it is no regular file", path));
  return fileStat(s);
}

bool isRacy(const FileStat& stat) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const std::int64_t newest = std::max(stat.mtime_ns, stat.ctime_ns);
  return newest > nanoseconds(now) - kRacyNs;
}

}  // namespace

Result<FileStat> statFile(const std::string& path) {
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0) return systemError("CD4013", fmt::format("cannot read `{}`", path));
  return regular(s, path);
}

Result<HashedFile> hashFile(const std::string& path, CacheDb* index) {
  CD4ML_TRY(const FileStat looked, statFile(path));
  if (index != nullptr) {
    CD4ML_TRY(const std::optional<Digest> known, index->findFile(path, looked));
    if (known) return HashedFile{.path = path, .stat = looked, .content = *known};
  }
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return systemError("CD4013", fmt::format("cannot read `{}`", path));
  struct stat s {};
  if (::fstat(fd.get(), &s) != 0) return systemError("CD4013", fmt::format("cannot read `{}`", path));
  CD4ML_TRY(const FileStat before, regular(s, path));
  Hasher hasher("cd4ml file bytes");
  std::vector<char> buffer(1 << 20);
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return systemError("CD4013", fmt::format("cannot read `{}`", path));
    if (got == 0) break;
    hasher.bytes(buffer.data(), static_cast<std::size_t>(got));
  }
  if (::fstat(fd.get(), &s) != 0 || fileStat(s) != before) {
    return makeError("CD4014", fmt::format("`{}` changed while it was read", path));
  }
  HashedFile file{.path = path, .stat = before, .content = hasher.finish()};
  if (index != nullptr && !isRacy(before)) CD4ML_TRY_VOID(index->insertFile(path, before, file.content));
  return file;
}

}  // namespace cd4ml::store
