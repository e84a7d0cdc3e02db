/// An engine for the tests of the runner: contents are functions of definitions and inputs, nothing is computed. What it
/// runs it writes to a log file, one line a slot, so that several processes can be watched.
#pragma once

#include <chrono>
#include <fstream>
#include <set>
#include <string>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "compiler/ir/pipeline.h"
#include "runtime/engine/engine.h"

namespace cd4ml::exec {

class FakeEngine : public engine::Engine {
 public:
  std::string log;                       ///< file
  std::chrono::milliseconds pause{0};    ///< each node takes so long
  std::set<std::string> failing;         ///< nodes that fail
  double auc = 0.7;
  double champion_auc = 0.69;
  std::atomic<int> at_once = 0;
  std::atomic<int> most_at_once = 0;
  int bundles = 0;

  Result<std::vector<engine::InferredField>> inferSchema(const ir::Source&, const std::vector<engine::SourceFile>&) override {
    return std::vector<engine::InferredField>{};
  }

  Result<std::vector<engine::SlotContent>> run(const engine::Known& known, ir::NodeId id, const std::vector<std::uint32_t>& slots,
                                               engine::TaskContext& context) override {
    const ir::Node& node = (*known.pipeline)[id];
    most_at_once = std::max(most_at_once.load(), ++at_once);
    for (auto left = pause; left.count() > 0 && !*context.cancelled; left -= std::chrono::milliseconds(5)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    --at_once;
    if (*context.cancelled) return makeError("CD5016", "cancelled");
    if (failing.contains(node.name)) return makeError("CD5016", "row 3: division by zero");
    const std::vector<std::string> names = ir::slotNames(node);
    std::vector<engine::SlotContent> contents;
    for (const std::uint32_t slot : slots) {
      note(node.name + "." + names[slot]);
      contents.push_back(contentOf(known, id, slot));
    }
    return contents;
  }

  Result<engine::SlotContent> poolFolds(const std::vector<engine::Known>& folds, ir::NodeId model, engine::TaskContext&) override {
    Hasher hasher("fake folds");
    for (const engine::Known& fold : folds) hasher.digest(fold.slots.at({model, 0}).content);
    engine::SlotContent content;
    content.content = hasher.finish();
    return content;
  }

  Result<std::string> show(const engine::Known&, const engine::ShowRequest&, engine::TaskContext&) override { return std::string("{}"); }

  Result<Digest> writeBundle(const engine::Known& known, ir::NodeId model, const std::string& evidence, const std::string& path,
                             engine::TaskContext&) override {
    ++bundles;
    std::ofstream(path) << evidence;
    return Hasher("fake model").digest(known.slots.at({model, 0}).content).finish();
  }

  Result<std::string> evaluateBundle(const engine::Known&, ir::NodeId, const std::string& bundle, engine::TaskContext&) override {
    if (!std::ifstream(bundle)) return makeError("CD5601", "the bundle is gone");
    return metrics(champion_auc);
  }

  Result<engine::PairedReplicates> replicate(const engine::Known&, ir::NodeId, const std::vector<std::uint32_t>& metrics, const std::string& champion,
                                             engine::TaskContext&) override {
    engine::PairedReplicates out;
    out.candidate.assign(metrics.size(), {.whole = std::vector<double>(1000, 0.7), .slices = {}, .by_slice = {}});
    if (!champion.empty()) out.champion = out.candidate;
    return out;
  }
  Result<std::vector<double>> rowLatencies(const engine::Known&, ir::NodeId, const std::string&, engine::TaskContext&) override {
    return std::vector<double>{1, 2, 3, 4};
  }

  Result<engine::ScoreSummary> score(const engine::ScoreRequest&, engine::TaskContext&) override { return engine::ScoreSummary{}; }
  Result<std::string> inspect(const engine::Known&, const engine::InspectRequest&, engine::TaskContext&) override { return std::string("{}"); }
  Result<std::uint64_t> appendTraffic(const engine::TrafficBatch&) override { return std::uint64_t{0}; }
  Status closeTraffic(const std::string&) override { return Done{}; }
  Result<std::vector<engine::TestFailure>> test(const ir::Pipeline&, const ir::TestCase&, engine::TaskContext&) override {
    return std::vector<engine::TestFailure>{};
  }

 private:
  static std::string metrics(double value) {
    return R"({"rows":100,"metrics":[{"name":"auc","metric":"auc","value":)" + std::to_string(value) +
           R"(,"rows":100,"slices":[{"by":{"origin":"SFO"},"value":0.6,"rows":50},{"by":{"origin":"LAX"},"value":0.8,"rows":50}]}]})";
  }

  void note(const std::string& line) const {
    const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const std::string text = line + "\n";
    (void)!write(file, text.data(), text.size());
    close(file);
  }

  /// Of a source: the first word of its files, so that a file can change without its columns changing.
  engine::SlotContent contentOf(const engine::Known& known, ir::NodeId id, std::uint32_t slot) const {
    const ir::Node& node = (*known.pipeline)[id];
    Hasher hasher("fake");
    const bool source = std::holds_alternative<ir::Source>(node.body);
    // A source without checks has the same key for them as any other, so the content must be the same too.
    if (source && slot == node.columns.size()) {
      engine::SlotContent none;
      none.content = Hasher("fake checks").finish();
      return none;
    }
    hasher.u64(slot);
    if (source) {
      for (const engine::SourceFile& file : known.files.at(id)) {
        std::string word;
        std::ifstream(file.path) >> word;
        hasher.string(word);
      }
    } else {
      ir::Pipeline alone;
      alone.nodes.push_back(node);
      alone.nodes[0].name.clear();
      hasher.string(ir::printPipeline(alone));
      for (const ir::NodeId input : ir::inputsOf(node)) {
        for (const auto& [ref, content] : known.slots) {
          if (ref.node == input) hasher.digest(content.content);
        }
      }
    }
    engine::SlotContent content{.content = hasher.finish(), .parts = {}, .rows = 100, .bytes = 0, .stored = false, .value = {}};
    if (std::holds_alternative<ir::Features>(node.body)) content.parts = {content.content, content.content, content.content};
    if (std::holds_alternative<ir::Evaluate>(node.body)) content.value = metrics(auc);
    return content;
  }
};

}  // namespace cd4ml::exec
