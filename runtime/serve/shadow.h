/// Scores mirrored requests by the challenger, after their answers left and on a thread of its own; compares, counts,
/// captures. Whatever happens here, no request notices: a full queue drops, a failure is counted.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "runtime/serve/arm.h"
#include "runtime/serve/ring.h"

namespace cd4ml::serve {

class Worker;
class Capture;

class Shadow {
 public:
  explicit Shadow(Capture* capture);
  ~Shadow();
  Shadow(const Shadow&) = delete;
  Shadow& operator=(const Shadow&) = delete;

  /// Copies the rows now; hands them over when the worker's answer is on its way.
  void mirror(Worker& worker, const std::shared_ptr<const Serving>& serving, const score::RowBatch& batch, const std::string& id,
              const score::Predictions& predictions, const std::vector<score::BadRow>& bad);

 private:
  struct Task {
    std::shared_ptr<const Serving> serving;
    score::RowBatch rows;                 ///< in the champion's columns
    std::string id;
    score::Predictions champion;
    std::vector<score::BadRow> champion_bad;
  };
  void run();
  void compare(Task& task);

  Capture* capture_;
  Ring<std::unique_ptr<Task>> ring_;
  std::atomic<bool> ending_{false};
  std::shared_ptr<const Arm> arm_;        ///< whose workspace it is
  std::unique_ptr<score::RowWorkspace> workspace_;
  std::thread thread_;
};

}  // namespace cd4ml::serve
