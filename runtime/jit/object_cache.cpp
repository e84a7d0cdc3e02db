#include "runtime/jit/object_cache.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

namespace cd4ml::jit {
namespace {

Digest checkOf(std::string_view object) { return Hasher("cd4ml object file").text(object).finish(); }

}  // namespace

std::optional<std::string> ObjectCache::read(const Digest& key) const {
  if (folder_.empty()) return std::nullopt;
  std::ifstream file(pathOf(key), std::ios::binary);
  if (!file) return std::nullopt;
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  constexpr std::size_t check_size = sizeof(Digest::bytes);
  if (bytes.size() < check_size) return std::nullopt;
  // Machine code that was cut short must not run: the last bytes are the digest of the others.
  const Digest check = checkOf(std::string_view(bytes).substr(0, bytes.size() - check_size));
  if (std::memcmp(check.bytes.data(), bytes.data() + bytes.size() - check_size, check_size) != 0) return std::nullopt;
  bytes.resize(bytes.size() - check_size);
  return bytes;
}

void ObjectCache::write(const Digest& key, const std::string& object) const {
  if (folder_.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(folder_, ignored);
  const std::size_t thread = std::hash<std::thread::id>{}(std::this_thread::get_id());
  const std::string temporary = pathOf(key) + "." + std::to_string(getpid()) + "." + std::to_string(thread);
  {
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    const Digest check = checkOf(object);
    file.write(object.data(), static_cast<std::streamsize>(object.size()));
    file.write(reinterpret_cast<const char*>(check.bytes.data()), static_cast<std::streamsize>(check.bytes.size()));
    if (!file.flush()) {
      file.close();
      std::filesystem::remove(temporary, ignored);
      return;
    }
  }
  std::filesystem::rename(temporary, pathOf(key), ignored);
  if (ignored) std::filesystem::remove(temporary, ignored);
}

}  // namespace cd4ml::jit
