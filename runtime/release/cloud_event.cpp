#include "runtime/release/cloud_event.h"

#include <fmt/format.h>

#include "base/digest.h"

namespace cd4ml::release {

std::string deliveryId(const std::string& key) { return "d-" + Hasher("cd4ml delivery").string(key).finish().hex().substr(0, 24); }

track::Message messageTo(const Channel& channel, const std::string& key, const Envelope& envelope, const track::Json& data) {
  const track::Json body{{"specversion", "1.0"},
                         {"id", envelope.id},
                         {"source", fmt::format("cd4ml/{}/{}", envelope.scope.pipeline, envelope.scope.profile)},
                         {"type", envelope.type},
                         {"subject", envelope.subject},
                         {"time", track::timeText(envelope.at_us)},
                         {"datacontenttype", "application/json"},
                         {"data", data}};
  return {.id = envelope.id, .key = key, .notify = channel.notify, .channel = channel.channel, .options = channel.options,
          .argv = channel.argv, .body = body.dump()};
}

}  // namespace cd4ml::release
