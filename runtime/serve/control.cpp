#include "runtime/serve/control.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/release/live_server.h"
#include "runtime/serve/worker.h"

namespace cd4ml::serve {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t period_us = 50'000;
constexpr std::int64_t write_every_us = 200'000;
constexpr std::int64_t try_again_us = 10'000'000;
constexpr std::size_t warm_champions = 4;  ///< the present one and three before it

Json jsonOf(const release::ArmCounters& arm) {
  Json out{{"model", arm.label}, {"id", arm.id}, {"requests", arm.requests}, {"rows", arm.rows}, {"errors", arm.errors}, {"bad_rows", arm.bad_rows}};
  out["score"] = {{"n", arm.score.n}, {"sum", arm.score.sum}, {"squares", arm.score.squares}, {"positives", arm.positives}};
  out["latency_us"] = {{"p50", arm.latency.quantile(0.5)}, {"p99", arm.latency.quantile(0.99)}, {"counts", arm.latency.counts}};
  return out;
}

}  // namespace

Control::Control(Core& core, std::shared_ptr<track::Ledger> ledger, release::RolloutControl& control)
    : core_(core), ledger_(std::move(ledger)), control_(control) {}

Control::~Control() { stop(); }

void Control::start() { thread_ = std::thread([this] { run(); }); }

void Control::stop() {
  ending_.store(true);
  if (thread_.joinable()) thread_.join();
}

void Control::run() {
  while (!ending_.load()) {
    if (const Status done = step(); !done.ok() && done.error().describe() != last_failure_) {
      last_failure_ = done.error().describe();
      core_.log(last_failure_);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(period_us));
  }
  control_.end();
  written_us_ = 0;
  writeCounters(counters());
}

release::ServingCounters Control::counters() const {
  release::ServingCounters out;
  out.at_us = track::nowMicroseconds();
  const std::shared_ptr<const Serving> serving = core_.serving.load(std::memory_order_acquire);
  if (serving == nullptr) return out;
  out.champion.emplace(release::ArmCounters{.label = serving->champion->label(), .id = serving->champion->id()});
  serving->champion_stats->read(*out.champion);
  if (serving->challenger == nullptr) return out;
  out.challenger.emplace(release::ArmCounters{.label = serving->challenger->label(), .id = serving->challenger->id()});
  serving->challenger_stats->read(*out.challenger);
  serving->challenger_stats->read(out.paired);
  return out;
}

Status Control::step() {
  auto changed = release::RolloutControl::Ledger::Changed;
  if (ledger_ != nullptr) {
    CD4ML_TRY(const std::int64_t version, ledger_->dataVersion());
    changed = version == ledger_version_ ? release::RolloutControl::Ledger::Unchanged : release::RolloutControl::Ledger::Changed;
    ledger_version_ = version;
  }
  const release::ServingCounters seen = counters();
  writeCounters(seen);
  CD4ML_TRY(const release::Routing wanted, control_.control(seen, outcome_, changed));
  if (wanted == in_force_ && core_.serving.load() != nullptr) {
    outcome_ = {.in_force = true, .failure = std::nullopt};
    return Done{};
  }
  if (wanted == refused_ && steadyMicroseconds() - refused_us_ < try_again_us) return Done{};
  route(wanted);
  if (outcome_.failure) return *outcome_.failure;
  return Done{};
}

Result<std::shared_ptr<const Arm>> Control::armOf(const release::WantedModel& wanted) {
  const std::string key = wanted.id + " " + wanted.label + " " + wanted.bundle;
  if (auto held = loaded_[key].lock()) return held;
  const std::string path = wanted.bundle.starts_with('/') || core_.config.state.empty() ? wanted.bundle : core_.config.state + "/" + wanted.bundle;
  CD4ML_TRY(std::shared_ptr<const Arm> arm, Arm::load(path, wanted.label));
  if (!wanted.id.empty() && arm->id() != wanted.id) return makeError("CD5601", fmt::format("`{}` holds another model than the ledger says", path));
  loaded_[key] = arm;
  return arm;
}

void Control::route(const release::Routing& wanted) {
  const auto refuse = [&](Error error) {
    outcome_ = {.in_force = false, .failure = std::move(error)};
    refused_ = wanted;
    refused_us_ = steadyMicroseconds();
    core_.failed_swaps.fetch_add(1);
  };
  if (!wanted.champion) {
    outcome_ = {};
    return;
  }
  auto next = std::make_shared<Serving>();
  auto champion = armOf(*wanted.champion);
  if (!champion.ok()) return refuse(std::move(champion).error());
  next->champion = *champion;
  next->champion_stats = core_.statsOf(next->champion->label(), "champion");
  if (wanted.challenger && wanted.mode != release::ChallengerMode::None) {
    auto challenger = armOf(*wanted.challenger);
    if (!challenger.ok()) return refuse(std::move(challenger).error());
    next->challenger = *challenger;
    next->challenger_stats = core_.statsOf(next->challenger->label(), wanted.mode == release::ChallengerMode::Shadow ? "shadow" : "challenger");
    next->mode = wanted.mode;
    next->share = wanted.share;
    next->salt = spread(wanted.rollout, 0);
  }
  core_.serving.store(std::shared_ptr<const Serving>(next), std::memory_order_release);
  core_.swaps.fetch_add(1);
  if (warm_.empty() || warm_.back() != next->champion) warm_.push_back(next->champion);
  if (warm_.size() > warm_champions) warm_.pop_front();
  in_force_ = wanted;
  refused_ = {};
  outcome_ = {.in_force = true, .failure = std::nullopt};
  std::string line = fmt::format("serving {}", next->champion->label());
  if (next->challenger != nullptr) line += fmt::format(", {} {}", next->challenger->label(), next->mode == release::ChallengerMode::Shadow ? "in the shadow" : fmt::format("answers {:g} %", next->share * 100));
  core_.log(line);
}

void Control::writeCounters(const release::ServingCounters& seen) {
  if (core_.config.state.empty() || core_.config.deploy.empty()) return;
  const std::int64_t now = steadyMicroseconds();
  if (now - written_us_ < write_every_us) return;
  written_us_ = now;
  Json out{{"v", 1}, {"at", track::timeText(seen.at_us)}, {"at_us", seen.at_us}, {"deploy", core_.config.deploy}};
  if (seen.champion) out["champion"] = jsonOf(*seen.champion);
  if (seen.challenger) {
    out["challenger"] = jsonOf(*seen.challenger);
    out["mode"] = in_force_.mode == release::ChallengerMode::Shadow ? "shadow" : "canary";
    out["share"] = in_force_.share;
    out["paired"] = {{"rows", seen.paired.rows}, {"label_differs", seen.paired.label_differs}, {"dropped", seen.paired.dropped}, {"difference_most", seen.paired.difference_most},
                     {"difference", {{"n", seen.paired.difference.n}, {"sum", seen.paired.difference.sum}, {"squares", seen.paired.difference.squares}}}};
  }
  const std::string path = release::serverFile(core_.config.state, core_.config.scope, core_.config.deploy, ".json");
  {
    std::ofstream file(path + ".new", std::ios::binary | std::ios::trunc);
    file << out.dump() << '\n';
  }
  (void)std::rename((path + ".new").c_str(), path.c_str());
}

}  // namespace cd4ml::serve
