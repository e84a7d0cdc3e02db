/// A trained model: what a trainer leaves behind, on plain data, and what turns model inputs into predictions.
///
/// Nothing of the trainer is in it. Features come in the model's own order; each takes one model input, a vector
/// `width` of them. Its encoding is canonical: equal models have equal bytes, and their hash is the model's content id.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "compiler/ir/pipeline.h"
#include "compiler/ir/type.h"
#include "runtime/score/forest.h"

namespace cd4ml::score {

/// From raw scores to predictions: the score itself, exp of it, the probability of true, one probability a class; Shares:
/// the scores are shares of classes already (of true, where there is one).
enum class Link : std::uint8_t { Identity, Exp, Sigmoid, Softmax, Shares };

/// One feature as the model takes it.
struct FeatureInput {
  ir::Kind kind = ir::Kind::Float;
  std::vector<std::string> levels{};  ///< category: code = index; anything else and null is missing (NaN)
  std::uint32_t width = 1;          ///< model inputs it takes; more than 1 for a vector only
};

/// raw[o] = intercept[o] + Σ weights[o * inputs + i] * input[i], in the order of i.
struct Linear {
  std::uint32_t inputs = 0;
  std::vector<double> weights{};    ///< outputs × inputs
  std::vector<double> intercept{};  ///< one an output
};

struct Keyed;

struct Model {
  std::string algorithm;                ///< row of stdlib/models.def
  ir::Task task = ir::Task::Regression;
  ir::Kind target = ir::Kind::Float;    ///< what the target is: predictions are given as this kind
  Link link = Link::Identity;
  std::vector<FeatureInput> features{};
  std::vector<std::string> classes{};     ///< multiclass, in the order of the outputs
  std::variant<Forest, Linear> body{};
  double threshold = 0.5;               ///< binary: probability from which true is predicted
  /// One model a key; the model's own body then scores the rows that have no model, if there is a fallback.
  std::shared_ptr<const Keyed> keyed{};

  [[nodiscard]] std::uint32_t inputs() const;   ///< model inputs in all
  [[nodiscard]] std::uint32_t outputs() const;  ///< raw scores a row
};

/// `model … per`: models by the values of key columns.
struct Keyed {
  std::vector<ir::Kind> kinds;       ///< of the key columns
  std::vector<std::string> keys;     ///< `keyOf` of each, ascending
  std::vector<Model> models;         ///< of each key; same features and task, levels and classes of their own
  bool fallback = false;
};

/// The canonical bytes of a model, and back. Damaged or foreign bytes are an Error (CD5601), never trusted.
[[nodiscard]] std::string encodeModel(const Model& model);
[[nodiscard]] Result<Model> decodeModel(std::string_view bytes);
/// Content id of a model: the hash of its canonical bytes.
[[nodiscard]] Digest contentId(const Model& model);

}  // namespace cd4ml::score
