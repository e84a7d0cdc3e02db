/// What the engine holds in memory: columns and models by content id, fitted states by feature. Backed by the CAS for
/// what is worth writing. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/digest.h"
#include "base/result.h"
#include "runtime/data/column.h"
#include "runtime/score/fitted.h"
#include "runtime/store/cas.h"

namespace cd4ml::engine {

class Artifacts {
 public:
  explicit Artifacts(std::shared_ptr<store::Cas> cas) : cas_(std::move(cas)) {}

  void keepColumn(const Digest& id, const data::Column& column);
  /// From memory, else from the CAS; nullopt when it is in neither. A damaged blob counts as absent.
  [[nodiscard]] std::optional<data::Column> column(const Digest& id, const ir::Type& type);
  Status storeColumn(const Digest& id, const data::Column& column);

  void keepBytes(const Digest& id, std::string bytes);
  [[nodiscard]] std::optional<std::string> bytes(const Digest& id);
  Status storeBytes(const Digest& id, const std::string& bytes);

  /// What the values of one feature learned, by node and content of the feature.
  using FittedKey = std::pair<std::uint32_t, Digest>;
  void keepFitted(const FittedKey& key, score::FittedState state);
  [[nodiscard]] std::optional<score::FittedState> fitted(const FittedKey& key);

  /// One thread at a time recomputes the slots of a node; inputs are locked after their users, so no two wait on
  /// each other.
  [[nodiscard]] std::unique_lock<std::mutex> lockNode(std::uint32_t node);

 private:
  std::shared_ptr<store::Cas> cas_;
  std::mutex mutex_;
  std::map<Digest, data::Column> columns_;
  std::map<Digest, std::string> bytes_;
  std::map<FittedKey, score::FittedState> fitted_;
  std::map<std::uint32_t, std::mutex> node_locks_;
};

}  // namespace cd4ml::engine
