/// One thread of the server: its own listening socket, its own connections, one loop.
///
/// A turn of the loop takes in all that arrived, answers questions about health at once, puts other requests in a bounded
/// queue, then answers the queue. So a client that must be refused is refused before the queue is worked off.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <simdjson.h>
#include <sys/epoll.h>

#include "runtime/serve/connection.h"
#include "runtime/serve/core.h"
#include "runtime/serve/http_response.h"
#include "runtime/serve/routes.h"

namespace cd4ml::serve {

/// µs of a clock that never goes back.
[[nodiscard]] std::int64_t steadyMicroseconds();

/// What a thread keeps for an arm it has served.
struct ArmScratch {
  explicit ArmScratch(std::shared_ptr<const Arm> served, const Limits& limits);
  std::shared_ptr<const Arm> arm;
  score::RowBatch batch;
  Decoder decoder;
  std::unique_ptr<score::RowWorkspace> workspace;
};

/// A request on its way to an answer.
struct Exchange {
  const Request& request;
  Matched matched;
  Response& response;
  Connection& connection;
  bool parked = false;     ///< another thread answers
};

class Worker {
 public:
  Worker(Core& core, std::size_t index, int listener);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void run();
  /// An answer that another thread made for a parked connection. From any thread.
  void complete(std::uint64_t connection, Response response);
  void wake();

  [[nodiscard]] Core& core() { return core_; }
  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] ThreadBlock& block() { return core_.blocks[index_]; }
  [[nodiscard]] simdjson::dom::parser& parser() { return parser_; }
  ArmScratch& scratchOf(const std::shared_ptr<const Arm>& arm);
  [[nodiscard]] std::string newId();
  /// Called when the present answer is on its way.
  void afterAnswer(std::function<void()> work) { after_.push_back(std::move(work)); }

 private:
  static constexpr std::uint64_t listener_token = 1;
  static constexpr std::uint64_t wake_token = 2;

  void takeEvents(int timeout, std::vector<epoll_event>& events);
  void acceptAll();
  void takeCompletions();
  void advance(Connection& connection);
  bool read(Connection& connection);
  void takeRequest(Connection& connection);
  void answer(Connection& connection);
  void consumeRequest(Connection& connection);
  void refuse(Connection& connection, int status, std::string_view reason, Rejection why);
  void send(Connection& connection, const Response& response, Protocol protocol, Body body);
  void flush(Connection& connection);
  void close(Connection& connection);
  void workQueue();
  void sweep();
  [[nodiscard]] bool drained() const;
  Connection* find(std::uint64_t token);

  Core& core_;
  std::size_t index_;
  int listener_;
  int poll_ = -1;
  int wake_ = -1;
  std::vector<std::unique_ptr<Connection>> connections_;  ///< by descriptor
  std::vector<std::unique_ptr<Connection>> gone_;         ///< freed at the end of the turn
  std::uint64_t next_number_ = 1;
  std::deque<std::uint64_t> queue_;
  std::vector<std::uint64_t> again_;                      ///< have more to read or to answer
  std::int64_t now_us_ = 0;
  std::int64_t swept_us_ = 0;
  double service_us_ = 20;                                ///< what a request takes, averaged
  std::size_t buffered_ = 0;
  bool listening_ = true;
  std::int64_t drain_began_us_ = 0;
  Response response_;
  simdjson::dom::parser parser_;
  std::vector<std::unique_ptr<ArmScratch>> scratch_;
  std::uint64_t ids_ = 0;
  std::vector<std::function<void()>> after_;
  std::mutex completed_mutex_;
  std::vector<std::pair<std::uint64_t, Response>> completed_;
};

/// Answers a request: checks who asks, finds the route, calls its handler.
void dispatch(Worker& worker, Exchange& exchange);
/// The shape of errors of a protocol.
void answerError(Exchange& exchange, int status, std::string_view message);

// Handlers of routes; each fills the response.
void handleInfer(Worker& worker, Exchange& exchange);
void handleInvocations(Worker& worker, Exchange& exchange);
void handleFeedback(Worker& worker, Exchange& exchange);
void handleModel(Worker& worker, Exchange& exchange);
void handleServer(Worker& worker, Exchange& exchange);

}  // namespace cd4ml::serve
