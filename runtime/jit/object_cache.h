/// Object files in a folder, by the digest of what they were made from. A file is there whole or not at all; what
/// cannot be read or written costs a compilation, never a run.
#pragma once

#include <optional>
#include <string>

#include "base/digest.h"

namespace cd4ml::jit {

class ObjectCache {
 public:
  /// Empty folder: keeps nothing.
  explicit ObjectCache(std::string folder) : folder_(std::move(folder)) {}
  [[nodiscard]] std::optional<std::string> read(const Digest& key) const;
  void write(const Digest& key, const std::string& object) const;

 private:
  [[nodiscard]] std::string pathOf(const Digest& key) const { return folder_ + "/" + key.hex() + ".o"; }
  std::string folder_;
};

}  // namespace cd4ml::jit
