/// What a server grants a client: every bound is checked before memory is taken for what it bounds.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cd4ml::serve {

struct Limits {
  std::size_t header_bytes = 16 * 1024;          ///< request line and header fields: 431
  std::size_t uri_bytes = 8 * 1024;              ///< 414
  std::size_t body_bytes = 6 * 1024 * 1024;      ///< 413
  std::size_t json_depth = 32;
  std::int64_t rows = 65'536;                    ///< of one request
  std::int64_t elements = 16'000'000;            ///< of one tensor
  std::size_t connections = 10'000;
  std::size_t buffered_bytes = 256 * 1024 * 1024;  ///< of all requests that are not whole yet: 503
  std::size_t pipelined = 100;                   ///< requests answered in one go before others have their turn
  std::size_t queue = 16'384;                    ///< requests that wait for a thread: more are refused with 503
  std::int64_t queue_wait_us = 50'000;           ///< a request that would wait longer, as foreseen, is refused with 503
  std::int64_t deadline_us = 60'000'000;         ///< unless X-Request-Timeout-Ms asks for less
  std::int64_t header_us = 5'000'000;            ///< from its first byte to the end of the header
  std::int64_t body_idle_us = 30'000'000;        ///< between two pieces of a body
  std::int64_t body_bytes_a_second = 1024;       ///< slower bodies end after the first 5 seconds
  std::int64_t idle_us = 75'000'000;             ///< a kept connection without a request
  std::int64_t write_us = 30'000'000;            ///< a client that does not take its answer
  std::int64_t drain_us = 25'000'000;            ///< after SIGTERM
};

}  // namespace cd4ml::serve
