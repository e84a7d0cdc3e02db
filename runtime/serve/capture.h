/// Keeps a sample of the answered rows: a bounded ring that requests never wait for, and a thread that writes what is in it.
///
/// Files are Arrow IPC streams (docs/design/0003-the-loop.md) that the engine appends to. What does not fit into the ring or
/// cannot be written is counted and lost; requests are not slowed down and not failed by it. `@pii` columns are left out.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "runtime/engine/engine.h"
#include "runtime/serve/arm.h"
#include "runtime/serve/ring.h"

namespace cd4ml::serve {

struct CaptureSettings {
  std::string folder;
  double share = 0;
  std::function<Result<engine::Engine*>()> engine;
  std::function<void(const std::string&)> log;
  std::size_t ring = 4096;                         ///< requests
  std::size_t rows_a_batch = 4096;
  std::int64_t flush_us = 200'000;
  std::uint64_t file_bytes = 64ULL << 20U;         ///< then a new file
  std::int64_t file_us = 3'600'000'000;
};

class Capture {
 public:
  explicit Capture(CaptureSettings settings);
  /// Writes what is in the ring and ends.
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  struct Offer {
    std::shared_ptr<const Arm> arm;
    std::string_view role;                         ///< champion, challenger, shadow; a literal
    const std::string& id;
    const score::RowBatch* batch;
    const score::Predictions* predictions;
    const std::vector<score::BadRow>* bad;
  };
  /// Takes a copy if the id is of the sample and there is room.
  void offer(const Offer& offer);

  [[nodiscard]] std::uint64_t kept() const { return kept_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  struct Record {
    std::shared_ptr<const Arm> arm;
    std::string_view role;
    std::string id;
    std::int64_t at_us = 0;
    score::RowBatch rows;
    score::Predictions predictions;
    std::vector<score::BadRow> bad;
  };
  class Writer;

  void run();

  CaptureSettings settings_;
  Ring<std::unique_ptr<Record>> ring_;
  std::atomic<std::uint64_t> kept_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace cd4ml::serve
