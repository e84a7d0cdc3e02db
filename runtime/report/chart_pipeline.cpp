// The DAG, drawn in layers: a stage lies one layer beyond the farthest of its inputs.
#include <algorithm>

#include <fmt/format.h>

#include "runtime/report/chart.h"
#include "runtime/report/svg.h"
#include "runtime/report/text.h"
#include "runtime/report/tone.h"

namespace cd4ml::report {

namespace {

constexpr double box_width = 122;
constexpr double box_height = 46;
enum class Direction : std::uint8_t { Across, Down };

class Layout {
 public:
  explicit Layout(const std::vector<Stage>& stages) : items_(layOut(stages)) {
    for (const PipelineItem& item : items_) {
      counts_.resize(std::max(counts_.size(), item.layer + 1));
      counts_[item.layer] = std::max(counts_[item.layer], item.row + 1);
      rows_ = std::max(rows_, item.row + 1);
    }
  }
  [[nodiscard]] const std::vector<PipelineItem>& items() const { return items_; }
  [[nodiscard]] double layers() const { return static_cast<double>(counts_.size()); }
  [[nodiscard]] double rows() const { return static_cast<double>(rows_); }
  /// Where the box begins, in steps of a layer and of a row; a layer with fewer boxes is centred.
  [[nodiscard]] std::pair<double, double> at(const PipelineItem& item) const {
    const double spare = static_cast<double>(rows_ - counts_[item.layer]) / 2;
    return {static_cast<double>(item.layer), static_cast<double>(item.row) + spare};
  }

 private:
  std::vector<PipelineItem> items_;
  std::vector<std::size_t> counts_;
  std::size_t rows_ = 0;
};

std::string description(const std::vector<Stage>& stages) {
  std::string text;
  for (const Stage& stage : stages) {
    std::string from;
    for (const std::size_t input : stage.inputs) from += fmt::format("{}{}", from.empty() ? " reads " : ", ", stages[input].name);
    text += fmt::format("{} {}{}{}. ", stage.kind, stage.name, from, stage.status.empty() ? "" : fmt::format(" ({})", words(stage.status)));
  }
  return text;
}

void drawBox(Svg& out, double x, double y, const Stage& stage) {
  const std::string_view tone = stage.status.empty() ? "idle" : stage.status == "ran" ? "ran" : toneClass(toneOf(stage.status));
  out.rectangle(x, y, box_width, box_height, fmt::format("node {}", tone), 7);
  out.text(x + 10, y + 20, "name", shortened(stage.name, 15));
  out.text(x + 10, y + 36, "kind", shortened(stage.status.empty() ? stage.kind : fmt::format("{} · {}", stage.kind, words(stage.status)), 19));
}

std::string draw(const std::vector<Stage>& stages, Direction direction, std::string_view classes, Ids& ids) {
  const Layout layout(stages);
  const bool across = direction == Direction::Across;
  const double layer_step = across ? box_width + 20 : box_height + 26;
  const double row_step = across ? box_height + 14 : box_width + 14;
  const double along = layout.layers() * layer_step - (across ? 20 : 26) + 4;
  const double aside = layout.rows() * row_step - 14 + 4;
  Svg out(across ? along : aside, across ? aside : along, classes, ids.next(), "The pipeline", description(stages));
  const auto corner = [&](const PipelineItem& item) {
    const auto [layer, row] = layout.at(item);
    return across ? std::pair{2 + layer * layer_step, 2 + row * row_step} : std::pair{2 + row * row_step, 2 + layer * layer_step};
  };
  for (const PipelineItem& item : layout.items()) {
    const auto [x, y] = corner(item);
    if (!item.stage && across) out.line(x, y + box_height / 2, x + box_width, y + box_height / 2, "edge");
    if (!item.stage && !across) out.line(x + box_width / 2, y, x + box_width / 2, y + box_height, "edge");
    for (const std::size_t input : item.inputs) {
      const auto [fx, fy] = corner(layout.items()[input]);
      if (across) out.curveAcross(fx + box_width, fy + box_height / 2, x, y + box_height / 2, "edge");
      else out.curveDown(fx + box_width / 2, fy + box_height, x + box_width / 2, y, "edge");
    }
  }
  for (const PipelineItem& item : layout.items()) {
    if (item.stage) drawBox(out, corner(item).first, corner(item).second, stages[*item.stage]);
  }
  return out.finish();
}

}  // namespace

std::vector<PipelineItem> layOut(const std::vector<Stage>& stages) {
  std::vector<PipelineItem> items(stages.size());
  for (std::size_t s = 0; s < stages.size(); ++s) {
    items[s].stage = s;
    for (const std::size_t input : stages[s].inputs) {
      if (input < s) items[s].layer = std::max(items[s].layer, items[input].layer + 1);
    }
  }
  // The last item on the way out of each stage: lines to far layers share their way.
  std::vector<std::size_t> ways(stages.size());
  for (std::size_t s = 0; s < stages.size(); ++s) ways[s] = s;
  std::vector<std::size_t> order(stages.size());
  for (std::size_t s = 0; s < stages.size(); ++s) order[s] = s;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return items[a].layer < items[b].layer; });
  for (const std::size_t s : order) {
    for (const std::size_t input : stages[s].inputs) {
      if (input >= s) continue;
      while (items[ways[input]].layer + 1 < items[s].layer) {
        items.push_back({.stage = {}, .layer = items[ways[input]].layer + 1, .row = 0, .inputs = {ways[input]}});
        ways[input] = items.size() - 1;
      }
      std::size_t from = ways[input];
      while (items[from].layer + 1 > items[s].layer) from = items[from].inputs.front();
      items[s].inputs.push_back(from);
    }
  }
  // In a layer, by the mean place of the inputs, so that few lines cross.
  std::vector<std::vector<std::size_t>> layers;
  for (std::size_t i = 0; i < items.size(); ++i) {
    layers.resize(std::max(layers.size(), items[i].layer + 1));
    layers[items[i].layer].push_back(i);
  }
  for (std::vector<std::size_t>& layer : layers) {
    const auto mean = [&](std::size_t i) {
      double sum = 0;
      for (const std::size_t input : items[i].inputs) sum += static_cast<double>(items[input].row);
      return items[i].inputs.empty() ? 0.0 : sum / static_cast<double>(items[i].inputs.size());
    };
    std::stable_sort(layer.begin(), layer.end(), [&](std::size_t a, std::size_t b) { return mean(a) < mean(b); });
    for (std::size_t row = 0; row < layer.size(); ++row) items[layer[row]].row = row;
  }
  return items;
}

std::string pipelineChart(const std::vector<Stage>& stages, Ids& ids) {
  if (stages.empty()) return {};
  return fmt::format("<div class=\"frame dag\" role=\"region\" aria-label=\"The pipeline as a picture\" tabindex=\"0\">{}{}</div>\n",
                     draw(stages, Direction::Across, "pipeline across", ids), draw(stages, Direction::Down, "pipeline down", ids));
}

}  // namespace cd4ml::report
