// `stage NAME = command(…)`: a program in a folder of its own; what it writes into its declared outputs is kept.
#include <cstdlib>
#include <deque>
#include <fstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "runtime/engine/stage_folder.h"
#include "runtime/process/run_program.h"

namespace cd4ml::engine {

namespace {

constexpr std::size_t lines_of_a_failure = 20;
constexpr std::string_view secret_prefix = "secret:";
/// What every program gets besides its `env`; anything else of ours could change its result unseen.
constexpr std::array<std::string_view, 4> passed_on{"PATH", "HOME", "TMPDIR", "LANG"};

class StageRun {
 public:
  StageRun(Run& run, ir::NodeId id) : run_(run), node_(run.node(id)), stage_(std::get<ir::Stage>(node_.body)) {
    const auto files = run.known.files.find(id);
    if (files != run.known.files.end()) files_ = files->second;
  }

  /// The bytes of each output.
  Result<std::vector<std::string>> outputs() {
    for (std::int64_t attempt = 0;; ++attempt) {
      CD4ML_TRY(const StageFolder folder, StageFolder::make(run_.config.scratch, node_.name));
      CD4ML_TRY_VOID(bringInputs(folder));
      Status done = execute(folder);
      if (done.ok()) return collect(folder);
      if (attempt >= stage_.retries || cancelled()) return std::move(done).error();
      if (run_.task.progress) run_.task.progress(0, 0, fmt::format("attempt {} failed, once more", attempt + 1));
    }
  }

 private:
  [[nodiscard]] bool cancelled() const { return run_.task.cancelled != nullptr && run_.task.cancelled->load(); }

  Status bringInputs(const StageFolder& folder) {
    std::size_t next_file = 0;
    for (const ir::Stage::Input& input : stage_.inputs) {
      const std::string file = input.node.valid() ? std::string() : files_.at(next_file++).path;
      CD4ML_TRY_VOID(folder.bring(run_, input, file));
    }
    return Done{};
  }

  [[nodiscard]] std::string argument(const ir::Stage::Argument& argument) const {
    switch (argument.kind) {
      case ir::Stage::Argument::Kind::Text: return argument.text;
      case ir::Stage::Argument::Kind::Input: return StageFolder::inputName(stage_.inputs[argument.index]);
      case ir::Stage::Argument::Kind::Output: return stage_.outputs[argument.index].file;
    }
    return {};
  }

  Result<std::vector<std::string>> environment() const {
    std::vector<std::string> variables;
    for (const std::string_view name : passed_on) {
      const char* value = std::getenv(std::string(name).c_str());
      if (value != nullptr) variables.push_back(fmt::format("{}={}", name, value));
    }
    for (const auto& [name, written] : stage_.env) {
      if (!written.starts_with(secret_prefix)) {
        variables.push_back(fmt::format("{}={}", name, written));
        continue;
      }
      const std::string secret = written.substr(secret_prefix.size());
      const char* value = std::getenv(secret.c_str());
      if (value == nullptr) {
        return makeError("CD5701", fmt::format("stage `{}` needs the secret {}, which is not in the environment", node_.name, secret),
                         node_.name_span);
      }
      variables.push_back(fmt::format("{}={}", name, value));
    }
    return variables;
  }

  Status execute(const StageFolder& folder) {
    process::Program program{.argv = {}, .folder = folder.path().string()};
    for (const ir::Stage::Argument& each : stage_.argv) program.argv.push_back(argument(each));
    CD4ML_TRY(program.environment, environment());
    program.limit = std::chrono::milliseconds(stage_.timeout_us / 1000);
    program.cancelled = run_.task.cancelled;
    std::deque<std::string> last;
    program.line = [&](std::string_view line) {
      if (run_.task.progress) run_.task.progress(0, 0, line);
      last.emplace_back(line);
      if (last.size() > lines_of_a_failure) last.pop_front();
    };
    const process::Outcome outcome = process::run(program);
    if (outcome.ok()) return Done{};
    if (outcome.kind == process::Outcome::Kind::Cancelled) return makeError("CD5503", "cancelled");
    Error error = makeError("CD5701", fmt::format("stage `{}`: `{}` {}", node_.name, fmt::join(program.argv, " "),
                                                  process::outcomeText(outcome, program)),
                            node_.name_span);
    for (const std::string& line : last) error.help.push_back("| " + line);
    return error;
  }

  Result<std::vector<std::string>> collect(const StageFolder& folder) {
    std::vector<std::string> files;
    for (const ir::Stage::Output& output : stage_.outputs) {
      CD4ML_TRY(files.emplace_back(), folder.output(output, node_.name_span));
    }
    return files;
  }

  Run& run_;
  const ir::Node& node_;
  const ir::Stage& stage_;
  std::vector<SourceFile> files_;
};

}  // namespace

Result<std::vector<SlotContent>> runStage(Run& run, ir::NodeId id, const Slots& slots) {
  CD4ML_TRY(std::vector<std::string> files, StageRun(run, id).outputs());
  std::vector<SlotContent> out;
  for (const std::uint32_t slot : slots) {
    std::string& bytes = files[slot];
    SlotContent content;
    content.content = Hasher("cd4ml NF1 file").text(bytes).finish();
    content.bytes = bytes.size();
    // A program is seldom a function of its inputs to the bit, so what it made is always stored.
    CD4ML_TRY_VOID(run.artifacts.storeBytes(content.content, bytes));
    content.stored = true;
    run.artifacts.keepBytes(content.content, std::move(bytes));
    out.push_back(std::move(content));
  }
  return out;
}

}  // namespace cd4ml::engine
