#include "runtime/exec/watch.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>

#include <fmt/format.h>

#include "runtime/exec/run_gate.h"
#include "runtime/track/json.h"
#include "runtime/track/models.h"
#include "runtime/track/windows.h"

namespace cd4ml::exec {

namespace {

using track::Json;
using track::textOf;

constexpr std::size_t most_windows = 100'000;
constexpr std::size_t usual_windows = 28;  ///< whose rows say what is usual

bool isAbsolute(const ir::GateSide& side) {
  return std::all_of(side.terms.begin(), side.terms.end(), [](const auto& term) {
    using Kind = ir::GateTerm::Kind;
    return term.second.subject == ir::GateTerm::Subject::Candidate && (term.second.kind == Kind::Metric || term.second.kind == Kind::Constant);
  });
}

int rankOf(std::string_view verdict) {
  constexpr std::array<std::string_view, 4> order{"ok", "insufficient", "warn", "alarm"};
  return static_cast<int>(std::find(order.begin(), order.end(), verdict) - order.begin());
}

std::string worse(const std::string& a, const std::string& b) { return rankOf(b) > rankOf(a) ? b : a; }

/// Hash of a file's bytes: the same rows are the same windows.
Result<std::string> contentOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return makeError("CD5001", fmt::format("cannot open `{}`", path));
  Hasher hasher("cd4ml monitored file 1");
  std::string piece(std::size_t{1} << 20, '\0');
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    hasher.string(std::string_view(piece.data(), static_cast<std::size_t>(in.gcount())));
  }
  return hasher.finish().text();
}

/// The model that a deploy's monitor watches.
struct Released {
  std::string label;
  std::string bundle;
  std::int64_t since_us = 0;
};

class Watch {
 public:
  Watch(engine::Engine& engine, track::Ledger& ledger, const WatchRequest& request)
      : engine_(engine), ledger_(ledger), request_(request), pipeline_(*request.pipeline), monitor_(std::get<ir::Monitor>(pipeline_[request.monitor].body)),
        deploy_(std::get_if<ir::Deploy>(&pipeline_[monitor_.subject].body)), subject_(pipeline_[monitor_.subject].name) {}

  Result<Watched> pass() {
    CD4ML_TRY_VOID(prepare());
    CD4ML_TRY(const std::string found, inspect());
    Json out = track::parseJson(found);
    std::vector<track::WindowRecord> records;
    std::set<std::string> events;
    std::string verdict = "ok";
    for (Json& window : out["windows"]) {
      judgeQuality(window);
      verdict = worse(verdict, textOf(window, "verdict"));
      records.push_back(recordOf(window));
      events.insert(records.back().events.begin(), records.back().events.end());
    }
    CD4ML_TRY_VOID(track::recordWindows(ledger_, records));
    CD4ML_TRY_VOID(addCounts(out, events));
    out["verdict"] = verdict;
    out["events"] = std::vector<std::string>(events.begin(), events.end());
    return Watched{.monitor = pipeline_[request_.monitor].name, .verdict = verdict, .events = {events.begin(), events.end()}, .json = out.dump()};
  }

 private:
  Status prepare() {
    inspect_ = {.monitor = request_.monitor, .data = request_.data, .now_us = request_.now_us};
    known_.pipeline = request_.pipeline;
    if (!request_.data.empty()) CD4ML_TRY_VOID(setOrigin());
    if (deploy_ != nullptr) {
      CD4ML_TRY(released_, findModel());
      inspect_.bundle = released_.bundle;
      inspect_.model = released_.label;
      inspect_.traffic_from_us = released_.since_us;
      if (request_.data.empty()) inspect_.traffic = fmt::format("{}/traffic/{}.{}.{}", request_.state, request_.scope.pipeline, request_.scope.profile, subject_);
    }
    CD4ML_TRY(before_, track::newestWindows(ledger_, request_.scope, subject_, pipeline_[request_.monitor].name, most_windows));
    if (!request_.data.empty()) return Done{};
    for (const track::WindowRecord& window : before_) {
      if (!window.origin.empty()) continue;
      inspect_.recorded[window.id] |= window.quality;
      if (inspect_.earlier_rows.size() < usual_windows) inspect_.earlier_rows.push_back(static_cast<double>(window.rows));
    }
    return Done{};
  }

  Status setOrigin() {
    CD4ML_TRY(inspect_.origin, contentOf(request_.data));
    return Done{};
  }

  /// The champion; before there is one, the newest version.
  Result<Released> findModel() const {
    CD4ML_TRY(const auto champion, track::championOf(ledger_, request_.scope, subject_));
    if (champion) return Released{.label = champion->label(), .bundle = request_.state + "/" + champion->bundle, .since_us = champion->at_us};
    const std::string& name = pipeline_[deploy_->model].name;
    CD4ML_TRY(const auto newest, track::findModel(ledger_, request_.scope, name));
    if (newest) return Released{.label = newest->label(), .bundle = request_.state + "/" + newest->bundle, .since_us = newest->at_us};
    Error error = makeError("CD6004", fmt::format("`{}` has no champion and `{}` no version yet", subject_, name));
    error.help.push_back(fmt::format("cd4mlc deploy {}", subject_));
    return error;
  }

  Result<std::string> inspect() {
    engine::TaskContext context;
    context.threads = request_.threads;
    context.cancelled = request_.cancelled;
    // Rows of a source or table are those of the project.
    if (deploy_ == nullptr) CD4ML_TRY_VOID(fetchRows(monitor_.subject));
    Result<std::string> done = engine_.inspect(known_, inspect_, context);
    if (done.ok() || done.error().code != "CD5605" || inspect_.rows_at_hand) return done;
    const auto& model = std::get<ir::Model>(pipeline_[deploy_->model].body);
    const ir::NodeId features = model.candidates.empty() ? model.features : std::get<ir::Model>(pipeline_[model.candidates.front()].body).features;
    CD4ML_TRY_VOID(fetchRows(std::get<ir::Features>(pipeline_[features].body).from));
    return engine_.inspect(known_, inspect_, context);
  }

  Status fetchRows(ir::NodeId node) {
    CD4ML_TRY(known_, request_.rows(node));
    inspect_.rows_at_hand = true;
    return Done{};
  }

  /// The gate's absolute limits on the metrics of the window.
  void judgeQuality(Json& window) const {
    if (!window.contains("quality") || deploy_ == nullptr || !deploy_->gate.valid()) return;
    Json& quality = window["quality"];
    if (quality.contains("due") || quality.contains("reason")) {
      quality["verdict"] = "insufficient";
      return;
    }
    const ir::Gate gate = absoluteLimits(std::get<ir::Gate>(pipeline_[deploy_->gate].body));
    GateEvidence evidence;
    for (const ir::NodeId id : gate.evaluates) {
      std::string metrics = "{}";
      for (const Json& each : quality["evaluates"]) {
        if (textOf(each, "evaluate") == pipeline_[id].name) metrics = each["metrics"].dump();
      }
      evidence.candidate.push_back(std::move(metrics));
    }
    const GateResult judged = judgeGate(pipeline_, gate, evidence);
    quality["checks"] = track::parseJson(gateValue(judged))["checks"];
    std::string verdict = judged.checks.empty() ? "insufficient" : "ok";
    if (judged.checks.empty()) quality["reason"] = "the gate has no absolute limit";
    for (const CheckResult& check : judged.checks) {
      if (check.verdict == CheckVerdict::Fail) verdict = worse(verdict, "alarm");
      if (check.verdict == CheckVerdict::Warn) verdict = worse(verdict, "warn");
      if (check.verdict == CheckVerdict::Inconclusive) verdict = worse(verdict, "insufficient");
    }
    quality["verdict"] = verdict;
    if (verdict == "alarm") window["events"].push_back("quality");
    if (verdict != "insufficient") window["verdict"] = worse(textOf(window, "verdict"), verdict);
  }

  [[nodiscard]] track::WindowRecord recordOf(const Json& window) const {
    const Json quality = window.value("quality", Json::object());
    track::WindowRecord out{.scope = request_.scope, .subject = subject_, .monitor = pipeline_[request_.monitor].name, .id = textOf(window, "id"),
                            .from = textOf(window, "from"), .to = textOf(window, "to"), .model = released_.label, .origin = inspect_.origin,
                            .rows = window.value("rows", std::int64_t{0}), .labels = quality.value("rows", std::int64_t{0}),
                            .verdict = textOf(window, "verdict")};
    for (const Json& event : window.value("events", Json::array())) out.events.push_back(event.get<std::string>());
    out.quality = window.contains("quality") && !quality.contains("due");
    out.body = window.dump();
    return out;
  }

  /// `rows >= N`, `labels >= N` since the model is out, `age >= D`.
  Status addCounts(Json& out, std::set<std::string>& events) const {
    CD4ML_TRY(const std::vector<track::WindowRecord> windows, track::newestWindows(ledger_, request_.scope, subject_, pipeline_[request_.monitor].name, most_windows));
    std::int64_t rows = 0;
    std::int64_t labels = 0;
    for (const track::WindowRecord& window : windows) {
      if (window.model != released_.label) continue;
      rows += window.rows;
      labels += window.labels;
    }
    const std::int64_t age = released_.since_us > 0 ? request_.now_us - released_.since_us : 0;
    out["since"] = {{"rows", rows}, {"labels", labels}, {"age_seconds", age / 1'000'000}};
    for (const ir::Monitor::Rule& rule : monitor_.rules) {
      const bool reached = (rule.event == "rows" && rows >= rule.limit) || (rule.event == "labels" && labels >= rule.limit) ||
                           (rule.event == "age" && released_.since_us > 0 && age >= rule.limit);
      if (reached) events.insert(rule.event);
    }
    return Done{};
  }

  engine::Engine& engine_;
  track::Ledger& ledger_;
  const WatchRequest& request_;
  const ir::Pipeline& pipeline_;
  const ir::Monitor& monitor_;
  const ir::Deploy* deploy_;
  std::string subject_;
  engine::Known known_;
  engine::InspectRequest inspect_;
  Released released_;
  std::vector<track::WindowRecord> before_;
};

}  // namespace

ir::Gate absoluteLimits(const ir::Gate& gate) {
  ir::Gate out = gate;
  std::erase_if(out.checks, [](const ir::GateCheck& check) { return !isAbsolute(check.left) || !isAbsolute(check.right); });
  // Windows are looked at again and again: what counts is the value, as the last gate saw one.
  for (ir::GateCheck& check : out.checks) check.confident.reset();
  return out;
}

Result<Watched> watch(engine::Engine& engine, track::Ledger& ledger, const WatchRequest& request) { return Watch(engine, ledger, request).pass(); }

}  // namespace cd4ml::exec
