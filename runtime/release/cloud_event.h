/// The envelope of every message (CloudEvents 1.0, JSON) and its delivery id.
#pragma once

#include <string>

#include "runtime/release/channel.h"
#include "runtime/track/json.h"
#include "runtime/track/outbox.h"
#include "runtime/track/runs.h"

namespace cd4ml::release {

struct Envelope {
  track::Scope scope{};
  std::string id{};
  std::string type{};     ///< cd4ml.release.held
  std::string subject{};  ///< deploy/production
  std::int64_t at_us = 0;
};

/// A function of what the message is about, so that a repeated decision cannot make a second one.
[[nodiscard]] std::string deliveryId(const std::string& key);
[[nodiscard]] track::Message messageTo(const Channel& channel, const std::string& key, const Envelope& envelope, const track::Json& data);

}  // namespace cd4ml::release
