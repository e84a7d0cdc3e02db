// Prometheus text, format 0.0.4.
#include <cmath>
#include <fstream>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/serve/capture.h"
#include "runtime/serve/core.h"
#include "runtime/serve/feedback.h"
#include "runtime/track/ledger.h"

namespace cd4ml::serve {

namespace {

/// Values of labels: backslash, quote and line break are escaped.
std::string labelText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') out += "\\n";
    else out += c;
  }
  return out;
}

class Page {
 public:
  void begin(std::string_view name, std::string_view type, std::string_view help) { text_ += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help); }
  void line(std::string_view name, std::string_view labels, double value) {
    if (std::floor(value) == value && std::fabs(value) < 1e15) text_ += fmt::format("{}{}{}{} {}\n", name, labels.empty() ? "" : "{", labels, labels.empty() ? "" : "}", static_cast<std::int64_t>(value));
    else text_ += fmt::format("{}{}{}{} {}\n", name, labels.empty() ? "" : "{", labels, labels.empty() ? "" : "}", value);
  }
  /// Bounds in seconds at every fourth bucket: powers of two of µs.
  void histogram(std::string_view name, const std::string& labels, const release::LatencyCounts& counts, double sum_seconds) {
    std::uint64_t seen = 0;
    const std::string comma = labels.empty() ? "" : labels + ",";
    const std::string bucket = fmt::format("{}_bucket", name);
    for (std::size_t i = 0; i < counts.counts.size(); ++i) {
      seen += counts.counts[i];
      const bool shown = (i + 1) % 4 == 0 && i >= 23 && i < 96;  // 64 µs … 16.8 s
      if (shown) line(bucket, fmt::format("{}le=\"{}\"", comma, release::LatencyCounts::bound(i) / 1e6), static_cast<double>(seen));
    }
    line(bucket, comma + "le=\"+Inf\"", static_cast<double>(seen));
    line(fmt::format("{}_sum", name), labels, sum_seconds);
    line(fmt::format("{}_count", name), labels, static_cast<double>(seen));
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// The middle of each bucket stands for what is in it: a sum that no request has to wait for.
double sumOf(const release::LatencyCounts& counts) {
  double sum = 0;
  for (std::size_t i = 0; i < counts.counts.size(); ++i) {
    sum += static_cast<double>(counts.counts[i]) * (i == 0 ? 1.0 : (release::LatencyCounts::bound(i) + release::LatencyCounts::bound(i - 1)) / 2) / 1e6;
  }
  return sum;
}

using Arms = std::vector<std::pair<std::string, release::ArmCounters>>;  ///< labels of Prometheus, counts

Arms armsOf(Core& core) {
  Arms arms;
  const std::lock_guard lock(core.stats_mutex);
  for (const auto& [key, stats] : core.stats) {
    const std::size_t at = key.first.find('@');
    release::ArmCounters counts;
    stats->read(counts);
    arms.emplace_back(fmt::format("model=\"{}\",version=\"{}\",arm=\"{}\"", labelText(key.first.substr(0, at)), at == std::string::npos ? "" : labelText(key.first.substr(at + 1)), key.second), counts);
  }
  return arms;
}

void writeArms(const Arms& arms, Page& page) {
  const auto each = [&](std::string_view name, std::string_view help, auto value) {
    page.begin(name, "counter", help);
    for (const auto& [labels, counts] : arms) page.line(name, labels, static_cast<double>(value(counts)));
  };
  each("cd4ml_requests_total", "Requests answered by a model (shadow: scored beside).", [](const auto& c) { return c.requests; });
  each("cd4ml_rows_total", "Rows of these requests.", [](const auto& c) { return c.rows; });
  each("cd4ml_request_errors_total", "Requests with a row that could not be scored, or that failed.", [](const auto& c) { return c.errors; });
  each("cd4ml_bad_rows_total", "Rows that could not be scored.", [](const auto& c) { return c.bad_rows; });
  page.begin("cd4ml_score", "summary", "Scores given: probabilities, or predicted numbers.");
  for (const auto& [labels, counts] : arms) {
    page.line("cd4ml_score_sum", labels, counts.score.sum);
    page.line("cd4ml_score_count", labels, static_cast<double>(counts.score.n));
  }
  page.begin("cd4ml_request_duration_seconds", "histogram", "From the whole request to its answer.");
  for (const auto& [labels, counts] : arms) page.histogram("cd4ml_request_duration_seconds", labels, counts.latency, sumOf(counts.latency));
}

void writeThreads(Core& core, Page& page) {
  page.begin("cd4ml_http_responses_total", "counter", "Answers by protocol and status.");
  for (std::size_t p = 0; p < protocols; ++p) {
    for (std::size_t c = 0; c < counted_codes.size(); ++c) {
      std::uint64_t count = 0;
      for (const ThreadBlock& block : core.blocks) count += block.responses[p][c].get();
      if (count == 0) continue;
      const std::string code = counted_codes[c] == 0 ? "other" : std::to_string(counted_codes[c]);
      page.line("cd4ml_http_responses_total", fmt::format("protocol=\"{}\",code=\"{}\"", protocolText(static_cast<Protocol>(p)), code), static_cast<double>(count));
    }
  }
  page.begin("cd4ml_rejected_total", "counter", "Requests that were refused before a model saw them.");
  for (std::size_t r = 0; r < rejections; ++r) {
    std::uint64_t count = 0;
    for (const ThreadBlock& block : core.blocks) count += block.rejected[r].load(std::memory_order_relaxed);
    page.line("cd4ml_rejected_total", fmt::format("reason=\"{}\"", rejectionText(static_cast<Rejection>(r))), static_cast<double>(count));
  }
  release::LatencyCounts queued;
  double queued_sum = 0;
  std::array<std::uint64_t, 18> batches{};
  double connections = 0;
  double inflight = 0;
  for (const ThreadBlock& block : core.blocks) {
    for (std::size_t b = 0; b < block.queued.size(); ++b) queued.counts[b] += block.queued[b].get();
    queued_sum += static_cast<double>(block.queued_sum_us.get()) / 1e6;
    for (std::size_t b = 0; b < batches.size(); ++b) batches[b] += block.batch_rows[b].get();
    connections += static_cast<double>(block.connections.load(std::memory_order_relaxed));
    inflight += static_cast<double>(block.inflight.load(std::memory_order_relaxed));
  }
  page.begin("cd4ml_queue_duration_seconds", "histogram", "What requests waited for their thread.");
  page.histogram("cd4ml_queue_duration_seconds", "", queued, queued_sum);
  page.begin("cd4ml_batch_rows", "histogram", "Rows of a request.");
  std::uint64_t seen = 0;
  double rows = 0;
  for (std::size_t b = 0; b < batches.size(); ++b) {
    seen += batches[b];
    rows += static_cast<double>(batches[b]) * std::exp2(static_cast<double>(b)) * (b == 0 ? 1.0 : 1.5);
    page.line("cd4ml_batch_rows_bucket", fmt::format("le=\"{}\"", (2ULL << b) - 1), static_cast<double>(seen));
  }
  page.line("cd4ml_batch_rows_bucket", "le=\"+Inf\"", static_cast<double>(seen));
  page.line("cd4ml_batch_rows_sum", "", rows);
  page.line("cd4ml_batch_rows_count", "", static_cast<double>(seen));
  page.begin("cd4ml_connections", "gauge", "Open connections.");
  page.line("cd4ml_connections", "", connections);
  page.begin("cd4ml_inflight", "gauge", "Requests whose answer another thread is making.");
  page.line("cd4ml_inflight", "", inflight);
}

double residentBytes() {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  file >> pages >> pages;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

void writeProcess(Core& core, Page& page) {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const double cpu = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  page.begin("process_cpu_seconds_total", "counter", "Processor time of the process.");
  page.line("process_cpu_seconds_total", "", cpu);
  page.begin("process_resident_memory_bytes", "gauge", "Memory of the process.");
  page.line("process_resident_memory_bytes", "", residentBytes());
  page.begin("process_start_time_seconds", "gauge", "When the process began, since 1970.");
  page.line("process_start_time_seconds", "", std::floor(static_cast<double>(core.started_us) / 1e6));
  page.begin("cd4ml_build_info", "gauge", "The version of cd4ml.");
  page.line("cd4ml_build_info", fmt::format("version=\"{}\"", core.config.version), 1);
}

}  // namespace

std::string metricsText(Core& core) {
  Page page;
  writeArms(armsOf(core), page);
  writeThreads(core, page);
  const std::shared_ptr<const Serving> serving = core.serving.load(std::memory_order_acquire);
  page.begin("cd4ml_model_loaded_info", "gauge", "The models that are routed now.");
  if (serving != nullptr) {
    const auto loaded = [&](const Arm& arm, std::string_view role) {
      page.line("cd4ml_model_loaded_info", fmt::format("model=\"{}\",version=\"{}\",hash=\"{}\",arm=\"{}\"", labelText(arm.model()), labelText(arm.version()), arm.id(), role), 1);
    };
    loaded(*serving->champion, "champion");
    if (serving->challenger != nullptr) loaded(*serving->challenger, serving->mode == release::ChallengerMode::Shadow ? "shadow" : "challenger");
  }
  page.begin("cd4ml_canary_share", "gauge", "Share of the keys that the challenger answers.");
  page.line("cd4ml_canary_share", "", serving != nullptr && serving->mode == release::ChallengerMode::Canary ? serving->share : 0);
  page.begin("cd4ml_model_swaps_total", "counter", "Changes of what is routed.");
  page.line("cd4ml_model_swaps_total", "result=\"done\"", static_cast<double>(core.swaps.load()));
  page.line("cd4ml_model_swaps_total", "result=\"failed\"", static_cast<double>(core.failed_swaps.load()));
  page.begin("cd4ml_capture_rows_total", "counter", "Rows that were captured.");
  page.line("cd4ml_capture_rows_total", "", core.capture == nullptr ? 0.0 : static_cast<double>(core.capture->kept()));
  page.begin("cd4ml_capture_dropped_total", "counter", "Rows that should have been captured and were lost.");
  page.line("cd4ml_capture_dropped_total", "", core.capture == nullptr ? 0.0 : static_cast<double>(core.capture->dropped()));
  page.begin("cd4ml_labels_total", "counter", "Labels that were stored.");
  page.line("cd4ml_labels_total", "", core.feedback == nullptr ? 0.0 : static_cast<double>(core.feedback->stored()));
  writeProcess(core, page);
  return page.take();
}

std::shared_ptr<ArmStats> Core::statsOf(const std::string& label, const std::string& role) {
  const std::lock_guard lock(stats_mutex);
  std::shared_ptr<ArmStats>& held = stats[{label, role}];
  if (held == nullptr) held = std::make_shared<ArmStats>(blocks.size());
  return held;
}

}  // namespace cd4ml::serve
