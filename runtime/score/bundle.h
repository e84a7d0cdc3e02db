/// The model bundle: one file that holds everything needed to score and to judge a model. Spec: docs/design/bundle.md.
///
/// The model part (scoring program, fitted state, model, input schema) is addressed by its content: its hash is the
/// model id. The other sections name that id; readers skip sections they do not know. Reading needs neither Arrow nor
/// a compiler. What a file says is checked before it is believed.
#pragma once

#include <map>
#include <string>

#include "base/digest.h"
#include "base/result.h"
#include "compiler/ir/scoring.h"
#include "runtime/score/fitted.h"
#include "runtime/score/model.h"

namespace cd4ml::score {

struct Bundle {
  ir::ScoringProgram program;  ///< node ids invalid; names, texts and docs are not in the model id
  FittedState fitted;          ///< by value of program.graph
  std::map<std::uint32_t, std::string> lookups;  ///< snapshots by lookup index, as encoded by their owner
  Model model;
  std::string pipeline;        ///< for people
  std::string model_name;
  /// Further sections by name: "evidence" (JSON), "provenance" (JSON), "golden", "baseline".
  std::map<std::string, std::string> sections;
};

/// Hash of the model part.
[[nodiscard]] Digest modelId(const Bundle& bundle);

[[nodiscard]] std::string encodeFitted(const FittedState& fitted);
[[nodiscard]] Result<FittedState> decodeFitted(std::string_view bytes);

/// The whole file, and back; `where` names it in errors (CD5601 damaged, CD5602 of a later version).
[[nodiscard]] std::string encodeBundle(const Bundle& bundle);
[[nodiscard]] Result<Bundle> decodeBundle(std::string_view bytes, const std::string& where);

/// Writes by temporary file and rename, mode 0600; gives the model id.
Result<Digest> writeBundle(const Bundle& bundle, const std::string& path);
[[nodiscard]] Result<Bundle> readBundle(const std::string& path);

}  // namespace cd4ml::score
