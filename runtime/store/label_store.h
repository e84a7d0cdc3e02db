/// `labels.db`: what came true, by prediction id. A label is durable when `put` returns; the same label again changes nothing.
///
/// SQLite (WAL, synchronous=FULL): a server writes, the monitor reads, at the same time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct sqlite3;

namespace cd4ml::store {

struct Label {
  std::string id;
  std::string value;       ///< JSON scalar: `true`, `12.5`, `"SFO"`
  std::int64_t at_us = 0;  ///< when it was known
};

enum class OnConflict : std::uint8_t { Refuse, Replace };
enum class LabelOutcome : std::uint8_t { Stored, Known, Replaced, Conflict };

class LabelStore {
 public:
  /// Makes the file and its folder if they are not there.
  static Result<std::unique_ptr<LabelStore>> open(const std::string& path);
  /// Null if there is no such file.
  static Result<std::unique_ptr<LabelStore>> openExisting(const std::string& path);
  LabelStore(const LabelStore&) = delete;
  LabelStore& operator=(const LabelStore&) = delete;
  ~LabelStore();

  /// A request: all of its labels are stored, or (Conflict: another value is stored under an id) none of them.
  struct Batch {
    std::vector<Label> labels;
    OnConflict on_conflict = OnConflict::Refuse;
    std::vector<LabelOutcome> outcomes{};  ///< one a label, once put
  };
  /// Stores the batches in one transaction, each for itself.
  Status put(std::vector<Batch*> batches);
  /// Calls `take` with each label, in order of ids.
  Status forEach(const std::function<void(std::string_view id, std::string_view value, std::int64_t at_us)>& take) const;

 private:
  LabelStore(sqlite3* database, std::string path) : database_(database), path_(std::move(path)) {}
  Status execute(const char* sql);
  [[nodiscard]] Error failure(std::string_view doing) const;
  Status putBatch(Batch& batch);
  sqlite3* database_;
  std::string path_;
};

}  // namespace cd4ml::store
