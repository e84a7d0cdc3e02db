#include "runtime/serve/listen.h"

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

namespace cd4ml::serve {

namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Result<Address> resolve(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(host == "localhost" ? "127.0.0.1" : host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (code != 0) return makeError("CD5703", fmt::format("`{}` is no address: {}", host, gai_strerror(code)));
  Address address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.size = found->ai_addrlen;
  freeaddrinfo(found);
  return address;
}

Error cannot(const std::string& host, int port) { return makeError("CD5703", fmt::format("cannot listen at {}:{}: {}", host, port, std::strerror(errno))); }

enum class Sharing { Alone, WithThreads };

Result<int> bound(const Address& address, Sharing sharing, const std::string& host, int port) {
  const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return cannot(host, port);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (sharing == Sharing::WithThreads) setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0 && listen(fd, 4096) == 0) return fd;
  Error error = cannot(host, port);
  ::close(fd);
  return error;
}

int portOf(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size);
  return ntohs(storage.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port : reinterpret_cast<sockaddr_in*>(&storage)->sin_port);
}

}  // namespace

Result<bool> isLoopback(const std::string& host) {
  CD4ML_TRY(const Address address, resolve(host, 0));
  if (address.storage.ss_family == AF_INET6) return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_addr) != 0;
  return (ntohl(reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_addr.s_addr) >> 24U) == 127;
}

Result<Listening> listenAt(const std::string& host, int port, int count) {
  // Alone first: sockets that share a port would also share it with another program that does.
  CD4ML_TRY(Address address, resolve(host, port));
  CD4ML_TRY(const int alone, bound(address, Sharing::Alone, host, port));
  Listening out;
  out.port = portOf(alone);
  ::close(alone);
  CD4ML_TRY(address, resolve(host, out.port));
  for (int i = 0; i < count; ++i) {
    auto fd = bound(address, Sharing::WithThreads, host, out.port);
    if (!fd.ok()) {
      for (const int each : out.sockets) ::close(each);
      return std::move(fd).error();
    }
    out.sockets.push_back(*fd);
  }
  out.address = fmt::format("{}:{}", host.find(':') == std::string::npos ? host : "[" + host + "]", out.port);
  return out;
}

}  // namespace cd4ml::serve
