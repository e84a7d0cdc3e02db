#include "runtime/serve/worker.h"

#include <algorithm>
#include <cerrno>
#include <ctime>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/internal_check.h"

namespace cd4ml::serve {

namespace {

constexpr std::int64_t linger_for_us = 1'000'000;
constexpr std::size_t most_scratch = 4;

/// At most this much is read from one client before others have their turn.
constexpr std::size_t bytes_a_turn = 256 * 1024;

}  // namespace

std::int64_t steadyMicroseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

ArmScratch::ArmScratch(std::shared_ptr<const Arm> served, const Limits& limits)
    : arm(std::move(served)), batch(arm->bundle().program.inputs), decoder(arm->schema(), limits),
      workspace(arm->program() == nullptr ? nullptr : arm->program()->makeWorkspace()) {}

Worker::Worker(Core& core, std::size_t index, int listener) : core_(core), index_(index), listener_(listener) {
  poll_ = epoll_create1(EPOLL_CLOEXEC);
  wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  CD4ML_CHECK(poll_ >= 0 && wake_ >= 0);
  CD4ML_CHECK(parser_.allocate(64 * 1024, core.limits.json_depth) == simdjson::SUCCESS);
  epoll_event event{.events = EPOLLIN, .data = {.u64 = listener_token}};
  CD4ML_CHECK(epoll_ctl(poll_, EPOLL_CTL_ADD, listener_, &event) == 0);
  event.data.u64 = wake_token;
  CD4ML_CHECK(epoll_ctl(poll_, EPOLL_CTL_ADD, wake_, &event) == 0);
}

Worker::~Worker() {
  connections_.clear();
  if (listening_) ::close(listener_);
  ::close(wake_);
  ::close(poll_);
}

Connection* Worker::find(std::uint64_t token) {
  const std::size_t fd = token & 0xffffffU;
  if (fd >= connections_.size() || connections_[fd] == nullptr || connections_[fd]->number != token >> 24U) return nullptr;
  return connections_[fd].get();
}

ArmScratch& Worker::scratchOf(const std::shared_ptr<const Arm>& arm) {
  // The newest stands last: whatever the present request uses is never the one that has to go.
  const auto held = std::find_if(scratch_.begin(), scratch_.end(), [&](const auto& scratch) { return scratch->arm == arm; });
  if (held != scratch_.end()) {
    std::rotate(held, held + 1, scratch_.end());
    return *scratch_.back();
  }
  if (scratch_.size() == most_scratch) scratch_.erase(scratch_.begin());
  scratch_.push_back(std::make_unique<ArmScratch>(arm, core_.limits));
  return *scratch_.back();
}

std::string Worker::newId() {
  char text[40];
  const auto hex = [&](char* to, std::uint64_t value) {
    for (int digit = 15; digit >= 0; --digit, value >>= 4U) to[digit] = "0123456789abcdef"[value & 15U];
  };
  hex(text, core_.id_seed);
  hex(text + 16, static_cast<std::uint64_t>(index_) << 48U | ++ids_);
  return {text, 32};
}

void Worker::wake() {
  const std::uint64_t one = 1;
  (void)!::write(wake_, &one, sizeof one);
}

void Worker::complete(std::uint64_t connection, Response response) {
  {
    const std::lock_guard lock(completed_mutex_);
    completed_.emplace_back(connection, std::move(response));
  }
  wake();
}

void Worker::takeCompletions() {
  std::uint64_t count = 0;
  (void)!::read(wake_, &count, sizeof count);
  std::vector<std::pair<std::uint64_t, Response>> done;
  {
    const std::lock_guard lock(completed_mutex_);
    done.swap(completed_);
  }
  for (auto& [token, response] : done) {
    Connection* connection = find(token);
    if (connection == nullptr) continue;
    connection->parked = false;
    block().inflight.fetch_sub(1, std::memory_order_relaxed);
    send(*connection, response, Protocol::Feedback, Body::Sent);
    again_.push_back(token);
  }
}

void Worker::acceptAll() {
  for (int count = 0; count < 256; ++count) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    std::int64_t all = 0;
    for (const ThreadBlock& each : core_.blocks) all += each.connections.load(std::memory_order_relaxed);
    if (all >= static_cast<std::int64_t>(core_.limits.connections) || fd > 0xffffff) {
      constexpr std::string_view busy = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
      (void)!::send(fd, busy.data(), busy.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      ::close(fd);
      block().rejected[static_cast<std::size_t>(Rejection::Connections)].fetch_add(1, std::memory_order_relaxed);
      continue;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (static_cast<std::size_t>(fd) >= connections_.size()) connections_.resize(static_cast<std::size_t>(fd) + 64);
    connections_[static_cast<std::size_t>(fd)] = std::make_unique<Connection>(fd, next_number_++, core_.limits);
    Connection& connection = *connections_[static_cast<std::size_t>(fd)];
    connection.progress_us = connection.request_us = now_us_;
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.u64 = connection.token()}};
    block().connections.fetch_add(1, std::memory_order_relaxed);
    block().accepted.add(1);
    if (epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event) != 0) close(connection);
  }
}

void Worker::close(Connection& connection) {
  const auto fd = static_cast<std::size_t>(connection.fd);
  if (connection.dead) return;
  connection.dead = true;
  buffered_ -= connection.in.capacity();
  block().connections.fetch_sub(1, std::memory_order_relaxed);
  if (connection.parked) block().inflight.fetch_sub(1, std::memory_order_relaxed);
  epoll_ctl(poll_, EPOLL_CTL_DEL, connection.fd, nullptr);
  gone_.push_back(std::move(connections_[fd]));
}

bool Worker::read(Connection& connection) {
  std::size_t room = 0;
  const std::size_t before = connection.in.capacity();
  const std::size_t wanted = connection.parser.wanted();
  const std::size_t missing = wanted > connection.in.size() ? std::min<std::size_t>(wanted - connection.in.size(), std::max<std::size_t>(connection.in.size(), 4096)) : 1024;
  if (buffered_ + missing > core_.limits.buffered_bytes / core_.blocks.size()) {
    refuse(connection, 503, "too many requests are under way", Rejection::QueueFull);
    return false;
  }
  char* to = connection.in.room(missing, room);
  buffered_ += connection.in.capacity() - before;
  const ssize_t got = ::recv(connection.fd, to, room, 0);
  if (got > 0) {
    connection.in.added(static_cast<std::size_t>(got));
    connection.progress_us = now_us_;
    if (connection.request_us == 0) connection.request_us = now_us_;
    if (static_cast<std::size_t>(got) < room) connection.readable = false;
    return true;
  }
  connection.readable = false;
  if (got == 0) connection.peer_done = true;
  else if (errno == EINTR) connection.readable = true;
  else if (errno != EAGAIN && errno != EWOULDBLOCK) close(connection);
  return false;
}

/// Takes in what there is until a request is whole, refused, or more must come.
void Worker::advance(Connection& connection) {
  std::size_t taken = 0;
  while (!connection.queued && !connection.parked && !connection.closing && !connection.dead) {
    if (connection.in.size() > 0) {
      if (connection.request_us == 0) connection.request_us = now_us_;
      switch (connection.parser.parse(connection.in.data(), connection.in.size())) {
        case RequestParser::State::Complete: takeRequest(connection); continue;
        case RequestParser::State::Refused:
          refuse(connection, connection.parser.refusal().status, connection.parser.refusal().reason, Rejection::Malformed);
          return;
        case RequestParser::State::Body:
          if (connection.parser.request().expects_continue && !connection.continued) {
            connection.continued = true;
            connection.out += "HTTP/1.1 100 Continue\r\n\r\n";
            flush(connection);
          }
          break;
        case RequestParser::State::Header: break;
      }
    }
    if (connection.closing || connection.dead) break;
    const std::size_t before = connection.in.size();
    if (!connection.readable || !read(connection)) {
      if (connection.peer_done && !connection.dead) {
        if (connection.out.size() == connection.sent) close(connection);
        else connection.closing = true;
      }
      return;
    }
    taken += connection.in.size() - before;
    if (taken > bytes_a_turn && connection.readable) {
      again_.push_back(connection.token());
      return;
    }
  }
  if (!connection.closing || connection.linger_us == 0 || connection.dead) return;
  char waste[4096];
  ssize_t got = 0;
  while ((got = ::recv(connection.fd, waste, sizeof waste, 0)) > 0) {
  }
  if (got == 0 || (errno != EAGAIN && errno != EINTR)) close(connection);
}

void Worker::takeRequest(Connection& connection) {
  connection.arrived_us = now_us_;
  const Request& request = connection.parser.request();
  const Matched matched = match(request.method, request.path);
  const bool work = matched.route != nullptr && matched.route->lane == Lane::Work;
  if (!work) return answer(connection);
  const double wait = static_cast<double>(queue_.size()) * service_us_;
  const bool full = queue_.size() >= core_.limits.queue;
  if (full || wait > static_cast<double>(core_.limits.queue_wait_us)) {
    refuse(connection, 503, "too many requests wait; try again later", full ? Rejection::QueueFull : Rejection::QueueWait);
    return;
  }
  connection.queued = true;
  queue_.push_back(connection.token());
}

void Worker::refuse(Connection& connection, int status, std::string_view reason, Rejection why) {
  block().rejected[static_cast<std::size_t>(why)].fetch_add(1, std::memory_order_relaxed);
  response_.reset();
  response_.status = status;
  response_.body = "{\"error\":";
  appendJsonText(response_.body, reason);
  response_.body += '}';
  if (status == 503) response_.headers = "Retry-After: 1\r\n";
  // A whole request that is refused leaves the connection sound; after anything else no one knows where the next begins.
  const bool whole = connection.parser.state() == RequestParser::State::Complete;
  response_.close = !whole || !connection.parser.request().keep_alive || core_.draining.load(std::memory_order_relaxed);
  if (!whole) connection.parser.reset();
  if (whole) consumeRequest(connection);
  send(connection, response_, Protocol::Admin, Body::Sent);
}

/// The request is answered, or will be: what comes next is another one.
void Worker::consumeRequest(Connection& connection) {
  const std::size_t before = connection.in.capacity();
  connection.in.consume(connection.parser.consumed());
  buffered_ -= before - connection.in.capacity();
  connection.parser.reset();
  connection.continued = false;
  connection.request_us = connection.in.size() > 0 ? now_us_ : 0;
  connection.progress_us = now_us_;
}

/// Answers the request that is whole.
void Worker::answer(Connection& connection) {
  const Request& request = connection.parser.request();
  response_.reset();
  response_.close = !request.keep_alive || core_.draining.load(std::memory_order_relaxed);
  Exchange exchange{request, match(request.method, request.path), response_, connection};
  dispatch(*this, exchange);
  const Protocol protocol = exchange.matched.route == nullptr ? Protocol::Admin : exchange.matched.route->protocol;
  const Body body = request.method == Method::Head ? Body::HeaderOnly : Body::Sent;
  const bool parked = exchange.parked;
  consumeRequest(connection);
  if (parked) {
    connection.parked = true;
    block().inflight.fetch_add(1, std::memory_order_relaxed);
  } else {
    send(connection, response_, protocol, body);
  }
  for (const auto& work : after_) work();
  after_.clear();
}

void Worker::send(Connection& connection, const Response& response, Protocol protocol, Body body) {
  block().responses[static_cast<std::size_t>(protocol)][codeSlot(response.status)].add(1);
  appendResponse(response, body, connection.out);
  if (response.close) connection.closing = true;
  flush(connection);
}

void Worker::flush(Connection& connection) {
  if (connection.dead) return;
  while (connection.sent < connection.out.size()) {
    const ssize_t count = ::send(connection.fd, connection.out.data() + connection.sent, connection.out.size() - connection.sent, MSG_NOSIGNAL);
    if (count > 0) {
      connection.sent += static_cast<std::size_t>(count);
      connection.write_us = now_us_;
      continue;
    }
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      if (connection.write_us == 0) connection.write_us = now_us_;
      return;
    }
    close(connection);
    return;
  }
  connection.sent = 0;
  connection.write_us = 0;
  if (connection.out.capacity() > 64 * 1024) connection.out = std::string();
  else connection.out.clear();
  if (!connection.closing || connection.linger_us != 0) return;
  if (connection.peer_done) return close(connection);
  // What the client still sends is taken for a moment, so that our last words are not lost to a reset.
  ::shutdown(connection.fd, SHUT_WR);
  connection.linger_us = now_us_ + linger_for_us;
  again_.push_back(connection.token());
}

}  // namespace cd4ml::serve
