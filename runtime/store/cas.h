/// Content-addressed blobs under `.cd4ml/cas/`: written once by temp file + rename, never changed.
///
/// A blob is named by the id of its *logical* content (a column's values, a model), which the caller computes; its
/// bytes carry a trailer with their own BLAKE3, checked on first read in a process. Corrupt, short or missing = absent.
/// Thread-safe; any number of processes may share a folder.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

namespace cd4ml::store {

/// A read-only mapped blob (without trailer), 64-byte aligned, alive as long as the object.
class Blob {
 public:
  Blob(const Blob&) = delete;
  Blob& operator=(const Blob&) = delete;
  ~Blob();
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {data_, size_}; }

 private:
  friend class Cas;
  Blob(const std::uint8_t* data, std::size_t size, std::size_t mapped) : data_(data), size_(size), mapped_(mapped) {}
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t mapped_;
};

class Cas {
 public:
  /// Opens (and makes) the folder.
  static Result<std::shared_ptr<Cas>> open(const std::string& folder);

  [[nodiscard]] bool has(const Digest& id) const;
  /// The blob, or an error that says missing or corrupt (a corrupt one is moved away first).
  [[nodiscard]] Result<std::shared_ptr<const Blob>> get(const Digest& id);
  /// Stores the concatenation of `pieces`. Storing an id that is there is a no-op.
  Status put(const Digest& id, const std::vector<std::span<const std::uint8_t>>& pieces);
  /// Makes all blobs put so far durable (one syncfs).
  Status sync();
  /// Path of a blob, for hard links and copies.
  [[nodiscard]] std::string path(const Digest& id) const;

 private:
  explicit Cas(std::string folder) : folder_(std::move(folder)) {}
  [[nodiscard]] bool isVerified(const Digest& id);
  void setVerified(const Digest& id);
  std::string folder_;
  std::mutex mutex_;
  std::set<Digest> verified_;  ///< blobs whose bytes this process has checked or written
};

}  // namespace cd4ml::store
