/// What all threads of a server share.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/serve/arm.h"
#include "runtime/serve/limits.h"
#include "runtime/serve/server.h"

namespace cd4ml::serve {

class Capture;
class Shadow;
class Feedback;

enum class Protocol : std::uint8_t { V2, Invocations, Feedback, Admin };
inline constexpr std::size_t protocols = 4;
[[nodiscard]] std::string_view protocolText(Protocol protocol);

/// Codes that are counted by themselves; the last slot takes the others.
inline constexpr std::array<int, 20> counted_codes{200, 204, 400, 401, 403, 404, 405, 406, 408, 409, 413, 414, 415, 417, 431, 500, 501, 503, 505, 0};
[[nodiscard]] std::size_t codeSlot(int status);

struct alignas(64) ThreadBlock {
  std::array<std::array<Count, counted_codes.size()>, protocols> responses;
  std::array<Count, release::LatencyCounts::buckets> queued;   ///< waiting for the thread
  Count queued_sum_us;
  std::array<Count, 18> batch_rows;                      ///< by power of two
  std::array<std::atomic<std::uint64_t>, rejections> rejected{};
  std::atomic<std::int64_t> connections{0};
  std::atomic<std::int64_t> inflight{0};
  Count accepted;
};

struct Core {
  explicit Core(const ServerConfig& server_config)
      : config(server_config), blocks(static_cast<std::size_t>(server_config.threads)) {}

  const ServerConfig& config;
  Limits limits;
  std::atomic<std::shared_ptr<const Serving>> serving;
  std::atomic<bool> draining{false};
  std::atomic<int> port{0};
  std::vector<ThreadBlock> blocks;
  std::atomic<std::uint64_t> swaps{0};
  std::atomic<std::uint64_t> failed_swaps{0};
  std::uint64_t id_seed = 0;             ///< generated prediction ids of this process
  std::int64_t started_us = 0;
  Capture* capture = nullptr;            ///< null: nothing is captured
  Shadow* shadow = nullptr;
  Feedback* feedback = nullptr;          ///< null: no labels are taken

  /// Counts of a model in a role (champion, challenger, shadow), kept for as long as the process lives: they only grow.
  std::shared_ptr<ArmStats> statsOf(const std::string& label, const std::string& role);
  std::mutex stats_mutex;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<ArmStats>> stats;

  void log(const std::string& line) const {
    if (config.log) config.log(line);
  }
};

/// Prometheus text (0.0.4).
[[nodiscard]] std::string metricsText(Core& core);
/// The whole surface, of one table of routes.
[[nodiscard]] std::string openApiText(const Core& core);

}  // namespace cd4ml::serve
