#include "runtime/store/file_stat.h"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/store/cache_db.h"

namespace cd4ml::store {

namespace {

FileStat fromSystem(const struct stat& s) {
  constexpr std::int64_t second = 1'000'000'000;
  return {.device = s.st_dev,
          .inode = s.st_ino,
          .size = static_cast<std::uint64_t>(s.st_size),
          .mtime_ns = s.st_mtim.tv_sec * second + s.st_mtim.tv_nsec,
          .ctime_ns = s.st_ctim.tv_sec * second + s.st_ctim.tv_nsec};
}

Error openError(const std::string& path, int error_number) {
  const char* code = error_number == ENOENT ? "CD5001" : "CD5002";
  return makeError(code, fmt::format("cannot read `{}`: {}", path, std::strerror(error_number)));
}

Result<Digest> hashDescriptor(int descriptor, const std::string& path) {
  constexpr std::size_t block = 4u << 20;
  std::vector<std::uint8_t> buffer(block);
  Hasher hasher("cd4ml NF1 file");
  while (true) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return openError(path, errno);
    if (got == 0) return hasher.finish();
    hasher.bytes(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

std::optional<FileStat> statFile(const std::string& path) {
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0) return std::nullopt;
  return fromSystem(s);
}

bool isRacilyClean(const FileStat& stat, std::int64_t seen_ns) {
  // File systems stamp with the kernel's tick (up to 10 ms); some keep whole seconds only.
  constexpr std::int64_t tick = 20'000'000;
  constexpr std::int64_t second = 1'000'000'000;
  const bool whole_seconds = stat.mtime_ns % second == 0 && stat.ctime_ns % second == 0;
  const std::int64_t newest = stat.mtime_ns > stat.ctime_ns ? stat.mtime_ns : stat.ctime_ns;
  return newest + (whole_seconds ? second : tick) >= seen_ns;
}

std::int64_t nowNs() {
  struct timespec now {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

Result<HashedFile> hashFile(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return openError(path, errno);
  struct stat before {};
  struct stat after {};
  const bool stated = ::fstat(descriptor, &before) == 0;
  Result<Digest> content = hashDescriptor(descriptor, path);
  const bool stated_again = ::fstat(descriptor, &after) == 0;
  const int error_number = errno;
  ::close(descriptor);
  if (!content.ok()) return std::move(content).error();
  if (!stated || !stated_again) return openError(path, error_number);
  if (fromSystem(before) != fromSystem(after)) {
    return makeError("CD5013", fmt::format("`{}` was changed while it was read", path));
  }
  return HashedFile{fromSystem(after), *content};
}

Result<HashedFile> identifyFile(CacheDb& cache, const std::string& path) {
  const std::optional<FileStat> stat = statFile(path);
  if (stat.has_value()) {
    if (const std::optional<Digest> known = cache.findFile(*stat)) return HashedFile{*stat, *known};
  }
  const std::int64_t seen = nowNs();
  CD4ML_TRY(const HashedFile hashed, hashFile(path));
  // The index only saves time: failing to write it must not fail the run.
  (void)cache.putFile(hashed.stat, hashed.content, seen).ok();
  return hashed;
}

}  // namespace cd4ml::store
