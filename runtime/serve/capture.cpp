#include "runtime/serve/capture.h"

#include <bit>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "runtime/serve/predict_request.h"
#include "runtime/track/ledger.h"

namespace cd4ml::serve {

namespace {

/// A column of the batch that is put together for the engine.
class Gathered {
 public:
  Gathered(std::string name, ir::Kind kind) : name_(std::move(name)), kind_(kind) {}

  void addText(std::string_view text) {
    bytes_.append(text);
    close(true);
  }
  void addWord(std::int64_t word) {
    words_.push_back(word);
    close(true);
  }
  void addFlag(bool flag) {
    flags_.push_back(flag ? 1 : 0);
    close(true);
  }
  void addNull() {
    if (kind_ == ir::Kind::Bool) flags_.push_back(0);
    else if (kind_ != ir::Kind::Text && kind_ != ir::Kind::Category) words_.push_back(0);
    close(false);
  }
  void clear() {
    bytes_.clear();
    words_.clear();
    flags_.clear();
    validity_.clear();
    offsets_.assign(1, 0);
    rows_ = 0;
  }
  [[nodiscard]] engine::TrafficColumn column() const {
    const bool text = kind_ == ir::Kind::Text || kind_ == ir::Kind::Category;
    score::ColumnView view{.kind = text ? ir::Kind::Text : kind_, .rows = rows_, .values = words_.data(), .offsets = nullptr, .validity = validity_.data(), .dictionary = nullptr};
    if (kind_ == ir::Kind::Bool) view.values = flags_.data();
    if (text) view.values = bytes_.data(), view.offsets = offsets_.data();
    return {name_, {.kind = kind_, .nullable = true}, view};
  }

 private:
  void close(bool there) {
    offsets_.push_back(static_cast<std::int64_t>(bytes_.size()));
    if (rows_ % 8 == 0) validity_.push_back(0);
    if (there) validity_.back() |= static_cast<std::uint8_t>(1U << (rows_ % 8));
    ++rows_;
  }

  std::string name_;
  ir::Kind kind_;
  std::int64_t rows_ = 0;
  std::string bytes_;
  std::vector<std::int64_t> words_;
  std::vector<std::uint8_t> flags_;
  std::vector<std::uint8_t> validity_;
  std::vector<std::int64_t> offsets_{0};
};

bool isKept(const ir::Column& input) { return !input.has(ir::Role::Pii); }

ir::Kind predictionKind(const score::Model& model) {
  switch (model.task) {
    case ir::Task::Binary: return ir::Kind::Bool;
    case ir::Task::Multiclass: return ir::Kind::Category;
    case ir::Task::Regression: break;
  }
  const bool whole = model.target == ir::Kind::Date || model.target == ir::Kind::Timestamp || model.target == ir::Kind::Duration;
  return whole ? model.target : ir::Kind::Float;
}

}  // namespace

/// Gathers rows of one set of columns and appends them to a file.
class Capture::Writer {
 public:
  explicit Writer(Capture& capture) : capture_(capture), settings_(capture.settings_) {}

  void add(const Record& record) {
    if (columns_.empty() || !sameColumns(*record.arm)) {
      flush();
      endFile();
      begin(*record.arm);
    }
    const auto& inputs = record.arm->bundle().program.inputs;
    for (std::int64_t r = 0; r < record.rows.rows(); ++r) {
      std::size_t at = 0;
      for (std::size_t c = 0; c < inputs.size(); ++c) {
        if (isKept(inputs[c])) addInput(record.rows.columns()[c], r, columns_[at++]);
      }
      addOwn(record, r, at);
      ++rows_;
    }
    if (rows_ >= settings_.rows_a_batch) flush();
  }

  void flush() {
    if (rows_ == 0) return;
    const std::uint64_t rows = rows_;
    rows_ = 0;
    const Status done = write(rows);
    for (Gathered& column : columns_) column.clear();
    capture_.kept_.fetch_add(done.ok() ? rows : 0, std::memory_order_relaxed);
    if (done.ok()) return;
    capture_.dropped_.fetch_add(rows, std::memory_order_relaxed);
    if (!failed_ && settings_.log) settings_.log(fmt::format("captured rows are lost: {}", done.error().describe()));
    failed_ = true;
    path_.clear();
  }

  void endFile() {
    if (path_.empty()) return;
    if (auto engine = settings_.engine(); engine.ok()) (void)(*engine)->closeTraffic(path_);
    path_.clear();
  }

 private:
  [[nodiscard]] bool sameColumns(const Arm& arm) const {
    std::vector<std::pair<std::string, ir::Kind>> shape = shapeOf(arm);
    return shape == shape_;
  }
  static std::vector<std::pair<std::string, ir::Kind>> shapeOf(const Arm& arm) {
    std::vector<std::pair<std::string, ir::Kind>> shape;
    for (const ir::Column& input : arm.bundle().program.inputs) {
      if (isKept(input)) shape.emplace_back(input.name, input.type.kind);
    }
    shape.emplace_back("_id", ir::Kind::Text);
    shape.emplace_back("_at", ir::Kind::Timestamp);
    shape.emplace_back("_arm", ir::Kind::Category);
    shape.emplace_back("_model", ir::Kind::Category);
    shape.emplace_back("_prediction", predictionKind(arm.bundle().model));
    shape.emplace_back("_probability", ir::Kind::Float);
    return shape;
  }

  void begin(const Arm& arm) {
    shape_ = shapeOf(arm);
    columns_.clear();
    for (const auto& [name, kind] : shape_) columns_.emplace_back(name, kind);
  }

  static void addInput(const score::RowBatch::Column& from, std::int64_t row, Gathered& to) {
    if (!from.isValid(row)) to.addNull();
    else if (!from.texts.empty()) to.addText(from.texts[static_cast<std::size_t>(row)]);
    else if (from.bytes != nullptr) to.addFlag(from.bytes[row] != 0);
    else to.addWord(from.words[row]);
  }

  void addOwn(const Record& record, std::int64_t row, std::size_t at) {
    const auto r = static_cast<std::size_t>(row);
    const score::Model& model = record.arm->bundle().model;
    const score::Predictions& said = record.predictions;
    columns_[at++].addText(rowId(record.id, record.rows.rows(), row));
    columns_[at++].addWord(record.at_us);
    columns_[at++].addText(record.role);
    columns_[at++].addText(record.arm->label());
    Gathered& prediction = columns_[at++];
    Gathered& probability = columns_[at];
    const bool bad = std::any_of(record.bad.begin(), record.bad.end(), [&](const score::BadRow& each) { return each.row == row; });
    if (bad) {
      prediction.addNull();
      probability.addNull();
      return;
    }
    switch (model.task) {
      case ir::Task::Binary: prediction.addFlag(said.label[r] != 0); break;
      case ir::Task::Multiclass: prediction.addText(model.classes[static_cast<std::size_t>(said.label[r])]); break;
      case ir::Task::Regression:
        prediction.addWord(predictionKind(model) == ir::Kind::Float ? std::bit_cast<std::int64_t>(said.number[r]) : static_cast<std::int64_t>(std::nearbyint(said.number[r])));
        break;
    }
    if (model.task == ir::Task::Regression) probability.addNull();
    else probability.addWord(std::bit_cast<std::int64_t>(said.probability[r]));
  }

  Status write(std::uint64_t rows) {
    CD4ML_TRY(engine::Engine * engine, settings_.engine());
    const std::int64_t now = track::nowMicroseconds();
    if (!path_.empty() && (bytes_ > settings_.file_bytes || now - began_us_ > settings_.file_us)) endFile();
    if (path_.empty()) {
      std::error_code ignored;
      std::filesystem::create_directories(settings_.folder, ignored);
      path_ = fmt::format("{}/rows-{:020}-{}.arrows", settings_.folder, now, ++files_);
      began_us_ = now;
    }
    engine::TrafficBatch batch{.path = path_, .columns = {}, .rows = static_cast<std::int64_t>(rows)};
    for (const Gathered& column : columns_) batch.columns.push_back(column.column());
    CD4ML_TRY(bytes_, engine->appendTraffic(batch));
    return Done{};
  }

  Capture& capture_;
  const CaptureSettings& settings_;
  std::vector<std::pair<std::string, ir::Kind>> shape_;
  std::vector<Gathered> columns_;
  std::uint64_t rows_ = 0;
  std::string path_;
  std::uint64_t bytes_ = 0;
  std::int64_t began_us_ = 0;
  std::uint64_t files_ = 0;
  bool failed_ = false;
};

Capture::Capture(CaptureSettings settings) : settings_(std::move(settings)), ring_(settings_.ring), thread_([this] { run(); }) {}

Capture::~Capture() {
  ending_.store(true);
  thread_.join();
}

void Capture::offer(const Offer& offer) {
  if (settings_.share < 1 && !inShare(spread(offer.id, 0), settings_.share)) return;
  auto record = std::make_unique<Record>(Record{offer.arm, offer.role, offer.id, track::nowMicroseconds(), offer.batch->ownedCopy(), *offer.predictions, *offer.bad});
  const auto rows = static_cast<std::uint64_t>(offer.batch->rows());
  if (!ring_.push(record)) dropped_.fetch_add(rows, std::memory_order_relaxed);
}

void Capture::run() {
  Writer writer(*this);
  std::int64_t flushed = track::nowMicroseconds();
  for (;;) {
    const bool ending = ending_.load();
    std::unique_ptr<Record> record;
    bool any = false;
    while (ring_.pop(record)) {
      any = true;
      writer.add(*record);
    }
    const std::int64_t now = track::nowMicroseconds();
    if (ending || now - flushed > settings_.flush_us || now < flushed) {
      writer.flush();
      flushed = now;
    }
    if (ending) break;
    if (!any) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  writer.endFile();
}

}  // namespace cd4ml::serve
