/// Labels that come back for predictions: stored durably before they are acknowledged, several requests in one transaction.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/serve/http_response.h"
#include "runtime/store/label_store.h"

namespace cd4ml::serve {

class Feedback {
 public:
  explicit Feedback(std::unique_ptr<store::LabelStore> store);
  /// Stores what waits and ends.
  ~Feedback();
  Feedback(const Feedback&) = delete;
  Feedback& operator=(const Feedback&) = delete;

  struct Job {
    store::LabelStore::Batch batch;
    std::function<void(Response)> answer;   ///< called by the storing thread
  };
  /// False: too many wait.
  bool put(Job job);

  [[nodiscard]] std::uint64_t stored() const { return stored_.load(std::memory_order_relaxed); }

 private:
  void run();

  std::unique_ptr<store::LabelStore> store_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Job> waiting_;
  bool ending_ = false;
  std::atomic<std::uint64_t> stored_{0};
  std::thread thread_;
};

}  // namespace cd4ml::serve
