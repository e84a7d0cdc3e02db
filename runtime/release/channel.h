/// Where messages about a release go.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace cd4ml::release {

/// A notify node as delivery needs it.
struct Channel {
  std::string notify{};
  std::string channel{};
  std::vector<std::pair<std::string, std::string>> options{};  ///< texts; "secret:NAME" for a secret
  std::vector<std::string> argv{};
};

/// Who is told of an event: promoted, held, rolled_back.
struct EventChannels {
  std::string event{};
  std::vector<Channel> channels{};
};

}  // namespace cd4ml::release
