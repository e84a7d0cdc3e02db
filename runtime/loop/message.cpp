#include "runtime/loop/message.h"

#include <set>

#include <fmt/format.h>

#include "runtime/release/cloud_event.h"
#include "runtime/track/json.h"

namespace cd4ml::loop {

track::Message loopMessage(const Note& note, const release::Channel& channel, std::int64_t at_us) {
  const std::string key = fmt::format("{}\n{}\n{}", note.id, note.kind, channel.notify);
  const release::Envelope envelope{.scope = note.scope, .id = release::deliveryId(key), .type = "cd4ml.monitor." + note.kind,
                                   .subject = "monitor/" + note.watch, .at_us = at_us};
  const std::string profile = note.scope.profile == "default" ? "" : " --profile " + note.scope.profile;
  const track::Json data{{"text", fmt::format("{}: {} of {}: {}\nLook: `cd4mlc monitor {}{}`, `cd4mlc report {}{}`.", note.scope.pipeline, note.watch,
                                              note.subject, note.text, note.watch, profile, note.watch, profile)},
                         {"pipeline", note.scope.pipeline},
                         {"profile", note.scope.profile},
                         {"monitor", note.watch},
                         {"subject", note.subject},
                         {"event", note.kind},
                         {"trigger", note.id}};
  return release::messageTo(channel, key, envelope, data);
}

std::vector<std::int64_t> begunAt(const std::vector<track::Entry>& entries) {
  std::set<std::int64_t> out;
  for (const track::Entry& entry : entries) {
    const track::Json body = track::parseJson(entry.body);
    if (track::textOf(body, "state") == "retraining") out.insert(body.value("began", std::int64_t{0}));
  }
  return {out.begin(), out.end()};
}

}  // namespace cd4ml::loop
