#include "runtime/notify/deliver.h"

#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

namespace cd4ml::notify {

namespace {

/// Held by the kernel for this process: gone with it, however it ends.
class DeliveryLock {
 public:
  explicit DeliveryLock(const std::string& path) : file_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (file_ >= 0) flock(file_, LOCK_EX);
  }
  DeliveryLock(const DeliveryLock&) = delete;
  DeliveryLock& operator=(const DeliveryLock&) = delete;
  ~DeliveryLock() {
    if (file_ >= 0) close(file_);
  }
  [[nodiscard]] bool held() const { return file_ >= 0; }

 private:
  int file_;
};

Result<Attempt> deliverOne(track::Ledger& ledger, const track::Message& message, const DeliveryOptions& options) {
  for (std::size_t i = 0;; ++i) {
    Attempt attempt = options.attempt(message);
    const auto before = message.attempts + static_cast<std::int64_t>(i);
    if (attempt.outcome == track::Outcome::Retry && before + 1 >= options.attempts_in_all) {
      attempt.outcome = track::Outcome::GivenUp;
    }
    CD4ML_TRY_VOID(track::recordAttempt(ledger, message, attempt.outcome, attempt.detail));
    const bool again = attempt.outcome == track::Outcome::Retry && i < options.pauses.size() && !options.cancelled();
    if (!again) return attempt;
    std::this_thread::sleep_for(options.pauses[i]);
  }
}

}  // namespace

Result<std::vector<Delivery>> deliverPending(track::Ledger& ledger, const DeliveryOptions& options) {
  std::vector<Delivery> deliveries;
  {
    CD4ML_TRY(const std::vector<track::Message> waiting, track::pendingMessages(ledger));
    if (waiting.empty()) return deliveries;
  }
  const DeliveryLock lock(options.lock_file);
  if (!lock.held()) return makeError("CD6001", fmt::format("cannot open the lock `{}`", options.lock_file));
  // Read again: another process may have delivered them while we waited.
  CD4ML_TRY(const std::vector<track::Message> waiting, track::pendingMessages(ledger));
  for (const track::Message& message : waiting) {
    if (options.cancelled()) break;
    CD4ML_TRY(const Attempt last, deliverOne(ledger, message, options));
    deliveries.push_back({message, last});
  }
  return deliveries;
}

}  // namespace cd4ml::notify
