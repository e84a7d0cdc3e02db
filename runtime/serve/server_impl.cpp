#include "runtime/serve/server_impl.h"

#include <chrono>
#include <filesystem>
#include <random>

#include <fmt/format.h>

#include "runtime/release/controller.h"

namespace cd4ml::serve {

namespace {

Error noChampion(const std::string& deploy) {
  Error error = makeError("CD6004", fmt::format("`{}` has no champion yet", deploy));
  error.help.push_back(fmt::format("cd4mlc deploy {}", deploy));
  return error;
}

}  // namespace

Status ServerImpl::checkAddress() const {
  CD4ML_TRY(const bool loopback, isLoopback(config_.host));
  if (loopback || !config_.token.empty()) return Done{};
  Error error = makeError("CD5704", fmt::format("`{}` can be reached from other machines, and no token is set", config_.host));
  error.help.emplace_back("set CD4ML_SERVE_TOKEN; clients send it as `Authorization: Bearer TOKEN`");
  return error;
}

Status ServerImpl::openDeploy() {
  CD4ML_TRY(lock_, release::ServerLock::acquire(config_.state, config_.scope, config_.deploy));
  if (!lock_) {
    const auto holder = release::liveServer(config_.state, config_.scope, config_.deploy);
    return makeError("CD5709", fmt::format("`{}` is being served already{}", config_.deploy, holder && !holder->empty() ? ", at " + *holder : ""));
  }
  CD4ML_TRY(ledger_, track::Ledger::openExisting(config_.state + "/ledger.db"));
  if (ledger_ == nullptr) return noChampion(config_.deploy);
  const std::string traffic = fmt::format("{}/traffic/{}.{}.{}", config_.state, config_.scope.pipeline, config_.scope.profile, config_.deploy);
  CD4ML_TRY(auto labels, store::LabelStore::open(traffic + "/labels.db"));
  feedback_ = std::make_unique<Feedback>(std::move(labels));
  core_.feedback = feedback_.get();
  if (config_.capture > 0 && config_.engine) {
    capture_ = std::make_unique<Capture>(CaptureSettings{.folder = traffic, .share = config_.capture, .engine = config_.engine, .log = config_.log});
    core_.capture = capture_.get();
  }
  return Done{};
}

Status ServerImpl::prepare() {
  core_.started_us = track::nowMicroseconds();
  std::random_device random;
  core_.id_seed = static_cast<std::uint64_t>(random()) << 32U | random();
  CD4ML_TRY_VOID(checkAddress());
  if (config_.bundle.empty()) {
    CD4ML_TRY_VOID(openDeploy());
    own_control_ = std::make_unique<release::LedgerControl>(ledger_, config_.scope, config_.deploy);
  } else {
    own_control_ = std::make_unique<BundleControl>(std::filesystem::absolute(config_.bundle).string());
  }
  shadow_ = std::make_unique<Shadow>(core_.capture);
  core_.shadow = shadow_.get();
  control_ = std::make_unique<Control>(core_, ledger_, config_.control != nullptr ? *config_.control : *own_control_);
  CD4ML_TRY_VOID(control_->step());
  if (core_.serving.load() == nullptr) return noChampion(config_.deploy);
  return Done{};
}

void ServerImpl::serve(Listening listening) {
  std::vector<std::unique_ptr<Worker>> workers;
  for (std::size_t i = 0; i < listening.sockets.size(); ++i) workers.push_back(std::make_unique<Worker>(core_, i, listening.sockets[i]));
  std::vector<std::thread> threads;
  for (auto& worker : workers) threads.emplace_back([&worker] { worker->run(); });
  control_->start();
  if (config_.listening) config_.listening(listening.address);
  while (config_.stop == nullptr || !config_.stop->load()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  core_.log("draining: no new requests are taken");
  core_.draining.store(true, std::memory_order_release);
  for (auto& worker : workers) worker->wake();
  for (std::thread& thread : threads) thread.join();
  control_->stop();
  // Labels that wait are stored, though their clients are gone; then what was captured is written.
  feedback_.reset();
  shadow_.reset();
  capture_.reset();
}

Status ServerImpl::run() {
  CD4ML_TRY_VOID(prepare());
  CD4ML_TRY(Listening listening, listenAt(config_.host, config_.port, config_.threads));
  core_.port.store(listening.port);
  if (lock_) CD4ML_TRY_VOID(lock_->tell(listening.address));
  serve(std::move(listening));
  return Done{};
}

}  // namespace cd4ml::serve
