/// The server: builds what is shared, starts the threads, ends them in order.
#pragma once

#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "runtime/release/live_server.h"
#include "runtime/serve/capture.h"
#include "runtime/serve/control.h"
#include "runtime/serve/feedback.h"
#include "runtime/serve/listen.h"
#include "runtime/serve/shadow.h"
#include "runtime/serve/worker.h"

namespace cd4ml::serve {

class ServerImpl final : public Server {
 public:
  explicit ServerImpl(ServerConfig config) : config_(std::move(config)), core_(config_) {}
  Status run() override;

 private:
  Status checkAddress() const;
  Status openDeploy();
  Status prepare();
  void serve(Listening listening);

  ServerConfig config_;
  Core core_;
  std::optional<release::ServerLock> lock_;
  std::shared_ptr<track::Ledger> ledger_;
  std::unique_ptr<Capture> capture_;
  std::unique_ptr<Shadow> shadow_;
  std::unique_ptr<Feedback> feedback_;
  std::unique_ptr<release::RolloutControl> own_control_;
  std::unique_ptr<Control> control_;
};

}  // namespace cd4ml::serve
