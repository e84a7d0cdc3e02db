/// What a server asks and tells whoever leads a rollout: counters in, wanted routing out, every control period (50 ms).
///
/// Only plain data passes, so a rollout can be decided and tested without a server. The controller reads and writes the
/// ledger; the server loads what it wants, self-tests it, and routes. Nothing here waits for a request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "runtime/release/observation.h"

namespace cd4ml::release {

/// What one arm did since it began to serve in this process; all numbers only grow.
struct ArmCounters {
  std::string label{};                ///< `late@7`
  std::string id{};                   ///< model id
  std::uint64_t requests = 0;         ///< answered by this arm (shadow: scored beside)
  std::uint64_t rows = 0;             ///< answered
  std::uint64_t errors = 0;           ///< rows not answered by our fault: we failed, or refused what the champion takes
  std::uint64_t bad_rows = 0;         ///< rows that no arm scores: the client's fault
  LatencyCounts latency{};            ///< of the requests, from whole request to finished answer; shadow: of the scoring
  Moments score{};                    ///< of the rows: probability of true or of the predicted class, or the predicted number
  std::uint64_t positives = 0;        ///< rows predicted true (binary)
};

/// Champion and challenger on the same rows, in shadow.
struct PairedCounters {
  std::uint64_t rows = 0;
  std::uint64_t label_differs = 0;    ///< rows whose predicted class differs
  Moments difference{};               ///< challenger's score - champion's
  double difference_most = 0;         ///< largest absolute one
  std::uint64_t dropped = 0;          ///< requests that were not mirrored: the queue was full
};

struct ServingCounters {
  std::int64_t at_us = 0;
  std::optional<ArmCounters> champion{};
  std::optional<ArmCounters> challenger{};  ///< of the challenger that is routed now
  PairedCounters paired{};                  ///< of that challenger
};

/// A model that is wanted in an arm.
struct WantedModel {
  std::string label{};    ///< `late@7`
  std::string id{};       ///< model id, "b3:…"
  std::string bundle{};   ///< path below the state folder

  friend bool operator==(const WantedModel&, const WantedModel&) = default;
};

enum class ChallengerMode : std::uint8_t { None, Shadow, Canary };

struct Routing {
  std::optional<WantedModel> champion{};    ///< nothing: there is none yet, and the server is not ready
  std::optional<WantedModel> challenger{};
  ChallengerMode mode = ChallengerMode::None;
  double share = 0;                         ///< Canary: of the keys that go to the challenger
  std::string rollout{};                    ///< id of the rollout; canaries of one rollout keep their keys as the share grows

  friend bool operator==(const Routing&, const Routing&) = default;
};

/// What became of the routing that was wanted last.
struct RoutingOutcome {
  bool in_force = false;                    ///< it serves now
  std::optional<Error> failure{};           ///< a model that does not load or does not pass its self-test; the old routing serves
};

/// Called by one thread. An Error leaves the routing as it is and is told in the server's log.
class RolloutControl {
 public:
  virtual ~RolloutControl() = default;
  /// The routing that is wanted now. `ledger_changed`: another process wrote to the ledger since the last call; where it is
  /// false and the counters decide nothing, nothing needs to be read.
  enum class Ledger : std::uint8_t { Unchanged, Changed };
  virtual Result<Routing> control(const ServingCounters& counters, const RoutingOutcome& last, Ledger ledger) = 0;
  /// The server ends: nothing more is routed.
  virtual void end() {}
};

}  // namespace cd4ml::release
