/// Model versions and champions in the ledger.
///
/// `late@7`: version numbers are given per (pipeline, profile, model) when a model id first appears. A champion belongs
/// to (pipeline, profile, deploy). Changing a champion and queueing the messages about it is one transaction
/// (`decideRelease`).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/track/ledger.h"
#include "runtime/track/runs.h"

namespace cd4ml::track {

struct ModelVersion {
  Scope scope{};
  std::string model{};       ///< the node's name
  std::int64_t version = 0;
  std::string id{};          ///< model id, "b3:…"
  std::string content{};     ///< content id of the model's slot
  std::string run{};         ///< that first made it
  std::int64_t at_us = 0;
  std::string bundle{};      ///< path below the state folder
  std::string evidence{};    ///< JSON of the newest evidence: metrics, verdicts, provenance

  [[nodiscard]] std::string label() const { return model + "@" + std::to_string(version); }
};

struct Champion {
  Scope scope{};
  std::string deploy{};
  std::string model{};
  std::int64_t version = 0;
  std::string id{};              ///< model id
  std::string bundle{};          ///< path below the state folder
  std::string run{};
  std::string how{};             ///< deploy, override, promote, rollback
  std::string reason{};          ///< of an override, a rollout, a rollback
  std::string by{};              ///< who decided so: a person, "deploy", "agent", "server"
  std::int64_t at_us = 0;

  [[nodiscard]] std::string label() const { return model + "@" + std::to_string(version); }
};

/// Gives the model its version, or finds the one it has; newer evidence and bundle replace what was recorded.
Result<ModelVersion> registerModel(Ledger& ledger, const ModelVersion& model);

/// All versions of a scope, by model name, then version.
[[nodiscard]] Result<std::vector<ModelVersion>> listModels(Ledger& ledger, const Scope& scope);
/// Scopes that have models, sorted.
[[nodiscard]] Result<std::vector<Scope>> scopesWithModels(Ledger& ledger);
/// `late@7`, or `late` for its newest version.
[[nodiscard]] Result<std::optional<ModelVersion>> findModel(Ledger& ledger, const Scope& scope, std::string_view label);

/// Present champion of a deploy, if it has one.
[[nodiscard]] Result<std::optional<Champion>> championOf(Ledger& ledger, const Scope& scope, const std::string& deploy);
/// Every champion the deploy ever had, oldest first.
[[nodiscard]] Result<std::vector<Champion>> championsOf(Ledger& ledger, const Scope& scope, const std::string& deploy);
/// Present champions of all deploys of a scope, by deploy.
[[nodiscard]] Result<std::vector<Champion>> listChampions(Ledger& ledger, const Scope& scope);
/// The present champion as a transaction sees it.
[[nodiscard]] Result<std::optional<Champion>> championIn(const Ledger::Transaction& transaction, const Scope& scope,
                                                         const std::string& deploy);
/// The champion that an entry of kind "champion" made.
[[nodiscard]] Champion championFrom(const Entry& entry);
Status appendChampion(Ledger::Transaction& transaction, const Champion& champion);

}  // namespace cd4ml::track
