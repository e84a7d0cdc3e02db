#include "runtime/engine/inspect.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/data/value_text.h"
#include "runtime/engine/history.h"
#include "runtime/engine/inspect_window.h"
#include "runtime/engine/snapshots.h"
#include "runtime/score/bundle.h"

namespace cd4ml::engine {

namespace {

using monitor::Json;
using monitor::Verdict;

constexpr std::int64_t day_us = 24LL * 3600 * 1'000'000;

std::string timeText(std::int64_t at_us) {
  return at_us == monitor::no_time ? std::string() : data::timestampText(at_us);
}

class Pass {
 public:
  Pass(Run& run, const InspectRequest& request)
      : run_(run), request_(request), subject_(subjectOf(run, request.monitor)), monitor_(std::get<ir::Monitor>(run.node(request.monitor).body)) {}

  Result<std::string> look() {
    CD4ML_TRY_VOID(openModel());
    CD4ML_TRY(InspectedRows rows, readInspected(run_, rowsRequest()));
    Json out{{"v", 1}, {"monitor", run_.node(request_.monitor).name}, {"subject", run_.node(monitor_.subject).name}, {"model", request_.model},
             {"rows", rows.rows}, {"windows", Json::array()}, {"skipped", 0}, {"open", 0}};
    if (rows.rows == 0) return out.dump();
    std::vector<monitor::Window> windows = windowsOf(rows);
    out["skipped"] = skipped_;
    out["open"] = open_;
    if (windows.empty()) return out.dump();
    CD4ML_TRY(const Material material, Material::make(run_, subject_, scorer_ ? &*scorer_ : nullptr, lookups_.get(), std::move(rows), request_.rows_at_hand));
    const WindowJudge judge(run_, subject_, material);
    if (usesProjectRows()) CD4ML_TRY_VOID(describeProject());
    std::vector<double> earlier = request_.earlier_rows;
    for (const monitor::Window& window : windows) {
      CD4ML_TRY_VOID(run_.checkCancelled());
      const bool partial = idOf(window) == begun_;
      CD4ML_TRY(Json one, judgeWindow(judge, material, window, partial ? std::vector<double>() : earlier, &window == &windows.back()));
      if (!partial) earlier.push_back(static_cast<double>(window.rows.size()));
      out["windows"].push_back(std::move(one));
    }
    return out.dump();
  }

 private:
  Status openModel() {
    if (!subject_.deploy.valid()) return Done{};
    CD4ML_TRY(score::Bundle bundle, score::readBundle(request_.bundle));
    const auto section = bundle.sections.find("baseline");
    if (section == bundle.sections.end()) {
      no_baseline_ = "the bundle has no baseline: train the model again";
    } else {
      CD4ML_TRY(baseline_, monitor::decodeBaseline(section->second, request_.bundle));
    }
    CD4ML_TRY(lookups_, openSnapshots(bundle.lookups));
    scorer_.emplace(std::move(bundle), lookups_);
    return Done{};
  }

  [[nodiscard]] RowsRequest rowsRequest() const {
    RowsRequest out{.columns = {}, .base = subject_.base, .data = request_.data, .traffic = request_.traffic, .traffic_from_us = request_.traffic_from_us,
                    .look_back_us = monitor_.window_us > 0 ? monitor_.window_us : day_us, .time = {}};
    if (scorer_) out.label = scorer_->bundle().model.target;
    std::set<std::string> required;
    const std::vector<ir::Column>& columns = run_.node(subject_.base).columns;
    if (scorer_) {
      for (const ir::Column& input : scorer_->bundle().program.inputs) required.insert(input.name);
    } else {
      for (const ir::Column& column : columns) required.insert(column.name);
    }
    for (const ir::Column& column : columns) {
      out.columns.push_back({column, required.contains(column.name)});
      required.erase(column.name);
    }
    // What an older model reads and the pipeline has no more.
    for (std::size_t i = 0; scorer_ && i < scorer_->bundle().program.inputs.size(); ++i) {
      const ir::Column& input = scorer_->bundle().program.inputs[i];
      if (required.contains(input.name) && !input.name.starts_with("over:")) out.columns.push_back({input, true});
    }
    const std::vector<ir::Column>& named = run_.node(subject_.rows).columns;
    for (std::uint32_t slot = 0; slot < named.size(); ++slot) {
      if (named[slot].has(ir::Role::Time)) out.time = rawValueOfColumn(run_.pipeline(), subject_.rows, slot);
    }
    return out;
  }

  /// Windows to judge: complete and not recorded. Those before are counted for the volume.
  std::vector<monitor::Window> windowsOf(const InspectedRows& rows) {
    std::int64_t length = monitor_.window_us;
    if (length == 0 && !request_.traffic.empty()) length = day_us;
    if (rows.times.empty()) length = 0;
    const std::vector<std::int64_t> untimed(static_cast<std::size_t>(rows.rows), monitor::no_time);
    std::vector<monitor::Window> all = monitor::cutWindows(rows.times.empty() ? untimed : rows.times, length);
    clock_us_ = clockOf(rows);
    // Of the window in which the model came out another model answered the first rows: what is left is no fair sample.
    if (rows.before_us != monitor::no_time && !all.empty() && all.front().from_us <= rows.before_us) begun_ = idOf(all.front());
    std::vector<monitor::Window> out;
    for (monitor::Window& window : all) {
      // By the clock of the rows nothing more will come.
      const bool complete = rows.complete || length == 0 || window.to_us <= clock_us_;
      if (!complete) {
        ++open_;
        continue;
      }
      const auto known = request_.recorded.find(idOf(window));
      const bool done = known != request_.recorded.end() && (known->second || !monitor_.quality || !labelsDue(window));
      if (done) ++skipped_;
      else out.push_back(std::move(window));
    }
    return out;
  }

  /// What time it is where the rows come from: the newest event, and for traffic the time that has passed since it came.
  /// Replayed rows of years ago have a clock of years ago.
  [[nodiscard]] std::int64_t clockOf(const InspectedRows& rows) const {
    if (rows.by_arrival || rows.times.empty()) return request_.now_us;
    const std::int64_t newest = *std::max_element(rows.times.begin(), rows.times.end());
    const bool captured = !request_.traffic.empty() && rows.newest_us != monitor::no_time && newest != monitor::no_time;
    return captured ? newest + std::max<std::int64_t>(0, request_.now_us - rows.newest_us) : newest;
  }

  [[nodiscard]] std::string idOf(const monitor::Window& window) const {
    return monitor::windowId(run_.node(request_.monitor).name, request_.model, request_.origin, window);
  }

  [[nodiscard]] std::int64_t afterUs() const {
    return subject_.features.valid() ? std::get<ir::Features>(run_.node(subject_.features).body).after_us : 0;
  }

  /// Labels of a file are there or never come; those of traffic are waited for.
  [[nodiscard]] bool labelsDue(const monitor::Window& window) const {
    if (!request_.data.empty() || window.to_us == monitor::no_time) return true;
    return window.to_us + afterUs() + monitor_.labels_within_us <= clock_us_;
  }

  /// A source or table with a file at hand: the file is compared with the project's rows.
  [[nodiscard]] bool usesProjectRows() const { return !subject_.deploy.valid() && monitor_.baseline == "train" && !request_.data.empty(); }

  Status describeProject() {
    if (!request_.rows_at_hand) return makeError("CD5605", "the rows of the project are what the file is compared with");
    RowsRequest project = rowsRequest();
    project.data.clear();
    project.traffic.clear();
    CD4ML_TRY(InspectedRows rows, readInspected(run_, project));
    CD4ML_TRY(const Material material, Material::make(run_, subject_, nullptr, nullptr, std::move(rows), true));
    std::vector<std::int32_t> all(static_cast<std::size_t>(material.rows().rows));
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int32_t>(i);
    baseline_ = WindowJudge(run_, subject_, material).describe(all);
    return Done{};
  }

  /// What the window is compared with: the model's baseline, the project's rows, or rows before the window.
  Reference referenceOf(const WindowJudge& judge, const Material& material, const monitor::Window& window, monitor::Baseline& before) const {
    const bool last = monitor_.baseline == "last";
    if (!last && baseline_) return {.baseline = &*baseline_, .reason = {}};
    if (!last && subject_.deploy.valid()) return {.baseline = nullptr, .reason = no_baseline_};
    std::vector<std::int32_t> rows;
    const std::vector<std::int64_t>& times = material.rows().times;
    const std::int64_t from = last ? window.from_us - monitor_.baseline_us : monitor::no_time;
    for (std::size_t r = 0; r < times.size() && window.from_us != monitor::no_time; ++r) {
      if (times[r] != monitor::no_time && times[r] >= from && times[r] < window.from_us) rows.push_back(static_cast<std::int32_t>(r));
    }
    if (static_cast<std::int64_t>(rows.size()) < leastRows(monitor_)) {
      return {.baseline = nullptr, .reason = fmt::format("{} rows lie before the window, {} are needed", rows.size(), leastRows(monitor_))};
    }
    before = judge.describe(rows);
    return {.baseline = &before, .reason = {}};
  }

  Result<Json> judgeWindow(const WindowJudge& judge, const Material& material, const monitor::Window& window, const std::vector<double>& earlier, bool newest) const {
    Json out{{"id", idOf(window)}};
    if (window.from_us != monitor::no_time) out["from"] = timeText(window.from_us), out["to"] = timeText(window.to_us);
    out["rows"] = window.rows.size();
    out["model"] = request_.model;
    const auto known = request_.recorded.find(idOf(window));
    const bool quality_only = known != request_.recorded.end();
    const bool few = static_cast<std::int64_t>(window.rows.size()) < leastRows(monitor_);
    Verdict verdict = few ? Verdict::Insufficient : Verdict::Ok;
    bool data = false;
    bool alarm = false;
    bool drift = false;
    if (!quality_only) {
      monitor::Baseline before;
      const Reference reference = few ? Reference{.baseline = nullptr, .reason = "too few rows"} : referenceOf(judge, material, window, before);
      CD4ML_TRY(std::vector<monitor::Check> checks, judge.check(window, reference, earlier));
      if (newest && monitor_.freshness_us > 0) checks.push_back(freshness(material.rows()));
      out["checks"] = Json::array();
      for (const monitor::Check& check : checks) {
        verdict = monitor::worse(verdict, check.verdict == Verdict::Insufficient ? Verdict::Ok : check.verdict);
        (check.kind == "require" ? alarm : data) |= check.verdict == Verdict::Alarm;
        out["checks"].push_back(monitor::checkJson(check));
      }
      out["drift"] = Json::array();
      if (!few) {
        std::vector<monitor::DriftEntry> entries = judge.drift(window, idOf(window) == begun_ ? Reference{.baseline = nullptr, .reason = "the model came out within the window"} : reference);
        std::stable_sort(entries.begin(), entries.end(), worseFirst);
        for (const monitor::DriftEntry& entry : entries) {
          verdict = monitor::worse(verdict, entry.judged.verdict == Verdict::Insufficient ? Verdict::Ok : entry.judged.verdict);
          drift |= entry.judged.verdict == Verdict::Alarm;
          out["drift"].push_back(monitor::driftJson(entry));
        }
      }
    }
    if (few) out["reason"] = fmt::format("{} rows, {} are needed", window.rows.size(), leastRows(monitor_));
    if (monitor_.quality) CD4ML_TRY_VOID(addQuality(judge, window, out));
    out["verdict"] = monitor::verdictText(verdict);
    out["events"] = Json::array();
    if (drift) out["events"].push_back("drift");
    if (data) out["events"].push_back("data");
    if (alarm) out["events"].push_back("alarm");
    return out;
  }

  static bool worseFirst(const monitor::DriftEntry& a, const monitor::DriftEntry& b) {
    if (a.judged.verdict != b.judged.verdict) return a.judged.verdict > b.judged.verdict;
    return a.judged.comparable && b.judged.comparable && a.judged.comparison.effect > b.judged.comparison.effect;
  }

  Status addQuality(const WindowJudge& judge, const monitor::Window& window, Json& out) const {
    if (!labelsDue(window)) {
      out["quality"] = {{"due", timeText(window.to_us + afterUs() + monitor_.labels_within_us)}};
      return Done{};
    }
    CD4ML_TRY(out["quality"], judge.quality(window));
    return Done{};
  }

  [[nodiscard]] monitor::Check freshness(const InspectedRows& rows) const {
    monitor::Check out{.kind = "freshness", .name = "newest row", .statistic = "age", .n = static_cast<double>(rows.rows)};
    out.threshold = static_cast<double>(monitor_.freshness_us) / 1e6;
    if (rows.newest_us == monitor::no_time) {
      out.verdict = Verdict::Insufficient;
      out.message = "the rows have no time";
      return out;
    }
    out.value = static_cast<double>(request_.now_us - rows.newest_us) / 1e6;
    if (*out.value <= *out.threshold) return out;
    out.verdict = Verdict::Alarm;
    out.message = fmt::format("the newest row is of {}", timeText(rows.newest_us));
    return out;
  }

  Run& run_;
  const InspectRequest& request_;
  Subject subject_;
  const ir::Monitor& monitor_;
  std::optional<score::RowScorer> scorer_;
  std::shared_ptr<const score::LookupSnapshots> lookups_;
  std::optional<monitor::Baseline> baseline_;
  std::string no_baseline_;
  std::int64_t clock_us_ = 0;
  std::string begun_;
  std::int64_t skipped_ = 0;
  std::int64_t open_ = 0;
};

}  // namespace

Result<std::string> inspectMonitor(Run& run, const InspectRequest& request) { return Pass(run, request).look(); }

}  // namespace cd4ml::engine
