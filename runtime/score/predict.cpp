#include "runtime/score/predict.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/parallel.h"
#include "runtime/score/gather.h"
#include "runtime/score/input_encoder.h"
#include "runtime/score/keyed.h"
#include "runtime/score/link.h"

namespace cd4ml::score {

namespace {

constexpr std::int64_t block_rows = 4096;

/// 64-byte-aligned scratch for the inputs of one block.
class InputBlock {
 public:
  explicit InputBlock(std::size_t inputs) : memory_(inputs * block_rows + 8) {
    auto* base = memory_.data();
    while (reinterpret_cast<std::uintptr_t>(base) % 64 != 0) ++base;
    for (std::size_t i = 0; i < inputs; ++i) columns_.push_back(base + static_cast<std::int64_t>(i) * block_rows);
  }
  [[nodiscard]] double* column(std::size_t i) { return const_cast<double*>(columns_[i]); }
  [[nodiscard]] ModelInput view() const { return columns_; }

 private:
  std::vector<double> memory_;
  std::vector<const double*> columns_;
};

class LinearScorer final : public ForestScorer {
 public:
  explicit LinearScorer(Linear linear) : linear_(std::move(linear)) {}

  void score(ModelInput columns, std::int64_t rows, double* scores) const override {
    for (std::size_t o = 0; o < linear_.intercept.size(); ++o) {
      double* out = scores + static_cast<std::int64_t>(o) * rows;
      std::fill_n(out, rows, linear_.intercept[o]);
      for (std::size_t i = 0; i < linear_.inputs; ++i) addInput(columns[i], linear_.weights[o * linear_.inputs + i], rows, out);
    }
  }

 private:
  /// A weight of 0 takes no part at all: what is missing there does not matter.
  static void addInput(const double* column, double weight, std::int64_t rows, double* out) {
    if (weight == 0) return;
    for (std::int64_t r = 0; r < rows; ++r) out[r] += weight * column[r];
  }

  Linear linear_;
};

void softmaxRow(Predictions& out, std::int64_t row, std::size_t classes) {
  const auto at = [&](std::size_t c) { return static_cast<std::size_t>(static_cast<std::int64_t>(c) * out.rows + row); };
  std::size_t best = 0;
  for (std::size_t c = 1; c < classes; ++c) {
    if (out.raw[at(c)] > out.raw[at(best)]) best = c;
  }
  double sum = 0;
  for (std::size_t c = 0; c < classes; ++c) sum += out.by_class[at(c)] = linkExp(out.raw[at(c)] - out.raw[at(best)]);
  for (std::size_t c = 0; c < classes; ++c) out.by_class[at(c)] /= sum;
  out.label[static_cast<std::size_t>(row)] = static_cast<std::int32_t>(best);
  out.probability[static_cast<std::size_t>(row)] = out.by_class[at(best)];
}

}  // namespace

namespace {

/// Shares of classes: of true, or of each class, which are made to add up to 1. The first of equal classes is predicted.
void sharesRow(Predictions& out, std::int64_t row, ir::Task task, double threshold) {
  const auto r = static_cast<std::size_t>(row);
  if (task == ir::Task::Binary) {
    out.probability[r] = std::clamp(out.raw[r], 0.0, 1.0);
    out.label[r] = out.probability[r] >= threshold ? 1 : 0;
    return;
  }
  const auto rows = static_cast<std::size_t>(out.rows);
  const std::size_t classes = out.raw.size() / rows;
  std::size_t best = 0;
  double sum = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    const double share = std::max(out.raw[c * rows + r], 0.0);
    out.by_class[c * rows + r] = share;
    sum += share;
    if (share > out.by_class[best * rows + r]) best = c;
  }
  for (std::size_t c = 0; c < classes; ++c) {
    double& share = out.by_class[c * rows + r];
    share = sum > 0 ? share / sum : 1.0 / static_cast<double>(classes);
  }
  out.label[r] = static_cast<std::int32_t>(best);
  out.probability[r] = out.by_class[best * rows + r];
}

}  // namespace

struct Predictor::State {
  Model model;
  std::unique_ptr<ForestScorer> scorer;
  double divisor = 1;
  std::vector<Predictor> by_key;

  /// Scores some rows by one model and puts what it says in their places.
  static void scoreSome(const Predictor& predictor, FeatureViews columns, std::span<const std::int64_t> rows,
                        const std::vector<std::string>& classes, Predictions& out) {
    std::vector<Gathered> gathered;
    std::vector<ColumnView> views;
    for (const ColumnView& column : columns) {
      gathered.push_back(gatherRows(column, rows));
      views.push_back(gathered.back().view);
    }
    const Predictions made = predictor.state_->predictPlain(views, static_cast<std::int64_t>(rows.size()), 1);
    placeRows(made, predictor.model().classes, rows, classes, out);
  }

  [[nodiscard]] Predictions predictByKey(const Predictor& whole, FeatureViews columns, std::int64_t rows, int threads) const {
    Predictions out;
    out.rows = rows;
    allocate(out);
    const std::vector<std::int32_t> models = modelOfRows(*model.keyed, columns.subspan(model.inputs()), rows);
    std::vector<std::vector<std::int64_t>> rows_of(by_key.size() + 1);
    for (std::int64_t r = 0; r < rows; ++r) {
      const std::int32_t own = models[static_cast<std::size_t>(r)];
      rows_of[own < 0 ? by_key.size() : static_cast<std::size_t>(own)].push_back(r);
    }
    if (!model.keyed->fallback) std::swap(out.unknown, rows_of.back());
    parallelFor(threads, rows_of.size(), [&](std::size_t m) {
      if (rows_of[m].empty()) return;
      scoreSome(m < by_key.size() ? by_key[m] : whole, columns.first(model.inputs()), rows_of[m], model.classes, out);
    });
    return out;
  }

  [[nodiscard]] Predictions predictPlain(FeatureViews columns, std::int64_t rows, int threads) const;

  void allocate(Predictions& out) const {
    const auto n = static_cast<std::size_t>(out.rows);
    out.raw.resize(n * model.outputs());
    if (model.task == ir::Task::Regression) out.number.resize(n);
    else out.probability.resize(n), out.label.resize(n);
    if (model.task == ir::Task::Multiclass) out.by_class.resize(n * model.outputs());
  }

  void scoreBlock(const InputEncoder& encoder, std::int64_t begin, InputBlock& inputs, std::vector<double>& raw, Predictions& out) const {
    const std::int64_t count = std::min(block_rows, out.rows - begin);
    for (std::size_t i = 0; i < encoder.inputs(); ++i) encoder.encode(i, begin, count, inputs.column(i));
    rawScores(inputs.view(), count, raw.data());
    for (std::uint32_t o = 0; o < model.outputs(); ++o) std::copy_n(raw.data() + o * count, count, out.raw.data() + o * out.rows + begin);
    link(out, begin, count);
  }

  void rawScores(ModelInput inputs, std::int64_t count, double* raw) const {
    scorer->score(inputs, count, raw);
    if (divisor <= 1) return;
    for (std::size_t k = 0; k < static_cast<std::size_t>(count) * model.outputs(); ++k) raw[k] /= divisor;
  }

  void link(Predictions& out, std::int64_t begin, std::int64_t count) const {
    for (std::int64_t row = begin; row < begin + count; ++row) {
      const auto r = static_cast<std::size_t>(row);
      switch (model.link) {
        case Link::Identity: out.number[r] = out.raw[r]; break;
        case Link::Exp: out.number[r] = linkExp(out.raw[r]); break;
        case Link::Sigmoid:
          out.probability[r] = linkSigmoid(out.raw[r]);
          out.label[r] = out.probability[r] >= model.threshold ? 1 : 0;
          break;
        case Link::Softmax: softmaxRow(out, row, model.outputs()); break;
        case Link::Shares: sharesRow(out, row, model.task, model.threshold); break;
      }
    }
  }
};

Predictor::Predictor(Model model) : state_(std::make_unique<State>()) {
  state_->model = std::move(model);
  const auto* averaged = std::get_if<Forest>(&state_->model.body);
  if (averaged != nullptr) state_->divisor = averaged->divisor;
  if (auto* forest = std::get_if<Forest>(&state_->model.body)) state_->scorer = makeScorer(*forest);
  else state_->scorer = std::make_unique<LinearScorer>(std::get<Linear>(state_->model.body));
  if (state_->model.keyed == nullptr) return;
  for (Model each : state_->model.keyed->models) {
    each.threshold = state_->model.threshold;
    state_->by_key.emplace_back(std::move(each));
  }
}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

const Model& Predictor::model() const { return state_->model; }

void Predictor::predictInputs(ModelInput inputs, std::int64_t rows, Predictions& out) const {
  CD4ML_CHECK(state_->model.keyed == nullptr);
  out.rows = rows;
  state_->allocate(out);
  state_->rawScores(inputs, rows, out.raw.data());
  state_->link(out, 0, rows);
}

Predictions Predictor::predict(FeatureViews columns, std::int64_t rows, int threads) const {
  if (state_->model.keyed != nullptr) return state_->predictByKey(*this, columns, rows, threads);
  return state_->predictPlain(columns, rows, threads);
}

Predictions Predictor::State::predictPlain(FeatureViews columns, std::int64_t rows, int threads) const {
  Predictions out{.rows = rows, .raw = {}, .number = {}, .probability = {}, .by_class = {}, .label = {}};
  allocate(out);
  const InputEncoder encoder(model.features, columns);
  std::atomic<std::int64_t> next{0};
  const auto drain = [&] {
    InputBlock inputs(encoder.inputs());
    std::vector<double> raw(static_cast<std::size_t>(block_rows) * model.outputs());
    for (std::int64_t begin = next.fetch_add(block_rows); begin < rows; begin = next.fetch_add(block_rows)) {
      scoreBlock(encoder, begin, inputs, raw, out);
    }
  };
  std::vector<std::jthread> helpers;
  for (int t = 1; t < threads && t * block_rows < rows; ++t) helpers.emplace_back(drain);
  drain();
  helpers.clear();
  return out;
}

}  // namespace cd4ml::score
