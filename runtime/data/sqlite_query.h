/// A query on an SQLite file, read only and a function of the file's bytes and the query alone.
///
/// The file is opened as one that nobody changes: no lock is taken and nothing is written beside it. So a file with
/// changes that are not yet in it (a write-ahead log, a journal) is refused, as are queries that write, that ask for
/// the time or for random numbers, and more than one statement.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cd4ml::data {

class SqliteQuery {
 public:
  [[nodiscard]] static Result<std::unique_ptr<SqliteQuery>> open(const std::string& path, const std::string& query,
                                                                 Span span);
  ~SqliteQuery();
  SqliteQuery(const SqliteQuery&) = delete;
  SqliteQuery& operator=(const SqliteQuery&) = delete;

  [[nodiscard]] const std::vector<std::string>& columns() const;
  /// Goes to the next row; false behind the last.
  [[nodiscard]] Result<bool> next();
  /// Begins again.
  void rewind();

  enum class Type : std::uint8_t { Null, Int, Float, Text, Blob };
  [[nodiscard]] Type type(std::size_t column) const;
  [[nodiscard]] std::int64_t intAt(std::size_t column) const;
  [[nodiscard]] double floatAt(std::size_t column) const;
  /// UTF-8, whatever the encoding of the file; holds until the next row.
  [[nodiscard]] std::string_view textAt(std::size_t column) const;

 private:
  SqliteQuery();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cd4ml::data
