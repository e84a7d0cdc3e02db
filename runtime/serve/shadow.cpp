#include "runtime/serve/shadow.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "runtime/serve/capture.h"
#include "runtime/serve/predict_request.h"
#include "runtime/serve/worker.h"

namespace cd4ml::serve {

namespace {

constexpr std::size_t queue_size = 4096;

/// The rows in the columns of another model; false where one is not there or of another type.
bool inColumnsOf(const Arm& to, const Arm& from, score::RowBatch& rows, score::RowBatch& out) {
  const auto& inputs = to.bundle().program.inputs;
  out = score::RowBatch(inputs);
  out.reset(rows.rows());
  for (std::size_t c = 0; c < inputs.size(); ++c) {
    const int place = from.schema().find(inputs[c].name);
    if (place < 0 || from.bundle().program.inputs[static_cast<std::size_t>(place)].type.kind != inputs[c].type.kind) return false;
    const score::RowBatch::Column& source = rows.columns()[static_cast<std::size_t>(place)];
    score::RowBatch::Column& target = out.columns()[c];
    for (std::int64_t r = 0; r < rows.rows(); ++r) {
      if (!source.isValid(r)) target.setNull(r);
      else if (!source.texts.empty()) target.setText(r, source.texts[static_cast<std::size_t>(r)]);
      else if (source.bytes != nullptr) target.setBool(r, source.bytes[r] != 0);
      else target.setWord(r, source.words[r]);
    }
  }
  return true;
}

bool isBad(const std::vector<score::BadRow>& bad, std::size_t row) {
  return std::any_of(bad.begin(), bad.end(), [&](const score::BadRow& each) { return each.row == static_cast<std::int64_t>(row); });
}

}  // namespace

Shadow::Shadow(Capture* capture) : capture_(capture), ring_(queue_size), thread_([this] { run(); }) {}

Shadow::~Shadow() {
  ending_.store(true);
  thread_.join();
}

void Shadow::mirror(Worker& worker, const std::shared_ptr<const Serving>& serving, const score::RowBatch& batch, const std::string& id,
                    const score::Predictions& predictions, const std::vector<score::BadRow>& bad) {
  auto task = std::make_shared<std::unique_ptr<Task>>(std::make_unique<Task>(Task{serving, batch.ownedCopy(), id, predictions, bad}));
  worker.afterAnswer([this, task] {
    if (!ring_.push(*task)) (*task)->serving->challenger_stats->paired().dropped.fetch_add(1, std::memory_order_relaxed);
  });
}

void Shadow::compare(Task& task) {
  const std::shared_ptr<const Arm>& arm = task.serving->challenger;
  ArmBlock& block = task.serving->challenger_stats->block(0);
  PairedBlock& paired = task.serving->challenger_stats->paired();
  if (arm_ != arm) {
    arm_ = arm;
    workspace_ = arm->program() == nullptr ? nullptr : arm->program()->makeWorkspace();
  }
  const std::int64_t began = steadyMicroseconds();
  score::RowBatch rows;
  Scored scored;
  const bool fits = inColumnsOf(*arm, *task.serving->champion, task.rows, rows);
  const bool failed = !fits || scoreBatch(*arm, rows, score::OnError::Null, workspace_.get(), scored).has_value();
  // A row that both refuse is the client's fault; one that the challenger alone refuses is the challenger's.
  const auto all = static_cast<std::uint64_t>(task.rows.rows());
  std::uint64_t worse = 0;
  for (const score::BadRow& bad : scored.bad) worse += isBad(task.champion_bad, static_cast<std::size_t>(bad.row)) ? 0 : 1;
  block.requests.add(1);
  block.rows.add(failed ? 0 : all - scored.bad.size());
  block.errors.add(failed ? all : worse);
  block.bad_rows.add(failed ? 0 : scored.bad.size() - worse);
  block.addLatency(steadyMicroseconds() - began);
  if (failed) return;
  block.addScores(*scored.predictions, scored.bad, arm->task());
  const bool comparable = arm->task() == task.serving->champion->task();
  for (std::size_t r = 0; comparable && r < static_cast<std::size_t>(rows.rows()); ++r) {
    if (isBad(scored.bad, r) || isBad(task.champion_bad, r)) continue;
    const double difference = scoreOf(*scored.predictions, arm->task(), r) - scoreOf(task.champion, arm->task(), r);
    if (!std::isfinite(difference)) continue;
    paired.rows.add(1);
    paired.difference_sum.add(difference);
    paired.difference_squares.add(difference * difference);
    paired.difference_most.raise(std::fabs(difference));
    if (arm->task() != ir::Task::Regression && scored.predictions->label[r] != task.champion.label[r]) paired.label_differs.add(1);
  }
  if (capture_ != nullptr) capture_->offer({arm, "shadow", task.id, &rows, scored.predictions, &scored.bad});
}

void Shadow::run() {
  while (!ending_.load()) {
    std::unique_ptr<Task> task;
    bool any = false;
    while (!ending_.load() && ring_.pop(task)) {
      any = true;
      compare(*task);
    }
    if (!any) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace cd4ml::serve
