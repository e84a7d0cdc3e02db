#include <fmt/format.h>

#include "compiler/ir/parse_gate.h"
#include "compiler/ir/parse_graph.h"
#include "compiler/ir/text.h"
#include "compiler/ir/window_text.h"

namespace cd4ml::ir {
namespace {

bool nextIsValue(const TextReader& reader) { return reader.peekWord().empty(); }

std::vector<std::uint32_t> readList(TextReader& reader) {
  std::vector<std::uint32_t> numbers;
  reader.expect("[");
  while (reader.ok() && !reader.accept("]")) {
    if (!numbers.empty()) reader.expect(",");
    numbers.push_back(reader.index());
  }
  return numbers;
}

void readPairs(TextReader& reader, std::vector<Variable>& variables, std::vector<ValueId>& values) {
  reader.expect("[");
  while (reader.ok() && !reader.accept("]")) {
    if (!values.empty()) reader.expect(",");
    reader.expect("$");
    variables.push_back(reader.index());
    reader.expect("=");
    values.push_back(reader.valueId());
  }
}

Option readOption(TextReader& reader) {
  Option option;
  option.name = reader.name();
  reader.expect("=");
  option.value = reader.literal();
  return option;
}

Part readPart(TextReader& reader) {
  return readEnum<Part>(reader, {{"train", Part::Train}, {"validate", Part::Validate}, {"test", Part::Test}});
}

/// Reads one line of a node's body into it.
struct BodyReader {
  TextReader& reader;

  void operator()(Source& source) {
    if (nextIsValue(reader)) return readValue(reader, source.graph);
    const std::string word = reader.word();
    if (word == "reader") {
      source.reader = reader.word();
    } else if (word == "path") {
      source.paths.push_back(reader.text());
    } else if (word == "stage") {
      source.stage = reader.nodeId();
      source.stage_slot = reader.index();
    } else if (word == "option") {
      source.options.push_back(readOption(reader));
    } else if (word == "pinned") {
      source.pinned = true;
    } else if (word == "open_schema") {
      source.open_schema = true;
    } else if (word == "check" || word == "warn") {
      FieldCheck check;
      check.condition = reader.valueId();
      check.warning = word == "warn";
      reader.expect("share");
      check.share = reader.number();
      check.text = reader.text();
      source.checks.push_back(std::move(check));
    } else {
      reader.fail("unknown line of a source");
    }
  }

  void operator()(Table& table) {
    if (nextIsValue(reader)) return readValue(reader, table.graph);
    const std::string word = reader.word();
    if (word == "from") {
      table.from = reader.nodeId();
    } else if (word == "variables") {
      table.variables = reader.index();
    } else if (word == "outputs") {
      table.outputs = readList(reader);
    } else {
      readTableOp(word, table);
    }
  }

  void readTableOp(const std::string& word, Table& table) {
    if (word == "filter") {
      table.ops.emplace_back(FilterOp{.condition = reader.valueId()});
    } else if (word == "derive") {
      reader.expect("$");
      DeriveOp op{.result = reader.index(), .value = {}};
      reader.expect("=");
      op.value = reader.valueId();
      table.ops.emplace_back(op);
    } else if (word == "group") {
      GroupOp op;
      readPairs(reader, op.key_results, op.keys);
      readPairs(reader, op.aggregate_results, op.aggregates);
      table.ops.emplace_back(std::move(op));
    } else if (word == "join") {
      table.ops.emplace_back(readJoin());
    } else if (word == "require" || word == "warn") {
      RequireOp op{.condition = reader.valueId(), .warning = word == "warn", .text = {}};
      op.text = reader.text();
      table.ops.emplace_back(std::move(op));
    } else if (word == "window") {
      reader.expect("$");
      const Variable result = reader.index();
      reader.expect("=");
      table.ops.emplace_back(WindowOp{.result = result, .window = readWindow(reader)});
    } else if (table.ops.empty() || !std::holds_alternative<WindowOp>(table.ops.back()) ||
               !readWindowLine(reader, word, std::get<WindowOp>(table.ops.back()).window)) {
      reader.fail("unknown line of a table");
    }
  }

  void operator()(Stage&) { reader.fail("a stage cannot be read back yet"); }
  void operator()(Monitor& m) {
    if (nextIsValue(reader)) return readValue(reader, m.graph);
    const std::string word = reader.word();
    if (word == "of") {
      m.subject = reader.nodeId();
    } else if (word == "window") {
      m.window_us = reader.integer();
      reader.expect("rows");
      m.window_rows = reader.integer();
    } else if (word == "baseline") {
      m.baseline = reader.word();
      m.baseline_us = reader.integer();
    } else if (word == "quality") {
      readLimits(m);
    } else if (word == "drift") {
      Monitor::Drift drift{.of = {}, .stat = reader.word(), .effect = reader.number(), .alpha = 0, .by = {}};
      drift.alpha = reader.number();
      reader.expect("of");
      drift.of = readTexts();
      reader.expect("by");
      drift.by = readTexts();
      m.drifts.push_back(std::move(drift));
    } else if (word == "require" || word == "warn") {
      const ValueId condition = reader.valueId();
      m.checks.push_back({.condition = condition, .warning = word == "warn", .text = reader.text()});
    } else if (word == "when") {
      Monitor::Rule rule{.event = reader.word(), .limit = reader.integer(), .actions = {}};
      rule.actions = readActions();
      m.rules.push_back(std::move(rule));
    } else {
      reader.fail("unknown line of a monitor");
    }
  }

  void readLimits(Monitor& m) {
    m.quality = reader.integer() != 0;
    reader.expect("freshness");
    m.freshness_us = reader.integer();
    reader.expect("labels");
    m.labels_within_us = reader.integer();
    reader.expect("cooldown");
    m.cooldown_us = reader.integer();
    reader.expect("budget");
    m.budget = reader.integer();
    reader.expect("per");
    m.budget_us = reader.integer();
  }

  std::vector<std::string> readTexts() {
    std::vector<std::string> texts;
    reader.expect("[");
    while (reader.ok() && !reader.atEnd() && !reader.accept("]")) texts.push_back(reader.text());
    return texts;
  }

  std::vector<Action> readActions() {
    std::vector<Action> actions;
    reader.expect("[");
    while (reader.ok() && !reader.atEnd() && !reader.accept("]")) {
      Action action{.verb = reader.word()};
      if (action.verb == "notify") action.notify = reader.nodeId();
      actions.push_back(std::move(action));
    }
    return actions;
  }

  JoinOp readJoin() {
    JoinOp op;
    op.kind = readEnum<JoinOp::Kind>(
        reader, {{"lookup", JoinOp::Kind::LookUp}, {"inner", JoinOp::Kind::Inner}, {"many", JoinOp::Kind::Many}});
    op.right = reader.nodeId();
    reader.expect("left");
    op.left_keys = readList(reader);
    reader.expect("right");
    op.right_keys = readList(reader);
    reader.expect("columns");
    op.right_columns = readList(reader);
    reader.expect("results");
    op.results = readList(reader);
    return op;
  }

  void operator()(Features& features) {
    if (nextIsValue(reader)) return readValue(reader, features.graph);
    const std::string word = reader.word();
    if (word == "from") {
      features.from = reader.nodeId();
    } else if (word == "split") {
      features.split = reader.nodeId();
    } else if (word == "feature") {
      features.features.push_back(reader.valueId());
    } else if (word == "target") {
      features.target = reader.valueId();
    } else if (word == "weight") {
      features.weight = reader.valueId();
    } else if (word == "after") {
      features.after_us = reader.integer();
      reader.expect("time");
      features.time_column = reader.index();
      reader.expect("ends");
      features.ends = readEnds(reader);
    } else if (word == "window") {
      reader.expect("$");
      if (reader.index() != features.windows.size()) reader.fail("windows are not numbered in order");
      reader.expect("=");
      features.windows.push_back(readWindow(reader));
    } else if (features.windows.empty() || !readWindowLine(reader, word, features.windows.back())) {
      reader.fail("unknown line of features");
    }
  }

  void operator()(Split& split) {
    const std::string word = reader.word();
    if (word == "method") {
      split.method = readEnum<Split::Method>(reader, {{"time", Split::Method::Time}, {"random", Split::Method::Random},
                                                      {"group", Split::Method::Group}, {"stratified", Split::Method::Stratified}});
    } else if (word == "by") {
      split.by_column = reader.index();
    } else if (word == "folds") {
      split.folds = static_cast<std::int32_t>(reader.integer());
    } else if (word == "fold") {
      split.fold = static_cast<std::int32_t>(reader.integer());
    } else if (word == "from") {
      split.from = reader.nodeId();
    } else if (word == "time") {
      split.time_column = reader.index();
    } else if (word == "ids") {
      split.id_columns = readList(reader);
    } else if (word == "seed") {
      split.seed = reader.integer();
    } else if (word == "gap") {
      split.gap_us = reader.integer();
    } else if (word == "after") {
      split.after_us = reader.integer();
      reader.expect("ends");
      split.ends = readEnds(reader);
    } else if (word == "share") {
      Split::Share share{.part = readPart(reader)};
      if (reader.acceptWord("rest")) {
        share.rest = true;
      } else if (reader.acceptWord("duration")) {
        share.duration_us = reader.integer();
      } else {
        reader.expect("fraction");
        share.fraction = reader.number();
      }
      split.shares.push_back(share);
    } else {
      reader.fail("unknown line of a split");
    }
  }

  void operator()(Model& model) {
    const std::string word = reader.word();
    if (word == "algorithm") {
      model.algorithm = reader.word();
    } else if (word == "features") {
      model.features = reader.nodeId();
    } else if (word == "task") {
      model.task = readEnum<Task>(
          reader, {{"regression", Task::Regression}, {"binary", Task::Binary}, {"multiclass", Task::Multiclass}});
    } else if (word == "target_type") {
      model.target_type = reader.type();
    } else if (word == "option") {
      model.options.push_back(readOption(reader));
    } else if (!readSearch(word, model)) {
      reader.fail("unknown line of a model");
    }
  }

  /// Lines of a search, a choice and the like.
  bool readSearch(const std::string& word, Model& model) {
    if (word == "tune") {
      model.tune.emplace().method = reader.word();
    } else if (word == "search" && model.tune) {
      model.tune->options.push_back(readOption(reader));
    } else if (word == "maximize" || word == "minimize") {
      Objective& objective = model.tune ? model.tune->objective : model.objective.emplace();
      objective.metric = reader.word();
      objective.maximize = word == "maximize";
    } else if (word == "goal" && (model.tune || model.objective)) {
      (model.tune ? model.tune->objective : *model.objective).options.push_back(readOption(reader));
    } else if (word == "range" && model.tune) {
      Tune::Range range;
      range.option = reader.name();
      range.is_list = reader.acceptWord("list");
      if (!range.is_list) reader.expect("span");
      range.log = reader.acceptWord("log");
      range.integer = reader.acceptWord("integer");
      model.tune->ranges.push_back(std::move(range));
    } else if (word == "value" && model.tune && !model.tune->ranges.empty()) {
      model.tune->ranges.back().values.push_back(reader.literal());
    } else if (word == "candidate") {
      model.candidates.push_back(reader.nodeId());
    } else if (word == "per") {
      model.per = readList(reader);
      reader.expect("min");
      model.per_min_rows = reader.integer();
      model.per_fallback = reader.acceptWord("fallback");
    } else if (word == "threshold") {
      model.threshold = reader.number();
    } else if (word == "folds") {
      model.folds = true;
    } else if (word == "file") {
      model.file = reader.text();
      reader.expect("of");
      model.file_stage = reader.acceptWord("none") ? NodeId{} : reader.nodeId();
    } else {
      return false;
    }
    return true;
  }

  void operator()(Evaluate& evaluate) {
    if (nextIsValue(reader)) return readValue(reader, evaluate.graph);
    const std::string word = reader.word();
    if (word == "model") {
      evaluate.model = reader.nodeId();
    } else if (word == "part") {
      evaluate.part = readPart(reader);
    } else if (word == "in_sample") {
      evaluate.in_sample = true;
    } else if (word == "metric") {
      evaluate.metrics.push_back(readMetric());
    } else if (word == "with" && !evaluate.metrics.empty()) {
      evaluate.metrics.back().options.push_back(readOption(reader));
    } else {
      reader.fail("unknown line of an evaluate");
    }
  }

  Metric readMetric() {
    Metric metric;
    if (nextIsValue(reader)) {
      metric.expression = reader.valueId();
    } else {
      metric.metric = reader.word();
    }
    reader.expect("as");
    metric.name = reader.name();
    reader.expect("by");
    metric.by_class = reader.acceptWord("class");
    metric.by = readList(reader);
    reader.expect("min");
    metric.min_rows = reader.integer();
    return metric;
  }

  void operator()(Gate& gate) {
    const std::string word = reader.word();
    if (word == "on") {
      gate.evaluates.push_back(reader.nodeId());
    } else if (word == "hold") {
      gate.hold = true;
    } else if (word == "notify") {
      gate.notify.push_back(reader.nodeId());
    } else if (word == "require" || word == "warn") {
      GateCheck check;
      check.warning = word == "warn";
      check.left = readSide(reader);
      check.op = readComparison(reader);
      check.right = readSide(reader);
      if (reader.acceptWord("confident")) check.confident = reader.number();
      if (reader.acceptWord("share")) check.share = reader.number();
      check.text = reader.text();
      gate.checks.push_back(std::move(check));
    } else {
      reader.fail("unknown line of a gate");
    }
  }

  void operator()(Deploy& deploy) {
    const std::string word = reader.word();
    if (word == "model") {
      deploy.model = reader.nodeId();
    } else if (word == "gate") {
      deploy.gate = reader.nodeId();
    } else if (word == "rollout") {
      deploy.rollout = reader.text();
    } else if (word == "guard") {
      Deploy::Guard guard{.measure = reader.word(), .percentile = reader.number()};
      guard.strict = reader.integer() != 0;
      guard.limit = reader.number();
      deploy.guards.push_back(std::move(guard));
    } else if (word == "settle") {
      deploy.settle_us = reader.integer();
    } else if (word == "keep") {
      deploy.keep = reader.integer();
    } else if (word == "after") {
      deploy.after = reader.nodeId();
      deploy.after_us = reader.integer();
    } else if (word == "capture") {
      deploy.capture = reader.number();
    } else if (word == "when") {
      Deploy::Rule rule{.event = reader.word(), .actions = {}};
      rule.actions = readActions();
      deploy.rules.push_back(std::move(rule));
    } else {
      reader.fail("unknown line of a deploy");
    }
  }

  void operator()(Notify& notify) {
    const std::string word = reader.word();
    if (word == "channel") {
      notify.channel = reader.word();
    } else if (word == "option") {
      notify.options.push_back(readOption(reader));
    } else if (word == "argv") {
      notify.argv.push_back(reader.text());
    } else {
      reader.fail("unknown line of a notify");
    }
  }
};

std::string readDoc(TextReader& reader) { return reader.acceptWord("doc") ? reader.text() : std::string{}; }

Column readColumn(TextReader& reader) {
  Column column;
  column.name = reader.name();
  reader.expect(":");
  column.type = reader.type();
  while (reader.accept("@")) {
    column.roles |= static_cast<std::uint8_t>(
        readEnum<Role>(reader, {{"time", Role::Time}, {"available", Role::Available}, {"key", Role::Key},
                                {"id", Role::Id}, {"pii", Role::Pii}}));
  }
  column.doc = readDoc(reader);
  return column;
}

Param readParam(TextReader& reader) {
  Param param;
  param.name = reader.name();
  reader.expect(":");
  param.type = reader.type();
  reader.expect("=");
  param.value = reader.literal();
  reader.expect("from");
  param.origin = reader.text();
  param.doc = readDoc(reader);
  return param;
}

NodeBody emptyBody(TextReader& reader) {
  const std::string word = reader.word();
  if (word == "source") return Source{};
  if (word == "table") return Table{};
  if (word == "features") return Features{};
  if (word == "split") return Split{};
  if (word == "model") return Model{};
  if (word == "evaluate") return Evaluate{};
  if (word == "gate") {
    Gate gate;
    gate.hold = false;
    return gate;
  }
  if (word == "deploy") return Deploy{};
  if (word == "monitor") return Monitor{};
  if (word == "notify") return Notify{};
  reader.fail("unknown construct");
  return Source{};
}

void readLine(TextReader& reader, Pipeline& pipeline) {
  if (reader.acceptWord("pipeline")) {
    pipeline.name = reader.name();
  } else if (reader.acceptWord("param")) {
    pipeline.params.push_back(readParam(reader));
  } else if (reader.accept("#")) {
    if (reader.index() != pipeline.nodes.size()) reader.fail("nodes are not numbered in order");
    Node node;
    node.body = emptyBody(reader);
    node.name = reader.name();
    node.doc = readDoc(reader);
    pipeline.nodes.push_back(std::move(node));
  } else if (pipeline.nodes.empty()) {
    reader.fail("a node is missing");
  } else if (reader.acceptWord("column")) {
    pipeline.nodes.back().columns.push_back(readColumn(reader));
  } else {
    std::visit(BodyReader{reader}, pipeline.nodes.back().body);
  }
  if (reader.ok() && !reader.atEnd()) reader.fail("the line should end");
}

}  // namespace

Result<Pipeline> parsePipeline(std::string_view text) {
  Pipeline pipeline;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    TextReader reader(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    ++number;
    if (reader.atEnd()) continue;
    readLine(reader, pipeline);
    if (!reader.ok()) return makeError("CD9002", fmt::format("line {} of the printed pipeline: {}", number, reader.wrong()));
  }
  return pipeline;
}

}  // namespace cd4ml::ir
