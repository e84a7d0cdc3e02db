#include "runtime/store/plan_snapshot.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/store/temp_file.h"

namespace cd4ml::store {

namespace {

constexpr std::string_view domain = "cd4ml NF1 snapshot";
constexpr std::string_view magic = "cd4ml snapshot 1";

class Writer {
 public:
  void u8(std::uint8_t v) { bytes_.push_back(static_cast<char>(v)); }
  void u64(std::uint64_t v) {
    for (int i = 0; i < 8; ++i) u8(static_cast<std::uint8_t>(v >> (8 * i)));
  }
  void i64(std::int64_t v) { u64(static_cast<std::uint64_t>(v)); }
  void text(std::string_view s) {
    u64(s.size());
    bytes_ += s;
  }
  void digest(const Digest& d) { bytes_.append(reinterpret_cast<const char*>(d.bytes.data()), d.bytes.size()); }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads past the end give zeros and `ok()` false: the caller asks once.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] bool ok() const { return ok_; }
  std::string_view take(std::size_t size) {
    ok_ = ok_ && size <= bytes_.size();
    if (!ok_) return {};
    const std::string_view piece = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return piece;
  }
  std::uint8_t u8() {
    const std::string_view b = take(1);
    return b.empty() ? 0 : static_cast<std::uint8_t>(b[0]);
  }
  std::uint64_t u64() {
    std::uint64_t v = 0;
    const std::string_view b = take(8);
    for (std::size_t i = 0; i < b.size(); ++i) v |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(b[i])) << (8 * i);
    return v;
  }
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
  std::string_view text() { return take(u64()); }
  Digest digest() {
    Digest d;
    const std::string_view b = take(d.bytes.size());
    std::memcpy(d.bytes.data(), b.data(), b.size());
    return d;
  }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

void writeFile(Writer& out, const WatchedFile& file) {
  out.u8(static_cast<std::uint8_t>(file.by));
  out.text(file.path);
  out.u8(file.stat.has_value() ? 1 : 0);
  const FileStat stat = file.stat.value_or(FileStat{});
  out.u64(stat.device);
  out.u64(stat.inode);
  out.u64(stat.size);
  out.i64(stat.mtime_ns);
  out.i64(stat.ctime_ns);
  out.digest(file.content);
}

WatchedFile readFile(Reader& in) {
  WatchedFile file;
  file.by = in.u8() == 0 ? WatchedFile::By::Stat : WatchedFile::By::Content;
  file.path = std::string(in.text());
  const bool exists = in.u8() != 0;
  FileStat stat;
  stat.device = in.u64();
  stat.inode = in.u64();
  stat.size = in.u64();
  stat.mtime_ns = in.i64();
  stat.ctime_ns = in.i64();
  if (exists) file.stat = stat;
  file.content = in.digest();
  return file;
}

SnapshotStage readStage(Reader& in) {
  SnapshotStage stage;
  stage.name = std::string(in.text());
  stage.kind = std::string(in.text());
  stage.columns = in.u64();
  stage.rows = in.u64();
  stage.key = std::string(in.text());
  stage.content = std::string(in.text());
  stage.summary = std::string(in.text());
  return stage;
}

bool isAsItWas(const WatchedFile& file, std::int64_t seen_ns) {
  const std::optional<FileStat> now = statFile(file.path);
  if (now.has_value() != file.stat.has_value()) return false;
  if (!now.has_value()) return true;
  if (*now == *file.stat && !isRacilyClean(*file.stat, seen_ns)) return true;
  if (file.by == WatchedFile::By::Stat || now->size != file.stat->size) return false;
  const Result<HashedFile> hashed = hashFile(file.path);
  return hashed.ok() && hashed->content == file.content;
}

/// The bytes of a snapshot file before its hash, or empty if it is not whole.
std::string_view wholePayload(std::string_view bytes) {
  constexpr std::size_t hash_size = 32;
  if (bytes.size() < magic.size() + hash_size || !bytes.starts_with(magic)) return {};
  const std::string_view payload = bytes.substr(0, bytes.size() - hash_size);
  const Digest hash = Hasher(domain).text(payload).finish();
  if (std::memcmp(hash.bytes.data(), bytes.data() + payload.size(), hash_size) != 0) return {};
  return payload.substr(magic.size());
}

std::optional<PlanSnapshot> readPayload(std::string_view payload, std::string_view settings) {
  Reader in(payload);
  PlanSnapshot snapshot;
  if (in.text() != settings) return std::nullopt;
  snapshot.settings = std::string(settings);
  snapshot.seen_ns = in.i64();
  // Files come first, so that a change costs no reading of the rest.
  for (std::uint64_t n = in.u64(); n > 0 && in.ok(); --n) {
    snapshot.files.push_back(readFile(in));
    if (!in.ok() || !isAsItWas(snapshot.files.back(), snapshot.seen_ns)) return std::nullopt;
  }
  for (std::uint64_t n = in.u64(); n > 0 && in.ok(); --n) snapshot.stages.push_back(readStage(in));
  snapshot.report = std::string(in.text());
  if (!in.ok()) return std::nullopt;
  return snapshot;
}

}  // namespace

WatchedFile watchFile(const std::string& path, WatchedFile::By by) {
  WatchedFile file{.by = by, .path = path, .stat = statFile(path)};
  if (by == WatchedFile::By::Stat || !file.stat.has_value()) return file;
  const Result<HashedFile> hashed = hashFile(path);
  // An unreadable or changing file has the zero id, which no file has later.
  if (hashed.ok()) {
    file.stat = hashed->stat;
    file.content = hashed->content;
  }
  return file;
}

Status writeSnapshot(const std::string& path, const PlanSnapshot& snapshot) {
  Writer out;
  out.text(snapshot.settings);
  out.i64(snapshot.seen_ns);
  out.u64(snapshot.files.size());
  for (const WatchedFile& file : snapshot.files) writeFile(out, file);
  out.u64(snapshot.stages.size());
  for (const SnapshotStage& stage : snapshot.stages) {
    out.text(stage.name);
    out.text(stage.kind);
    out.u64(stage.columns);
    out.u64(stage.rows);
    out.text(stage.key);
    out.text(stage.content);
    out.text(stage.summary);
  }
  out.text(snapshot.report);
  std::string bytes = std::string(magic) + out.take();
  const Digest hash = Hasher(domain).text(bytes).finish();
  bytes.append(reinterpret_cast<const char*>(hash.bytes.data()), hash.bytes.size());
  const std::string folder = std::filesystem::path(path).parent_path().string();
  CD4ML_TRY(TempFile file, TempFile::create(folder.empty() ? "." : folder));
  CD4ML_TRY_VOID(file.write({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}));
  return file.moveTo(path);
}

std::optional<PlanSnapshot> readSnapshotIfHolds(const std::string& path, std::string_view settings) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  struct stat s {};
  if (::fstat(descriptor, &s) != 0 || s.st_size <= 0) {
    ::close(descriptor);
    return std::nullopt;
  }
  const auto size = static_cast<std::size_t>(s.st_size);
  void* base = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  ::close(descriptor);
  if (base == MAP_FAILED) return std::nullopt;
  const std::string_view payload = wholePayload({static_cast<const char*>(base), size});
  std::optional<PlanSnapshot> snapshot;
  if (!payload.empty()) snapshot = readPayload(payload, settings);
  ::munmap(base, size);
  return snapshot;
}

void removeSnapshot(const std::string& path) { ::unlink(path.c_str()); }

}  // namespace cd4ml::store
