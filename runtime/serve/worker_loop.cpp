// The loop of a worker: events, queue, time-outs, the end.
#include <algorithm>
#include <charconv>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/serve/worker.h"

namespace cd4ml::serve {

namespace {

constexpr std::size_t events_a_turn = 2048;
constexpr std::int64_t sweep_every_us = 250'000;
constexpr std::int64_t work_a_turn_us = 10'000;
constexpr std::int64_t listen_on_us = 300'000;
constexpr std::int64_t draining_idle_us = 250'000;  ///< a kept connection may just be sending

/// The server's, or less where the request says so.
std::int64_t deadlineOf(const Request& request, const Limits& limits) {
  const std::string_view asked = request.timeout_ms;
  std::int64_t milliseconds = 0;
  const auto [end, failure] = std::from_chars(asked.data(), asked.data() + asked.size(), milliseconds);
  if (failure != std::errc{} || end != asked.data() + asked.size() || milliseconds < 0) return limits.deadline_us;
  return milliseconds > limits.deadline_us / 1000 ? limits.deadline_us : milliseconds * 1000;
}

}  // namespace

void Worker::workQueue() {
  // Most of a long queue before new requests are looked at: to refuse costs nearly what an answer costs.
  const std::int64_t until = steadyMicroseconds() + work_a_turn_us;
  std::int64_t began = 0;
  while (!queue_.empty() && (began = steadyMicroseconds()) < until) {
    Connection* connection = find(queue_.front());
    queue_.pop_front();
    if (connection == nullptr) continue;
    connection->queued = false;
    const std::int64_t waited = began - connection->arrived_us;
    block().queued[latencyBucket(static_cast<std::uint64_t>(std::max<std::int64_t>(waited, 0)))].add(1);
    block().queued_sum_us.add(static_cast<std::uint64_t>(std::max<std::int64_t>(waited, 0)));
    const std::int64_t deadline = deadlineOf(connection->parser.request(), core_.limits);
    const std::uint64_t token = connection->token();
    if (waited > deadline) {
      refuse(*connection, 503, "the request's time was over before its turn came", Rejection::Deadline);
    } else {
      answer(*connection);
      service_us_ += 0.01 * (static_cast<double>(steadyMicroseconds() - began) - service_us_);
    }
    connection = find(token);
    if (connection == nullptr) continue;
    if (connection->in.size() > 0 || connection->readable || connection->peer_done) {
      if (++connection->in_turn >= core_.limits.pipelined) again_.push_back(token);
      else advance(*connection);
    }
  }
}

void Worker::sweep() {
  const Limits& limits = core_.limits;
  const bool draining = core_.draining.load(std::memory_order_relaxed);
  for (auto& held : connections_) {
    if (held == nullptr || held->parked || held->queued) continue;
    Connection& connection = *held;
    if (connection.linger_us != 0) {
      if (now_us_ > connection.linger_us) close(connection);
      continue;
    }
    if (connection.write_us != 0) {
      if (now_us_ - connection.write_us > limits.write_us) close(connection);
      continue;
    }
    const bool fresh = connection.in.size() == 0;
    if (connection.request_us == 0 || (fresh && connection.parser.state() == RequestParser::State::Header)) {
      const std::int64_t since = std::max(connection.progress_us, connection.request_us);
      if (now_us_ - since > (draining ? draining_idle_us : limits.idle_us)) close(connection);
      continue;
    }
    const std::int64_t age = now_us_ - connection.request_us;
    const bool header = connection.parser.state() == RequestParser::State::Header;
    const auto bytes = static_cast<std::int64_t>(connection.in.size());
    const bool slow = !header && age > limits.header_us && bytes < limits.body_bytes_a_second * (age / 1'000'000);
    if ((header && age > limits.header_us) || slow || now_us_ - connection.progress_us > limits.body_idle_us) {
      refuse(connection, 408, "the request came too slowly", Rejection::Timeout);
    }
  }
}

bool Worker::drained() const {
  return queue_.empty() && std::none_of(connections_.begin(), connections_.end(), [](const auto& held) { return held != nullptr; });
}

void Worker::takeEvents(int timeout, std::vector<epoll_event>& events) {
  const int count = epoll_wait(poll_, events.data(), static_cast<int>(events.size()), timeout);
  now_us_ = steadyMicroseconds();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.u64 == listener_token) {
      acceptAll();
      continue;
    }
    if (event.data.u64 == wake_token) {
      takeCompletions();
      continue;
    }
    Connection* connection = find(event.data.u64);
    if (connection == nullptr) continue;
    if ((event.events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) connection->readable = true;
    if ((event.events & EPOLLOUT) != 0 && connection->sent < connection->out.size()) flush(*connection);
    if (connection->dead) continue;
    connection->in_turn = 0;
    if (connection->readable) advance(*connection);
  }
}

void Worker::run() {
  std::vector<epoll_event> events(events_a_turn);
  for (;;) {
    takeEvents(again_.empty() && queue_.empty() ? 100 : 0, events);
    std::vector<std::uint64_t> again;
    again.swap(again_);
    for (const std::uint64_t token : again) {
      if (Connection* connection = find(token)) {
        connection->in_turn = 0;
        advance(*connection);
      }
    }
    workQueue();
    if (now_us_ - swept_us_ > sweep_every_us || core_.draining.load(std::memory_order_relaxed)) {
      swept_us_ = now_us_;
      sweep();
    }
    gone_.clear();
    if (!core_.draining.load(std::memory_order_acquire)) continue;
    if (drain_began_us_ == 0) drain_began_us_ = now_us_;
    // For a moment more it listens, so that whoever asks hears that it is not ready any more.
    if (listening_ && now_us_ - drain_began_us_ > listen_on_us) {
      acceptAll();
      epoll_ctl(poll_, EPOLL_CTL_DEL, listener_, nullptr);
      ::close(listener_);
      listening_ = false;
    }
    if ((!listening_ && drained()) || now_us_ - drain_began_us_ > core_.limits.drain_us) return;
  }
}

}  // namespace cd4ml::serve
