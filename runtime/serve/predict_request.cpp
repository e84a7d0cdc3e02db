#include "runtime/serve/predict_request.h"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/serve/capture.h"
#include "runtime/serve/shadow.h"

namespace cd4ml::serve {

namespace {

constexpr std::size_t longest_id = 256;

/// The column of a row that holds none of a closed category's levels; the value itself is not for the answer.
std::optional<std::string> foreignLevel(const Arm& arm, const score::RowBatch& batch, std::int64_t row) {
  const auto& inputs = arm.bundle().program.inputs;
  for (std::size_t c = 0; c < inputs.size(); ++c) {
    if (inputs[c].type.kind != ir::Kind::Category || inputs[c].type.levels == nullptr || !batch.columns()[c].isValid(row)) continue;
    const auto& levels = *inputs[c].type.levels;
    if (std::find(levels.begin(), levels.end(), batch.columns()[c].texts[static_cast<std::size_t>(row)]) != levels.end()) continue;
    return fmt::format("column `{}` is none of {}", inputs[c].name, ir::typeText(inputs[c].type));
  }
  return std::nullopt;
}

Rejected checkId(std::string_view id) {
  if (id.size() > longest_id) return reject(fmt::format("an id has at most {} bytes", longest_id));
  const bool plain = std::all_of(id.begin(), id.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
  return plain ? std::nullopt : reject("an id has no control characters");
}

/// What a canary is sticky by: the key the client names, the @key columns of its first row, or the id.
std::uint64_t routeKey(const Arm& arm, const score::RowBatch& batch, const Ask& ask, const std::string& id, std::uint64_t salt) {
  if (!ask.key.empty()) return spread(ask.key, salt);
  if (arm.keyColumns().empty()) return spread(id, salt);
  std::uint64_t key = salt;
  for (const std::size_t c : arm.keyColumns()) {
    const score::RowBatch::Column& column = batch.columns()[c];
    if (!column.isValid(0)) key = spread("", key);
    else if (!column.texts.empty()) key = spread(column.texts[0], key);
    else if (column.bytes != nullptr) key = spread({reinterpret_cast<const char*>(column.bytes), 1}, key);
    else key = spread({reinterpret_cast<const char*>(column.words), 8}, key);
  }
  return key;
}

bool sameInputs(const Arm& a, const Arm& b) {
  const auto& x = a.bundle().program.inputs;
  const auto& y = b.bundle().program.inputs;
  return x.size() == y.size() && std::equal(x.begin(), x.end(), y.begin(), [](const ir::Column& p, const ir::Column& q) { return p.name == q.name && p.type.kind == q.type.kind && p.type.nullable == q.type.nullable; });
}

/// One arm's part in a request.
struct Turn {
  std::shared_ptr<const Arm> arm;
  ArmStats* stats = nullptr;
  std::string_view role;
};

/// `failed`: by our fault. Rows that were refused are the client's.
void countTurn(Worker& worker, const Turn& turn, const Scored& scored, std::int64_t rows, bool failed, std::int64_t took_us) {
  ArmBlock& block = turn.stats->block(worker.index());
  const auto all = static_cast<std::uint64_t>(rows);
  block.requests.add(1);
  block.rows.add(failed ? 0 : all - scored.bad.size());
  block.errors.add(failed ? all : 0);
  block.bad_rows.add(failed ? 0 : scored.bad.size());
  block.addLatency(took_us);
  if (!failed) block.addScores(*scored.predictions, scored.bad, turn.arm->task());
}

void countWorse(Worker& worker, const Turn& turn, std::size_t rows) {
  turn.stats->block(worker.index()).requests.add(1);
  turn.stats->block(worker.index()).errors.add(rows);
}

/// The challenger's answer to rows in the champion's columns. Where it cannot answer all of them there is none: the champion
/// answers, so that a canary costs no client anything; what the champion takes counts against the challenger.
bool tryChallenger(Worker& worker, const Turn& challenger, ArmScratch& champion, const Decode& decode, const Ask& asked, Scored& out) {
  ArmScratch& own = worker.scratchOf(challenger.arm);
  const auto rows = static_cast<std::size_t>(champion.batch.rows());
  const bool same = sameInputs(*champion.arm, *challenger.arm);
  if (!same) {
    Ask ask = asked;
    ask.outputs.clear();
    ask.unknown = UnknownColumns::Ignore;
    if (decode(own.decoder, own.batch, ask)) return countWorse(worker, challenger, rows), false;
  } else {
    std::swap(own.batch, champion.batch);
  }
  const Rejected bad = scoreBatch(*challenger.arm, own.batch, score::OnError::Null, own.workspace.get(), out);
  if (!bad && out.bad.empty()) return true;
  if (same) std::swap(own.batch, champion.batch);
  Scored other;
  const Rejected refused = scoreBatch(*champion.arm, champion.batch, score::OnError::Null, champion.workspace.get(), other);
  std::size_t worse = bad ? rows : 0;
  for (const score::BadRow& row : out.bad) {
    worse += std::any_of(other.bad.begin(), other.bad.end(), [&](const score::BadRow& each) { return each.row == row.row; }) ? 0 : 1;
  }
  if (!refused && worse > 0) countWorse(worker, challenger, worse);
  return false;
}

}  // namespace

std::string rowId(const std::string& id, std::int64_t rows, std::int64_t row) { return rows == 1 ? id : fmt::format("{}.{}", id, row); }

Rejected scoreBatch(const Arm& arm, score::RowBatch& batch, score::OnError on_error, score::RowWorkspace* workspace, Scored& out) {
  out.bad.clear();
  if (workspace != nullptr && batch.rows() <= score::RowProgram::most_rows) {
    out.predictions = arm.program()->score(batch, *workspace);
    if (out.predictions != nullptr) return std::nullopt;
  }
  Result<score::ScoredRows> scored = arm.scorer().score(batch.views(), batch.rows(), score::OnError::Null, 1, "request");
  if (!scored.ok()) return Reject{500, "the rows could not be scored"};
  out.held = std::move(*scored);
  out.predictions = &out.held.predictions;
  out.bad = std::move(out.held.bad);
  for (score::BadRow& row : out.bad) {
    if (auto reason = foreignLevel(arm, batch, row.row)) row.reason = std::move(*reason);
  }
  if (out.bad.empty() || on_error == score::OnError::Null) return std::nullopt;
  return reject(fmt::format("row {} cannot be scored: {}", out.bad[0].row + 1, out.bad[0].reason));
}

bool predictRequest(Worker& worker, Exchange& exchange, std::string_view version, const Decode& decode, Prediction& out) {
  const std::shared_ptr<const Serving> serving = worker.core().serving.load(std::memory_order_acquire);
  if (serving == nullptr) return answerError(exchange, 503, "no model is loaded yet"), false;
  const auto fail = [&](const Reject& bad) {
    answerError(exchange, bad.status, bad.message);
    return false;
  };
  const bool has_challenger = serving->challenger != nullptr;
  Turn champion{serving->champion, serving->champion_stats.get(), "champion"};
  Turn challenger{serving->challenger, serving->challenger_stats.get(), "challenger"};
  Turn turn = champion;
  bool asked_version = false;
  if (!version.empty() && version != serving->champion->version()) {
    if (!has_challenger || version != serving->challenger->version()) return fail({404, "this version is not loaded"});
    turn = challenger;
    asked_version = true;
  }
  ArmScratch* scratch = &worker.scratchOf(turn.arm);
  if (exchange.request.on_error == "null") out.ask.on_error = score::OnError::Null;
  if (const Rejected bad = decode(scratch->decoder, scratch->batch, out.ask)) return fail(*bad);
  out.id = out.ask.id.empty() ? std::string(exchange.request.request_id) : std::string(out.ask.id);
  if (out.id.empty()) out.id = worker.newId();
  if (const Rejected bad = checkId(out.id)) return fail(*bad);
  const bool canary = serving->mode == release::ChallengerMode::Canary && has_challenger && version.empty();
  Rejected bad;
  bool answered = false;
  if (canary && inShare(routeKey(*turn.arm, scratch->batch, out.ask, out.id, serving->salt), serving->share)) {
    answered = tryChallenger(worker, challenger, *scratch, decode, out.ask, out.scored);
    if (answered) {
      turn = challenger;
      scratch = &worker.scratchOf(challenger.arm);
    } else {
      scratch = &worker.scratchOf(turn.arm);
    }
  }
  if (!answered) bad = scoreBatch(*turn.arm, scratch->batch, out.ask.on_error, scratch->workspace.get(), out.scored);
  const std::int64_t rows = scratch->batch.rows();
  countTurn(worker, turn, out.scored, rows, bad && bad->status == 500, steadyMicroseconds() - exchange.connection.arrived_us);
  worker.block().batch_rows[std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(rows)) - 1), 17)].add(1);
  out.arm = turn.arm;
  if (bad) return fail(*bad);
  if (worker.core().capture != nullptr) worker.core().capture->offer({turn.arm, turn.role, out.id, &scratch->batch, out.scored.predictions, &out.scored.bad});
  const bool mirrored = serving->mode == release::ChallengerMode::Shadow && has_challenger && !asked_version && version.empty();
  if (mirrored && worker.core().shadow != nullptr) worker.core().shadow->mirror(worker, serving, scratch->batch, out.id, *out.scored.predictions, out.scored.bad);
  return true;
}

}  // namespace cd4ml::serve
