/// Files and folders of the store: descriptors that close themselves, errors with the system's reason.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace cd4ml::store {

/// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  ~Descriptor();
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

/// Removes a file when it goes out of scope (a temporary that was renamed is gone already).
class Removal {
 public:
  explicit Removal(std::string path) : path_(std::move(path)) {}
  Removal(const Removal&) = delete;
  Removal& operator=(const Removal&) = delete;
  ~Removal();

 private:
  std::string path_;
};

/// An error with what errno says: "cannot write `x`: no space left on device".
[[nodiscard]] Error systemError(std::string code, std::string what);
/// Makes the folder and those above it.
Status makeFolders(const std::string& folder);
/// Writes the bytes to a temporary file beside `path`, syncs and renames it: `path` holds the old bytes or the new.
Status writeFileAtomically(const std::string& path, std::string_view bytes);
/// The whole file.
Result<std::string> readFile(const std::string& path);

}  // namespace cd4ml::store
