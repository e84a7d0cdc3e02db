/// Sockets that listen, one a thread, at one address.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace cd4ml::serve {

struct Listening {
  std::vector<int> sockets;
  int port = 0;
  std::string address;   ///< "127.0.0.1:8080"
};

/// Whether only this machine can reach an address; an Error (CD5703) if it is no address.
[[nodiscard]] Result<bool> isLoopback(const std::string& host);
[[nodiscard]] Result<Listening> listenAt(const std::string& host, int port, int count);

}  // namespace cd4ml::serve
