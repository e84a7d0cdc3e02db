#include "runtime/store/cas.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "runtime/store/paths.h"

namespace cd4ml::store {

namespace {

/// The last bytes of a blob file: what the payload hashes to, its size, and a mark that says the write was whole.
struct Trailer {
  std::array<std::uint8_t, 32> digest;
  std::uint64_t size;
  std::array<char, 8> mark;
};
constexpr std::array<char, 8> kMark = {'c', 'd', '4', 'm', 'l', 'B', '0', '1'};

Digest payloadDigest(std::span<const std::uint8_t> bytes) {
  return Hasher("cd4ml blob bytes").bytes(bytes.data(), bytes.size()).finish();
}

/// Blobs that this process has read whole and found right.
class Verified {
 public:
  bool holds(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return paths_.contains(path);
  }
  void add(const std::string& path) {
    const std::lock_guard lock(mutex_);
    paths_.insert(path);
  }

 private:
  std::mutex mutex_;
  std::set<std::string> paths_;
};

Status writeAll(int fd, const void* data, std::size_t size, const std::string& path) {
  const auto* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::write(fd, at, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return systemError("CD4104", fmt::format("cannot write `{}`", path));
    at += written;
    size -= static_cast<std::size_t>(written);
  }
  return Done{};
}

}  // namespace

struct Cas::State {
  Verified verified;
  std::atomic<std::uint64_t> next_temporary{0};
};

Cas::Cas(std::string folder) : folder_(std::move(folder)), state_(std::make_unique<State>()) {}
Cas::~Cas() = default;

Blob::~Blob() {
  if (mapped_ > 0) ::munmap(const_cast<std::uint8_t*>(data_), mapped_);
}

Result<std::shared_ptr<Cas>> Cas::open(const std::string& folder) {
  CD4ML_TRY_VOID(makeFolders(folder));
  CD4ML_TRY_VOID(makeFolders(folder + "/tmp"));
  return std::shared_ptr<Cas>(new Cas(folder));
}

std::string Cas::path(const Digest& id) const {
  const std::string hex = id.hex();
  return fmt::format("{}/{}/{}", folder_, hex.substr(0, 2), hex.substr(2));
}

bool Cas::has(const Digest& id) const { return ::access(path(id).c_str(), R_OK) == 0; }

Result<std::shared_ptr<const Blob>> Cas::get(const Digest& id) {
  const std::string file = path(id);
  const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return systemError("CD4012", fmt::format("blob {} is not in the cache", id.brief()));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return systemError("CD4012", fmt::format("cannot look at `{}`", file));
  const auto mapped = static_cast<std::size_t>(info.st_size);
  const auto corrupt = [&](std::string_view what) -> Error {
    // Moved away rather than deleted: evidence for whoever wonders, and absent for everyone else.
    (void)::rename(file.c_str(), fmt::format("{}/tmp/corrupt-{}", folder_, id.hex()).c_str());
    return makeError("CD4010", fmt::format("blob {} in the cache is corrupt: {}; it was moved away", id.brief(), what));
  };
  if (mapped < sizeof(Trailer)) return corrupt("too short");
  void* address = ::mmap(nullptr, mapped, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd.get(), 0);
  if (address == MAP_FAILED) return systemError("CD4012", fmt::format("cannot map `{}`", file));
  const auto* bytes = static_cast<const std::uint8_t*>(address);
  Trailer trailer;
  std::memcpy(&trailer, bytes + mapped - sizeof trailer, sizeof trailer);
  const std::size_t size = mapped - sizeof trailer;
  std::shared_ptr<const Blob> blob(new Blob(bytes, size, mapped));
  if (trailer.mark != kMark || trailer.size != size) return corrupt("its end is missing");
  if (!state_->verified.holds(file)) {
    if (payloadDigest(blob->bytes()).bytes != trailer.digest) return corrupt("its bytes have changed");
    state_->verified.add(file);
  }
  return blob;
}

Status Cas::put(const Digest& id, const std::vector<std::span<const std::uint8_t>>& pieces) {
  const std::string file = path(id);
  if (::access(file.c_str(), R_OK) == 0) return Done{};
  const std::string temporary =
      fmt::format("{}/tmp/{}-{}-{}", folder_, ::getpid(), state_->next_temporary.fetch_add(1), id.brief());
  Descriptor fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd.valid()) return systemError("CD4104", fmt::format("cannot write `{}`", temporary));
  const Removal removal(temporary);
  Hasher hasher("cd4ml blob bytes");
  Trailer trailer{.digest = {}, .size = 0, .mark = kMark};
  for (const auto& piece : pieces) {
    CD4ML_TRY_VOID(writeAll(fd.get(), piece.data(), piece.size(), temporary));
    hasher.bytes(piece.data(), piece.size());
    trailer.size += piece.size();
  }
  trailer.digest = hasher.finish().bytes;
  CD4ML_TRY_VOID(writeAll(fd.get(), &trailer, sizeof trailer, temporary));
  if (::fchmod(fd.get(), 0400) != 0) return systemError("CD4104", fmt::format("cannot protect `{}`", temporary));
  CD4ML_TRY_VOID(makeFolders(folder_ + "/" + id.hex().substr(0, 2)));
  if (::rename(temporary.c_str(), file.c_str()) != 0) return systemError("CD4104", fmt::format("cannot store `{}`", file));
  return Done{};
}

Status Cas::sync() {
  const Descriptor fd(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::syncfs(fd.get()) != 0) return systemError("CD4104", fmt::format("cannot sync `{}`", folder_));
  return Done{};
}

}  // namespace cd4ml::store
