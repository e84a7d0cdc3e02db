#include "runtime/engine/try_case.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "runtime/data/literal_column.h"
#include "runtime/data/value_text.h"
#include "runtime/data/write.h"
#include "runtime/engine/features_fit.h"
#include "runtime/engine/stage_folder.h"

namespace cd4ml::engine {

namespace {

/// Rows of a difference that are shown.
constexpr std::int64_t shown_rows = 10;

/// Given rows go the way of all rows: through a file and the source's reader, so that types and checks hold for them.
class GivenSources {
 public:
  GivenSources(const ir::Pipeline& pipeline, StageFolder folder) : pipeline_(pipeline), folder_(std::move(folder)) {
    known_.pipeline = &pipeline_;
    for (ir::Node& node : pipeline_.nodes) {
      if (auto* features = std::get_if<ir::Features>(&node.body)) features->split = {};
    }
  }

  Status give(const ir::LiteralTable& table, std::size_t number) {
    ir::Node& node = pipeline_.nodes[table.node.index];
    std::vector<data::NamedColumn> columns;
    for (std::size_t c = 0; c < table.slots.size(); ++c) {
      const ir::Column& column = node.columns[table.slots[c]];
      columns.push_back({column.name, data::literalColumn(column.type, table.columns[c])});
    }
    if (table.slots.empty() && table.rows == 0) columns = noRows(node);
    if (!table.slots.empty()) known_.counted_by[table.node] = table.slots[0];
    const std::string path = (folder_.path() / fmt::format("{}.csv", number)).string();
    names_.emplace_back(fmt::format("`{}`", path), fmt::format("what is given as `{}`", node.name));
    CD4ML_TRY_VOID(data::writeTable(path, columns));
    auto& source = std::get<ir::Source>(node.body);
    source.reader = "csv";
    source.options = {{"delimiter", {","}}, {"quote", {"\""}}, {"header", {true}}, {"nulls", {ir::Literal::List{}}},
                      {"decimal", {"."}},   {"skip", {std::int64_t{0}}}};
    SourceFile file;
    file.path = path;
    known_.files[table.node] = {file};
    return Done{};
  }

  [[nodiscard]] const Known& known() const { return known_; }

  /// The error in words of the test: nobody wrote the files that stand for the given rows.
  [[nodiscard]] Error inWordsOfTest(Error error) const {
    for (const auto& [path, name] : names_) {
      for (std::size_t at = error.message.find(path); at != std::string::npos; at = error.message.find(path, at + name.size())) {
        error.message.replace(at, path.size(), name);
      }
    }
    if (error.code == "CD5004") error.help = {"add the column to each row; `null` where it is none"};
    if (error.cause != nullptr) error.cause = std::make_shared<const Error>(inWordsOfTest(*error.cause));
    return error;
  }

 private:
  /// `given flights = []` names no columns: it has them all.
  static std::vector<data::NamedColumn> noRows(const ir::Node& node) {
    std::vector<data::NamedColumn> columns;
    for (const ir::Column& column : node.columns) {
      const bool writable = !column.type.isError() && column.type.kind != ir::Kind::Vector;
      if (writable) columns.push_back({column.name, data::literalColumn(column.type, {})});
    }
    return columns;
  }

  ir::Pipeline pipeline_;
  StageFolder folder_;
  std::vector<std::pair<std::string, std::string>> names_;  ///< how messages name a file, and how a test does
  Known known_;
};

/// The columns of features as scoring would compute them: encoders give the full fit for every row.
Result<std::vector<data::Column>> featureColumns(Run& run, ir::NodeId node, const Slots& slots) {
  const auto& features = std::get<ir::Features>(run.node(node).body);
  const std::vector<ir::ValueId> values = slotValues(features, slots);
  CD4ML_TRY(const PartedRows rows, loadParts(run, features, values));
  CD4ML_TRY(const score::FittedState fitted,
            features::fit(features.graph, values, rows.inputs, rows.rows, rows.parts[0], rows.row_ids, run.execute()));
  const std::vector<features::RowSet> parts{{.begin = 0, .count = 0, .indices = {}}, rows.parts[0]};
  CD4ML_TRY(auto by_part, features::computeByPart(features.graph, values, rows.inputs, rows.rows, parts, fitted, rows.row_ids,
                                                  run.execute()));
  std::vector<data::Column> columns;
  for (auto& each : by_part) columns.push_back(std::move(each[1]));
  return columns;
}

Result<std::vector<data::Column>> columnsOf(Run& run, ir::NodeId node, const Slots& slots) {
  if (std::holds_alternative<ir::Features>(run.node(node).body)) return featureColumns(run, node, slots);
  return fetchColumns(run, node, slots);
}

bool isNear(double a, double b, double within) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b || std::abs(a - b) <= within;
}

bool sameValue(const data::Column& actual, const data::Column& expected, std::int64_t row, const std::optional<double>& within) {
  const score::ColumnView a = actual.view();
  const score::ColumnView e = expected.view();
  if (!a.isValid(row) || !e.isValid(row)) return a.isValid(row) == e.isValid(row);
  if (actual.type.kind == ir::Kind::Float) return isNear(a.floats()[row], e.floats()[row], within.value_or(0));
  return data::valueText(actual, row) == data::valueText(expected, row);
}

/// Rows side by side, the ones that differ marked: "row 2: expected [false], got [true]".
TestFailure difference(const ir::Node& node, const ir::Expectation& expectation, const std::vector<data::Column>& actual,
                       const std::vector<data::Column>& expected, std::int64_t rows) {
  TestFailure failure{.text = expectation.text, .span = expectation.span};
  const auto wanted = static_cast<std::int64_t>(expectation.table.rows);
  if (rows != wanted) failure.lines.push_back(fmt::format("expected {} rows, got {}", wanted, rows));
  std::int64_t shown = 0;
  for (std::int64_t r = 0; r < std::max(rows, wanted) && shown < shown_rows; ++r) {
    std::vector<std::string> texts;
    for (std::size_t c = 0; c < expectation.table.slots.size(); ++c) {
      const std::string e = r < wanted ? data::valueText(expected[c], r) : "no row";
      const std::string a = r < rows ? data::valueText(actual[c], r) : "no row";
      if (r < wanted && r < rows && sameValue(actual[c], expected[c], r, expectation.within)) continue;
      texts.push_back(fmt::format("{}: expected {}, got {}", node.columns[expectation.table.slots[c]].name, e, a));
    }
    if (texts.empty()) continue;
    failure.lines.push_back(fmt::format("row {}  {}", r + 1, fmt::join(texts, "  ")));
    ++shown;
  }
  return failure;
}

Result<std::optional<TestFailure>> compare(Run& run, const ir::Expectation& expectation) {
  const ir::Node& node = run.node(expectation.table.node);
  // `expect node == []` names no columns either.
  const bool counts = expectation.rows_only || expectation.table.slots.empty();
  std::int64_t rows = 0;
  if (counts) {
    CD4ML_TRY(rows, countRows(run, expectation.table.node));
  }
  if (expectation.rows_only) {
    const auto wanted = static_cast<std::int64_t>(expectation.table.rows);
    if (rows == wanted) return std::optional<TestFailure>{};
    return std::optional(TestFailure{.text = expectation.text, .lines = {fmt::format("expected {} rows, got {}", wanted, rows)}, .span = expectation.span});
  }
  CD4ML_TRY(const std::vector<data::Column> actual, columnsOf(run, expectation.table.node, expectation.table.slots));
  if (!counts) rows = actual[0].rows;
  std::vector<data::Column> expected;
  for (std::size_t c = 0; c < actual.size(); ++c) {
    ir::Type type = node.columns[expectation.table.slots[c]].type;
    type.nullable = true;
    type.levels = nullptr;  // an expected level that the column cannot have is a difference, not an error
    expected.push_back(data::literalColumn(type, expectation.table.columns[c]));
  }
  TestFailure failure = difference(node, expectation, actual, expected, rows);
  if (failure.lines.empty()) return std::optional<TestFailure>{};
  return std::optional(std::move(failure));
}

}  // namespace

Result<std::vector<TestFailure>> tryCase(const ir::Pipeline& pipeline, const ir::TestCase& test, const EngineConfig& config,
                                         TaskContext& task) {
  CD4ML_TRY(StageFolder folder, StageFolder::make(config.scratch, "test"));
  GivenSources sources(pipeline, std::move(folder));
  for (std::size_t i = 0; i < test.given.size(); ++i) CD4ML_TRY_VOID(sources.give(test.given[i], i));
  Artifacts artifacts(nullptr);
  EngineConfig alone = config;
  alone.cas = nullptr;
  Run run{sources.known(), task, artifacts, alone};
  std::vector<TestFailure> failures;
  for (const ir::Expectation& expectation : test.expected) {
    Result<std::optional<TestFailure>> compared = compare(run, expectation);
    if (!compared.ok()) compared = sources.inWordsOfTest(compared.error());
    if (!compared.ok() && test.error) {
      const std::string said = compared.error().describe();
      if (said.find(*test.error) != std::string::npos) return failures;
      return std::vector<TestFailure>{{.text = fmt::format("error \"{}\"", *test.error), .lines = {"it failed otherwise: " + said}, .span = test.error_span}};
    }
    if (!compared.ok()) return std::move(compared).error();
    if (*compared) failures.push_back(**std::move(compared));
  }
  if (test.error) {
    failures.push_back({.text = fmt::format("error \"{}\"", *test.error), .lines = {"nothing failed"}, .span = test.error_span});
  }
  return failures;
}

}  // namespace cd4ml::engine
