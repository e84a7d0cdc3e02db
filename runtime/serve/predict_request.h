/// Rows of a request to predictions: routed to an arm, scored, counted; mirrored and captured where that is wanted.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/serve/worker.h"

namespace cd4ml::serve {

/// Predictions of the rows of a batch.
struct Scored {
  const score::Predictions* predictions = nullptr;
  std::vector<score::BadRow> bad{};     ///< rows without a prediction, with the reason as a client may read it
  score::ScoredRows held{};             ///< of batches that are too large for the row program
};

/// A reject names the row and why; a status of 500 is our own failure.
Rejected scoreBatch(const Arm& arm, score::RowBatch& batch, score::OnError on_error, score::RowWorkspace* workspace, Scored& out);

using Decode = std::function<Rejected(Decoder&, score::RowBatch&, Ask&)>;

/// What answers a request.
struct Prediction {
  std::shared_ptr<const Arm> arm;
  Ask ask{};
  Scored scored{};
  std::string id{};                    ///< of the request
};

/// Decodes, routes and scores. `version`: asked for by the address; empty: as routed. On a reject the exchange is answered.
bool predictRequest(Worker& worker, Exchange& exchange, std::string_view version, const Decode& decode, Prediction& out);

/// Id of a row's prediction: of a single row that of the request, else ID.ROW.
[[nodiscard]] std::string rowId(const std::string& id, std::int64_t rows, std::int64_t row);

}  // namespace cd4ml::serve
