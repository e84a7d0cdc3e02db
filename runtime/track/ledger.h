/// `ledger.db`: what must never be lost or rewritten. One append-only journal in SQLite (WAL, synchronous=FULL).
///
/// Every row is an entry: a kind ("run", "stage", "model", "champion", "message", …), a subject it is found by, a JSON
/// body. Each entry carries the BLAKE3 of itself and of the entry before it, so that a changed or missing row shows
/// (`verify`). Everything else (runs, versions, champions, the outbox) is a reading of the journal: nothing can be out
/// of step with it. Any number of threads and processes may share the file.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

struct sqlite3;

namespace cd4ml::track {

struct Entry {
  std::int64_t sequence = 0;
  std::int64_t at_us = 0;  ///< wall clock, µs since 1970
  std::string kind{};
  std::string subject{};
  std::string body{};        ///< JSON
};

class Ledger {
 public:
  /// Reads and appends inside one transaction.
  class Transaction {
   public:
    [[nodiscard]] Result<std::vector<Entry>> read(std::string_view kind, std::string_view subject = {}) const;
    [[nodiscard]] Result<std::optional<Entry>> last(std::string_view kind, std::string_view subject) const;
    Status append(std::string_view kind, std::string_view subject, std::string body);

   private:
    friend class Ledger;
    explicit Transaction(Ledger& ledger) : ledger_(ledger) {}
    Ledger& ledger_;
  };

  /// Opens the file; makes it (and its folder) if it is not there.
  static Result<std::shared_ptr<Ledger>> open(const std::string& path);
  /// Opens a file that exists; null if there is none.
  static Result<std::shared_ptr<Ledger>> openExisting(const std::string& path);

  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  ~Ledger();

  /// Runs `body` in one write transaction: all of its entries become durable, or none.
  Status transact(const std::function<Status(Transaction&)>& body);
  /// Entries of a kind (and of a subject, unless empty), oldest first.
  [[nodiscard]] Result<std::vector<Entry>> read(std::string_view kind, std::string_view subject = {});
  /// The newest entry of a kind and subject.
  [[nodiscard]] Result<std::optional<Entry>> last(std::string_view kind, std::string_view subject);
  /// The newest `limit` entries of a kind, newest first.
  [[nodiscard]] Result<std::vector<Entry>> newest(std::string_view kind, std::size_t limit);
  /// A number that changes when another connection, of this or another process, has written. Costs microseconds.
  [[nodiscard]] Result<std::int64_t> dataVersion();
  /// Walks the whole chain; the sequence number of the first entry that does not fit, or nothing.
  [[nodiscard]] Result<std::optional<std::int64_t>> verify();

 private:
  explicit Ledger(sqlite3* database, std::string path) : database_(database), path_(std::move(path)) {}
  Status prepareSchema();
  Status execute(const char* statement);
  Error failure(std::string_view doing) const;
  Result<std::optional<Entry>> queryLast(std::string_view kind, std::string_view subject);
  Result<std::vector<Entry>> query(std::string_view kind, std::string_view subject, std::string_view order,
                                   std::int64_t limit);
  Status appendEntry(const Entry& entry);

  sqlite3* database_;
  std::string path_;
  std::mutex mutex_;
};

/// Hash of an entry whose predecessor has hash `previous`.
[[nodiscard]] Digest chainHash(const Digest& previous, const Entry& entry);
/// Now, in µs since 1970. The only clock of the ledger.
[[nodiscard]] std::int64_t nowMicroseconds();
/// `2024-06-01T10:15:00Z`.
[[nodiscard]] std::string timeText(std::int64_t at_us);

}  // namespace cd4ml::track
