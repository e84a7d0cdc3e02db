/// What the loop tells people beside what releases tell: an event of a monitor, a retraining that failed.
#pragma once

#include <string>
#include <vector>

#include "runtime/release/channel.h"
#include "runtime/track/ledger.h"
#include "runtime/track/outbox.h"
#include "runtime/track/runs.h"

namespace cd4ml::loop {

struct Note {
  track::Scope scope{};
  std::string watch{};    ///< name of the monitor
  std::string subject{};
  std::string kind{};     ///< drift, quality, …, retrain_failed: the type is `cd4ml.monitor.KIND`
  std::string id{};       ///< of the trigger: one message a trigger, kind and channel
  std::string text{};
};

[[nodiscard]] track::Message loopMessage(const Note& note, const release::Channel& channel, std::int64_t at_us);

/// When the retrainings among entries of kind "loop" began, each once.
[[nodiscard]] std::vector<std::int64_t> begunAt(const std::vector<track::Entry>& entries);

}  // namespace cd4ml::loop
