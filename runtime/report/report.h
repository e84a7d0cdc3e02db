/// A report: what happened, why, and what to do next, as one HTML file that asks for nothing else.
///
/// `render` is a pure function of these values: the same report gives the same bytes. Nothing in a value is trusted: every
/// text is escaped, every number may be missing. A section without values is left out. Who fills the values leaves personal
/// columns out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cd4ml::report {

/// How good something is; colours and marks follow from it.
enum class Tone : std::uint8_t { Good, Warning, Bad, Neutral };

/// The first thing that is read.
struct Verdict {
  struct Next { std::string text{}; std::string command{}; };
  Tone tone = Tone::Neutral;
  std::string state{};               ///< one word: released, held, alarm
  std::string headline{};            ///< one sentence
  std::vector<std::string> why{};    ///< sentences
  std::vector<Next> next{};
};

/// A node of the pipeline; `inputs` are places of earlier nodes.
struct Stage {
  std::string name{};
  std::string kind{};
  std::string status{};              ///< ran, cached, failed, skipped, cancelled; empty: it took no part
  double seconds = 0;
  std::uint64_t rows = 0;
  std::string reason{};
  std::vector<std::size_t> inputs{};
};

struct GateCheck {
  std::string text{};                ///< as written
  std::string verdict{};             ///< pass, fail, warn, first_release, inconclusive
  std::string reason{};
  std::optional<double> value{};
  std::optional<double> limit{};
  std::optional<double> champion{};  ///< the champion's value of what is limited
  std::optional<double> confidence{};
};
struct Gate {
  std::string name{};
  std::string deploy{};
  std::string verdict{};             ///< pass, held, inconclusive
  std::vector<GateCheck> checks{};
};

enum class Better : std::uint8_t { Higher, Lower, Neither };
struct Metric {
  std::string name{};
  std::optional<double> value{};
  std::optional<double> champion{};
  std::string reason{};              ///< why there is no value
  std::uint64_t rows = 0;
  Better better = Better::Neither;
};
struct Slices {
  struct Slice { std::string label{}; std::optional<double> value{}; std::uint64_t rows = 0; std::string reason{}; };
  std::string metric{};
  std::string by{};
  std::optional<double> whole{};
  Better better = Better::Neither;
  std::vector<Slice> slices{};
};
struct Calibration {
  struct Bin { double low = 0, high = 0, rows = 0, predicted = 0, observed = 0; };
  std::vector<Bin> bins{};           ///< those with rows, rising
};
/// What an evaluate found out about a model.
struct Evaluation {
  std::string name{};
  std::string model{};               ///< late@7
  std::string part{};
  std::string champion{};            ///< what the metrics are compared with; empty: nothing
  std::string rows_note{};           ///< on which rows the champion was measured
  bool in_sample = false;
  std::vector<Metric> metrics{};
  std::vector<Metric> compared{};    ///< of both models on the same rows, or as `rows_note` says
  std::vector<Slices> slices{};
  std::optional<Calibration> calibration{};
};

/// A column, feature or prediction in one window, against the baseline.
struct Drift {
  struct Level { std::string name{}; double then = 0, now = 0; };
  std::string name{};
  std::string role{};
  std::string segment{};             ///< "origin = SFO"
  std::string verdict{};
  std::string statistic{};
  std::string reason{};
  std::optional<double> effect{}, threshold{}, p{};
  std::optional<double> mean_then{}, mean_now{};
  double low = 0, high = 0;          ///< ends of the inner bins of numbers
  std::vector<double> bins_then{}, bins_now{};
  std::vector<Level> levels{};
};
/// A check of the data itself, or of the quality on labelled rows.
struct DataCheck {
  std::string kind{};
  std::string name{};
  std::string verdict{};             ///< ok, insufficient, warn, alarm
  std::string detail{};
};
struct Window {
  std::string id{};
  std::string label{};               ///< "13 Jan 2001", "all rows"
  std::string verdict{};
  std::string model{};
  std::string reason{};
  std::uint64_t rows = 0;
  std::vector<Drift> drift{};
  std::vector<DataCheck> checks{};
  std::vector<DataCheck> quality{};
  std::vector<std::pair<std::string, double>> metrics{};  ///< on labelled rows
};
/// The limit that the gate sets a metric in production.
struct Limit { std::string metric{}; double value = 0; };

struct Event {
  std::string at{};                  ///< 2024-06-01T10:15:00Z
  std::string what{};                ///< alarm, deployment, rollout, retraining, run
  std::string text{};
  std::string by{};
  Tone tone = Tone::Neutral;
};

struct Fact { std::string name{}; std::string value{}; };

struct Report {
  std::string title{};               ///< of the pipeline
  std::string subject{};             ///< "run r-…", "monitor health of production"
  std::string about{};               ///< what the pipeline is for, as its text says
  std::string at{};                  ///< time of what is reported
  Verdict verdict{};
  std::vector<Gate> gates{};
  std::vector<Evaluation> evaluations{};
  std::vector<Window> windows{};     ///< oldest first; the last with enough rows is shown in full
  std::vector<Limit> limits{};
  std::vector<Event> events{};       ///< oldest first
  std::vector<Stage> stages{};
  std::vector<Fact> provenance{};
  std::string reproduce{};           ///< command
};

[[nodiscard]] std::string render(const Report& report);

}  // namespace cd4ml::report
