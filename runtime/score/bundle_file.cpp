// Bundles on disk: written whole or not at all.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "runtime/score/bundle.h"

namespace cd4ml::score {

namespace {

Error fileError(const char* code, const std::string& what, const std::string& path) {
  return makeError(code, what + " " + path + ": " + std::strerror(errno));
}

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] bool open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

bool writeAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Makes the new name durable; a file system that cannot sync a folder is no failure.
void syncFolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const File folder(::open(slash == std::string::npos ? "." : path.substr(0, slash + 1).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.open()) ::fsync(folder.get());
}

}  // namespace

Result<Digest> writeBundle(const Bundle& bundle, const std::string& path) {
  const std::string bytes = encodeBundle(bundle);
  std::string temporary = path + ".XXXXXX";
  {
    const File file(::mkostemp(temporary.data(), O_CLOEXEC));  // made with mode 0600
    if (!file.open()) return fileError("CD5018", "cannot write", path);
    if (!writeAll(file.get(), bytes) || ::fsync(file.get()) != 0) {
      Error error = fileError("CD5018", "cannot write", path);
      ::unlink(temporary.c_str());
      return error;
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    Error error = fileError("CD5018", "cannot write", path);
    ::unlink(temporary.c_str());
    return error;
  }
  syncFolderOf(path);
  return modelId(bundle);
}

Result<Bundle> readBundle(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!file.open() || ::fstat(file.get(), &info) != 0) return fileError("CD5601", "cannot open the bundle", path);
  if (!S_ISREG(info.st_mode)) return makeError("CD5601", path + " is no model bundle: it is no file");
  std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t at = 0;
  while (at < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + at, bytes.size() - at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fileError("CD5601", "cannot read the bundle", path);
    at += static_cast<std::size_t>(got);
  }
  return decodeBundle(bytes, path);
}

}  // namespace cd4ml::score
