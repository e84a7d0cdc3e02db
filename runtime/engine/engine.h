/// The engine: everything that touches rows or machine code, behind one interface.
///
/// The front (`cd4mlc`) plans and keys; the engine runs one node given its IR and the content ids of its inputs. It is
/// the shared library `libcd4ml_engine.so`, opened the first time something must run. The engine decides nothing about
/// caching or releases and writes nothing but blobs (through `store::Cas`) and the files it is asked to write.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "compiler/ir/pipeline.h"
#include "compiler/ir/test_case.h"
#include "runtime/score/column_view.h"

namespace cd4ml::store { class Cas; }

namespace cd4ml::engine {

/// What is known of one slot: enough to plan with, whether or not the blob is stored.
struct SlotContent {
  Digest content;              ///< of the slot as a whole
  std::vector<Digest> parts;   ///< features: content of each part (train, validate, test; those that exist)
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;     ///< in memory
  bool stored = false;         ///< the blob is in the CAS; else it is recomputed when wanted
  std::string value;           ///< small results as JSON: metrics, model summary, split counts; else empty
};

/// A file of a source as the front saw it when it made the key.
struct SourceFile {
  std::string path;
  Digest content;              ///< of the bytes
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::uint64_t inode = 0;
};

/// Everything that is known when a node runs. Content ids of inputs are complete; the engine gets their data from
/// memory, from the CAS, or by running the node that makes them again (and checks that the id is the same).
struct Known {
  const ir::Pipeline* pipeline = nullptr;
  std::map<ir::SlotRef, SlotContent> slots;
  std::map<ir::NodeId, std::vector<SourceFile>> files;  ///< of each source
  /// Sources of which only some columns are there (the given rows of a test), each with one of these: rows are counted
  /// by it. Those of other nodes by their first slot, which is part of the keys.
  std::map<ir::NodeId, std::uint32_t> counted_by{};
};

/// How the engine speaks to the one who called it; all members may be called from any thread.
struct TaskContext {
  int threads = 1;
  std::function<void(std::uint64_t done, std::uint64_t total, std::string_view what)> progress;
  std::function<void(const Error&)> warn;   ///< `warn` checks and other findings that do not fail the node
  const std::atomic<bool>* cancelled = nullptr;
  /// Seconds of a part of the work ("dataset", "train"), for the stage event's `phases`; never part of a result.
  std::function<void(std::string_view phase, double seconds)> phase;
};

struct InferredField { std::string name; ir::Type type; };

/// Options of `score`.
struct ScoreRequest {
  std::string bundle;      ///< path of a bundle file
  std::string input;       ///< CSV, Parquet, Arrow by content
  std::string output;      ///< by extension; empty: CSV to stdout
  bool null_on_error = false;  ///< `--on-error null`
  const Known* known = nullptr;  ///< the pipeline with its rows, for models that fold history; null: none at hand
};
struct ScoreSummary { std::uint64_t rows = 0; std::uint64_t errors = 0; };

/// What a pass of a monitor looks at.
struct InspectRequest {
  ir::NodeId monitor;
  std::string bundle{};        ///< of a deploy: path of the champion's
  std::string model{};         ///< "late@7"
  std::string data{};          ///< a file of raw rows (CSV, Parquet, Arrow by content); else
  std::string origin{};        ///< with `data`: the content of the file, part of the ids of its windows
  std::string traffic{};       ///< the folder of the deploy's captured rows; empty, as `data`: the rows of a source or table in the project
  std::int64_t traffic_from_us = 0;  ///< rows that came before are of no interest: another model answered them
  /// Windows that are recorded already, and whether their quality is: those are not judged again. Not of `data`.
  std::map<std::string, bool> recorded{};
  std::vector<double> earlier_rows{};  ///< rows of earlier windows, for the volume
  std::int64_t now_us = 0;
  bool rows_at_hand = false;   ///< `known` has the contents of the rows' node; an Error CD5605 asks for them
};

/// What `show` prints, as JSON that the front renders: {"columns":[{"name","type","rows","nulls","min",…}],"rows":[[…]]}
struct ShowRequest {
  ir::NodeId node;
  std::string slot;        ///< empty: all columns; "train" …: a part of features
  std::uint64_t rows = 20;
  bool stats = false;
  std::string output;      ///< write to this file instead (CSV, Parquet, Arrow by extension)
  bool values = false;     ///< features written to a file: their values, not the raw columns that `score` reads
};

/// An `expect` that does not hold.
struct TestFailure {
  std::string text;                  ///< as written
  std::vector<std::string> lines{};  ///< how expected and actual differ
  Span span{};
};

/// One metric on rows drawn again and again (runtime/evaluate/bootstrap.h); NaN where it has no value.
struct MetricReplicates {
  std::vector<double> whole;                  ///< one a replicate
  std::vector<std::string> slices;            ///< JSON keys, as in the metrics
  std::vector<std::vector<double>> by_slice;  ///< of each slice, one a replicate
};
/// Of the wanted metrics of an evaluate, the candidate's and the champion's on the same rows.
struct PairedReplicates {
  std::vector<MetricReplicates> candidate;
  std::vector<MetricReplicates> champion;     ///< empty without a champion
};

/// A column of captured rows; a category comes as texts.
struct TrafficColumn {
  std::string name;
  ir::Type type;
  score::ColumnView view;
};
/// Captured rows for the end of a file; all batches of a file have the same columns.
struct TrafficBatch {
  std::string path;        ///< begun where there is none
  std::vector<TrafficColumn> columns;
  std::int64_t rows = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;

  /// Column names and types of a source without a field block, from its files.
  virtual Result<std::vector<InferredField>> inferSchema(const ir::Source& source, const std::vector<SourceFile>& files) = 0;

  /// Computes the wanted slots of a node. The result has one entry a wanted slot, in order.
  virtual Result<std::vector<SlotContent>> run(const Known& known, ir::NodeId node, const std::vector<std::uint32_t>& slots,
                                               TaskContext& context) = 0;

  /// Out-of-fold predictions of a model, pooled: each of `folds` knows the variant of the pipeline in which the model
  /// learned from the other folds, and that model.
  virtual Result<SlotContent> poolFolds(const std::vector<Known>& folds, ir::NodeId model, TaskContext& context) = 0;

  virtual Result<std::string> show(const Known& known, const ShowRequest& request, TaskContext& context) = 0;

  /// Writes the bundle of a model with the evidence given as JSON; returns its model id.
  virtual Result<Digest> writeBundle(const Known& known, ir::NodeId model, const std::string& evidence_json,
                                     const std::string& path, TaskContext& context) = 0;

  /// Scores the current evaluate part with a released bundle: the metrics JSON of that evaluate node, computed on the
  /// rows that were in neither its training nor its validation part; with "left_out", the rows that were, "candidate", the
  /// metrics of the present model on the same rows (if some were left out), and "size", the champion's in bytes.
  virtual Result<std::string> evaluateBundle(const Known& known, ir::NodeId evaluate, const std::string& bundle,
                                             TaskContext& context) = 0;

  /// The metrics at places `metrics` of an evaluate node on bootstrap replicates of its rows. With the path of a champion's
  /// bundle, of both models on the rows that the champion was not fitted on.
  virtual Result<PairedReplicates> replicate(const Known& known, ir::NodeId evaluate, const std::vector<std::uint32_t>& metrics,
                                             const std::string& champion, TaskContext& context) = 0;

  /// Milliseconds that rows of an evaluate node's part take one by one, from raw columns to the prediction, rising. By the
  /// bundle at `bundle`, or by that of the present model if it is empty. A measurement: never the same twice.
  virtual Result<std::vector<double>> rowLatencies(const Known& known, ir::NodeId evaluate, const std::string& bundle,
                                                   TaskContext& context) = 0;

  virtual Result<ScoreSummary> score(const ScoreRequest& request, TaskContext& context) = 0;

  /// One pass of a monitor: the JSON of its new windows (docs/reference/json.md, `monitor`), without the verdict on quality, for
  /// which it holds the metrics.
  virtual Result<std::string> inspect(const Known& known, const InspectRequest& request, TaskContext& context) = 0;

  /// Appends a record batch to an Arrow IPC stream; gives the file's size. The file stays open until `closeTraffic`; one that
  /// is never closed can be read all the same. Not for several threads at once.
  virtual Result<std::uint64_t> appendTraffic(const TrafficBatch& batch) = 0;
  virtual Status closeTraffic(const std::string& path) = 0;

  /// Runs a `test` block in memory; what did not hold. An Error where it could not run to its end.
  virtual Result<std::vector<TestFailure>> test(const ir::Pipeline& pipeline, const ir::TestCase& test, TaskContext& context) = 0;
};

/// What the front gives the engine once.
struct EngineConfig {
  std::shared_ptr<store::Cas> cas;  ///< null for `score` of a bundle file without a pipeline
  std::string object_cache;         ///< folder for JIT object code; empty: none
  std::string scratch{};            ///< where stages get their folders; empty: the system's
  int threads = 1;
};

/// The one symbol of the shared library.
extern "C" Engine* cd4ml_create_engine(const EngineConfig& config);
using CreateEngine = Engine* (*)(const EngineConfig&);

}  // namespace cd4ml::engine
