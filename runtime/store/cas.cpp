#include "runtime/store/cas.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/store/temp_file.h"

namespace cd4ml::store {

namespace {

constexpr std::string_view domain = "cd4ml NF1 blob";
constexpr std::uint64_t magic = 0x31626f6c62344443ULL;  // "CD4blob1"

/// What follows the bytes of a blob in its file.
struct Trailer {
  std::uint64_t magic_number = magic;
  std::uint64_t size = 0;
  Digest hash;
};
static_assert(sizeof(Trailer) == 48);

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

Error missing(const Digest& id) { return makeError("CD4012", fmt::format("the store has no blob {}", id.text())); }

Error corrupt(const Digest& id, const std::string& moved_to) {
  Error error = makeError("CD4002", fmt::format("the stored blob {} is damaged; it was moved to `{}`", id.text(), moved_to));
  error.help.emplace_back("run again: what it held is computed anew");
  return error;
}

/// Whether the bytes before the trailer are those that were written.
bool isWhole(const std::uint8_t* mapped, std::size_t size, const Trailer& trailer) {
  return trailer.magic_number == magic && trailer.size == size && Hasher(domain).bytes(mapped, size).finish() == trailer.hash;
}

}  // namespace

Blob::~Blob() { ::munmap(const_cast<std::uint8_t*>(data_), mapped_); }

Result<std::shared_ptr<Cas>> Cas::open(const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder + "/tmp", failed);
  if (failed) return makeError("CD4104", fmt::format("cannot make the folder `{}`: {}", folder, failed.message()));
  sweepTempFiles(folder + "/tmp");
  return std::shared_ptr<Cas>(new Cas(folder));
}

std::string Cas::path(const Digest& id) const {
  const std::string hex = id.hex();
  return fmt::format("{}/{}/{}", folder_, hex.substr(0, 2), hex.substr(2));
}

bool Cas::isVerified(const Digest& id) {
  const std::scoped_lock lock(mutex_);
  return verified_.contains(id);
}

void Cas::setVerified(const Digest& id) {
  const std::scoped_lock lock(mutex_);
  verified_.insert(id);
}

bool Cas::has(const Digest& id) const {
  struct stat s {};
  return ::stat(path(id).c_str(), &s) == 0 && static_cast<std::size_t>(s.st_size) >= sizeof(Trailer);
}

Result<std::shared_ptr<const Blob>> Cas::get(const Digest& id) {
  const std::string file = path(id);
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat s {};
  if (descriptor.number() < 0 || ::fstat(descriptor.number(), &s) != 0) return missing(id);
  const auto mapped = static_cast<std::size_t>(s.st_size);
  const auto moveAway = [&] {
    const std::string target = fmt::format("{}/damaged-{}", folder_, id.hex());
    ::rename(file.c_str(), target.c_str());
    return corrupt(id, target);
  };
  if (mapped < sizeof(Trailer)) return moveAway();
  void* base = ::mmap(nullptr, mapped, PROT_READ, MAP_SHARED, descriptor.number(), 0);
  if (base == MAP_FAILED) {
    return makeError("CD4104", fmt::format("cannot map `{}`: {}", file, std::strerror(errno)));
  }
  const auto* data = static_cast<const std::uint8_t*>(base);
  const std::size_t size = mapped - sizeof(Trailer);
  std::shared_ptr<const Blob> blob(new Blob(data, size, mapped));
  Trailer trailer;
  std::memcpy(&trailer, data + size, sizeof trailer);
  const bool known = isVerified(id) && trailer.magic_number == magic && trailer.size == size;
  if (!known && !isWhole(data, size, trailer)) return moveAway();
  setVerified(id);
  return blob;
}

Status Cas::put(const Digest& id, const std::vector<std::span<const std::uint8_t>>& pieces) {
  if (has(id)) return Done{};
  CD4ML_TRY(TempFile file, TempFile::create(folder_ + "/tmp"));
  Hasher hasher(domain);
  Trailer trailer;
  for (const auto& piece : pieces) {
    hasher.bytes(piece.data(), piece.size());
    trailer.size += piece.size();
    CD4ML_TRY_VOID(file.write(piece));
  }
  trailer.hash = hasher.finish();
  std::uint8_t bytes[sizeof trailer];
  std::memcpy(bytes, &trailer, sizeof trailer);
  CD4ML_TRY_VOID(file.write(bytes));
  const std::string target = path(id);
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(target).parent_path(), failed);
  if (failed) return makeError("CD4003", fmt::format("cannot make the folder of `{}`: {}", target, failed.message()));
  CD4ML_TRY_VOID(file.moveTo(target));
  setVerified(id);
  return Done{};
}

Status Cas::sync() {
  const Descriptor descriptor(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.number() < 0 || ::syncfs(descriptor.number()) != 0) return writeError(folder_, errno);
  return Done{};
}

}  // namespace cd4ml::store
