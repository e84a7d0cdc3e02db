/// A model that serves: its bundle made ready, with what is said of it outside, and the routing between two of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/release/rollout_control.h"
#include "runtime/score/row_program.h"
#include "runtime/score/score_rows.h"
#include "runtime/serve/counters.h"
#include "runtime/serve/decode.h"

namespace cd4ml::serve {

/// Immutable.
class Arm {
 public:
  /// Loads, checks that a server can serve it, and scores its golden rows. CD5601 …, CD5706, CD5710.
  static Result<std::shared_ptr<const Arm>> load(const std::string& path, const std::string& label);

  [[nodiscard]] const score::Bundle& bundle() const { return scorer_.bundle(); }
  [[nodiscard]] const score::RowScorer& scorer() const { return scorer_; }
  [[nodiscard]] const score::RowProgram* program() const { return program_.get(); }
  [[nodiscard]] const InputSchema& schema() const { return schema_; }
  [[nodiscard]] const std::string& label() const { return label_; }      ///< `late@7`; of a bundle file `late`
  [[nodiscard]] const std::string& model() const { return model_; }      ///< `late`
  [[nodiscard]] const std::string& version() const { return version_; }  ///< `7`; of a bundle file the model id's first digits
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] ir::Task task() const { return bundle().model.task; }
  /// Place of the column by which canaries are sticky; nothing: the model has no @key input.
  [[nodiscard]] const std::vector<std::size_t>& keyColumns() const { return keys_; }

 private:
  Arm(score::Bundle bundle, std::string label);
  score::RowScorer scorer_;
  std::unique_ptr<score::RowProgram> program_;
  InputSchema schema_;
  std::string label_;
  std::string model_;
  std::string version_;
  std::string id_;
  std::vector<std::size_t> keys_;
};

/// Which arms serve, and how; swapped as a whole.
struct Serving {
  std::shared_ptr<const Arm> champion;
  std::shared_ptr<const Arm> challenger;
  std::shared_ptr<ArmStats> champion_stats;
  std::shared_ptr<ArmStats> challenger_stats;  ///< of its role: of what it answered, or of what it scored in the shadow
  release::ChallengerMode mode = release::ChallengerMode::None;
  double share = 0;
  std::uint64_t salt = 0;   ///< of the rollout: different rollouts draw different keys
};

/// Spreads any bytes over all 64-bit numbers; the same in every process.
[[nodiscard]] std::uint64_t spread(std::string_view bytes, std::uint64_t salt);
/// Whether a spread number falls into a share.
[[nodiscard]] inline bool inShare(std::uint64_t spread, double share) {
  return static_cast<double>(spread >> 11U) * 0x1p-53 < share;
}

/// The golden rows of a bundle (section `golden`), scored again; an error names the first that differs. Without the section
/// there is nothing to hold the model to.
Status selfTest(const score::RowScorer& scorer, const std::string& label);

}  // namespace cd4ml::serve
