// Batch scoring with a bundle file, the champion of a deploy, or a model of the pipeline.
#include <filesystem>
#include <functional>

#include <fmt/format.h>

#include "compiler/driver/interrupt.h"
#include "compiler/driver/workshop.h"
#include "compiler/opt/normalise.h"
#include "runtime/track/json.h"

namespace cd4ml::driver {

namespace {

/// The pipeline with its rows, for a model that folds some.
using History = std::function<Result<engine::Known>()>;

Result<int> scoreWith(engine::Engine& engine, const std::string& bundle, const Arguments& arguments, const Console& console, const History& history) {
  engine::ScoreRequest request{.bundle = bundle, .input = arguments.names[1], .output = arguments.output,
                                     .null_on_error = arguments.on_error == "null"};
  engine::TaskContext context;
  context.threads = arguments.jobs > 0 ? arguments.jobs : 1;
  context.cancelled = &interruptFlag();
  Result<engine::ScoreSummary> done = engine.score(request, context);
  engine::Known known;
  if (!done.ok() && done.error().code == "CD5605" && history) {
    CD4ML_TRY(known, history());
    request.known = &known;
    done = engine.score(request, context);
  }
  CD4ML_TRY(const engine::ScoreSummary summary, std::move(done));
  if (console.json()) {
    console.result(track::Json{{"v", 1}, {"rows", summary.rows}, {"errors", summary.errors}, {"bundle", bundle},
                               {"output", arguments.output}}.dump() + "\n");
  } else {
    console.note(fmt::format("{} rows scored{}{}\n", groupedNumber(summary.rows),
                             summary.errors > 0 ? fmt::format(", {} with errors", groupedNumber(summary.errors)) : "",
                             arguments.output.empty() ? "" : " → " + arguments.output));
  }
  return Ok;
}

Result<int> scoreBundleFile(const Arguments& arguments, const Console& console) {
  exec::EngineLibrary library(engine::EngineConfig{.cas = nullptr, .object_cache = {}, .threads = 1});
  CD4ML_TRY(engine::Engine * engine, library.get());
  return scoreWith(*engine, arguments.names[0], arguments, console, {});
}

Error noChampion(const std::string& deploy) {
  Error error = makeError("CD6004", fmt::format("`{}` has no champion yet", deploy));
  error.help.push_back(fmt::format("cd4mlc deploy {}", deploy));
  return error;
}

/// The bundle that a name of the pipeline stands for.
Result<std::string> bundleOf(const std::string& name, const Opened& opened, const ir::Pipeline& pipeline, Workshop& workshop) {
  if (name.find('@') != std::string::npos) {
    CD4ML_TRY(const auto model, track::findModel(*workshop.ledger, opened.scope, name));
    if (!model) return makeError("CD6004", fmt::format("there is no model version `{}`", name));
    return opened.project.state + "/" + model->bundle;
  }
  CD4ML_TRY(const ir::NodeId node, findNode(pipeline, name));
  if (std::holds_alternative<ir::Deploy>(pipeline[node].body)) {
    CD4ML_TRY(const auto champion, track::championOf(*workshop.ledger, opened.scope, name));
    if (!champion) return noChampion(name);
    return opened.project.state + "/" + champion->bundle;
  }
  if (!std::holds_alternative<ir::Model>(pipeline[node].body)) {
    return makeError("CD4103", fmt::format("`{}` is a {}; score takes a model, a deploy or a bundle", name, ir::kindText(pipeline[node])));
  }
  CD4ML_TRY(const Fresh fresh, bringUpToDate(opened, pipeline, {node}, "score", workshop));
  for (const track::ModelVersion& model : fresh.models) {
    if (model.model == name) return opened.project.state + "/" + model.bundle;
  }
  return makeError("CD6004", fmt::format("`{}` has no version yet", name));
}

/// The model of the pipeline that a deploy, a version or its own name stands for.
Result<ir::NodeId> modelOf(const std::string& name, const ir::Pipeline& pipeline) {
  CD4ML_TRY(const ir::NodeId node, findNode(pipeline, name.substr(0, name.find('@'))));
  const auto* deploy = std::get_if<ir::Deploy>(&pipeline[node].body);
  return deploy == nullptr ? node : deploy->model;
}

}  // namespace

int cmdScore(const Arguments& arguments, const Console& console) {
  listenForInterrupt();
  if (arguments.names.size() != 2) {
    console.problem(makeError("CD4101", "what to score with what? `cd4mlc score MODEL|DEPLOY|BUNDLE INPUT -o OUT`"));
    return Wrong;
  }
  if (arguments.json && arguments.output.empty()) {
    console.problem(makeError("CD4101", "--json needs -o: the predictions would mix with the summary"));
    return Wrong;
  }
  if (std::filesystem::path(arguments.names[0]).extension() == ".cd4mb") {
    const Result<int> code = scoreBundleFile(arguments, console);
    if (code.ok()) return *code;
    console.problem(code.error());
    return exitCodeOf(code.error());
  }
  return withProject(arguments, console, [&](Opened& opened) -> Result<int> {
    CD4ML_TRY(Workshop workshop, openWorkshop(opened.project, arguments));
    CD4ML_TRY_VOID(pinSchemas(opened.project, arguments, workshop, {}, opened.compilation));
    const ir::Pipeline pipeline = opt::normalise(opened.compilation.pipeline);
    CD4ML_TRY(const std::string bundle, bundleOf(arguments.names[0], opened, pipeline, workshop));
    CD4ML_TRY(engine::Engine * engine, workshop.engine->get());
    const History history = [&]() -> Result<engine::Known> {
      CD4ML_TRY(const ir::NodeId model, modelOf(arguments.names[0], pipeline));
      CD4ML_TRY(const Fresh fresh, bringUpToDate(opened, pipeline, {model}, "score", workshop));
      return fresh.outcome.known;
    };
    return scoreWith(*engine, bundle, arguments, console, history);
  });
}

}  // namespace cd4ml::driver
