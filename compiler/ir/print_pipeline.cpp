#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/internal_check.h"
#include "compiler/ir/pipeline.h"
#include "compiler/ir/text_reader.h"
#include "compiler/ir/window_text.h"

namespace cd4ml::ir {
namespace {

std::string quoted(const std::string& text) { return literalText(Literal{text}); }

std::string nodeText(NodeId node) { return node.valid() ? fmt::format("#{}", node.index) : "none"; }

std::string rolesText(const Column& column) {
  std::string text;
  if (column.has(Role::Time)) text += " @time";
  if (column.has(Role::Available)) text += " @available";
  if (column.has(Role::Key)) text += " @key";
  if (column.has(Role::Id)) text += " @id";
  if (column.has(Role::Pii)) text += " @pii";
  return text;
}

/// Writes the lines of one node's body, indented by two.
class BodyPrinter {
 public:
  explicit BodyPrinter(std::string& out) : out_(out) {}

  void operator()(const Source& source) {
    line("reader {}", source.reader);
    for (const std::string& path : source.paths) line("path {}", quoted(path));
    if (source.stage.valid()) line("stage {} {}", nodeText(source.stage), source.stage_slot);
    options(source.options);
    if (source.pinned) line("pinned");
    if (source.open_schema) line("open_schema");
    graph(source.graph);
    for (const FieldCheck& check : source.checks) {
      line("{} %{} share {} {}", check.warning ? "warn" : "check", check.condition.index,
           literalText(Literal{check.share}), quoted(check.text));
    }
    for (const RequireOp& check : source.row_checks) (*this)(check);
  }

  void operator()(const Table& table) {
    line("from {}", nodeText(table.from));
    line("variables {}", table.variables);
    graph(table.graph);
    for (const TableOp& op : table.ops) std::visit(*this, op);
    line("outputs [{}]", list(table.outputs));
  }

  void operator()(const FilterOp& op) { line("filter %{}", op.condition.index); }
  void operator()(const DeriveOp& op) { line("derive ${} = %{}", op.result, op.value.index); }
  void operator()(const GroupOp& op) {
    line("group [{}] [{}]", pairs(op.key_results, op.keys), pairs(op.aggregate_results, op.aggregates));
  }
  void operator()(const JoinOp& op) {
    line("join {} {} left [{}] right [{}] columns [{}] results [{}]", kindOf(op.kind), nodeText(op.right),
         list(op.left_keys), list(op.right_keys), list(op.right_columns), list(op.results));
  }
  void operator()(const RequireOp& op) {
    line("{} %{} {}", op.warning ? "warn" : "require", op.condition.index, quoted(op.text));
  }

  void operator()(const WindowOp& op) { window(op.result, op.window); }
  void operator()(const AsOfOp& op) {
    line("asof {} left [{}] right [{}] times {} {} available {}{} within {} ahead {} columns [{}] results [{}]", nodeText(op.right), list(op.left_keys),
         list(op.right_keys), op.left_time, op.right_time, availableText(op.right_available, op.known_after), op.strictly_before ? " before" : "",
         op.within_us ? fmt::format("{}", *op.within_us) : "any", op.ahead_us, list(op.right_columns), list(op.results));
  }
  void operator()(const DedupeOp& op) {
    line("dedupe [{}] by {} {} names [{}]", list(op.keys), op.by, op.keep_last ? "last" : "first", namesText(op.names));
  }
  void operator()(const SampleOp& op) { line("sample {} seed {} ids [{}]", literalText(Literal{op.share}), op.seed, list(op.ids)); }
  void operator()(const UnionOp& op) {
    line("union {} left [{}] columns [{}] results [{}]", nodeText(op.right), list(op.left), list(op.right_columns), list(op.results));
  }
  void operator()(const Stage& stage) {
    for (const Stage::Argument& argument : stage.argv) {
      switch (argument.kind) {
        case Stage::Argument::Kind::Text: line("argv text {}", quoted(argument.text)); break;
        case Stage::Argument::Kind::Input: line("argv input {}", argument.index); break;
        case Stage::Argument::Kind::Output: line("argv output {}", argument.index); break;
      }
    }
    for (const Stage::Input& input : stage.inputs) {
      if (!input.node.valid()) line("input {} file {}", quoted(input.name), quoted(input.path));
      if (input.node.valid()) line("input {} rows {}{}", quoted(input.name), nodeText(input.node), input.part ? " " + std::string(partText(*input.part)) : "");
    }
    for (const Stage::Output& output : stage.outputs) line("output {} {}", nameText(output.name), quoted(output.file));
    for (const auto& [name, value] : stage.env) line("env {} {}", quoted(name), quoted(value));
    line("timeout {}", stage.timeout_us);
    line("retries {}", stage.retries);
  }
  void operator()(const Monitor& m) {
    line("of {}", nodeText(m.subject));
    line("window {} rows {}", m.window_us, m.window_rows);
    line("baseline {} {}", m.baseline, m.baseline_us);
    line("quality {} freshness {} labels {} cooldown {} budget {} per {}", m.quality ? 1 : 0, m.freshness_us, m.labels_within_us, m.cooldown_us,
         m.budget, m.budget_us);
    for (const Monitor::Drift& drift : m.drifts) {
      line("drift {} {} {} of [{}] by [{}]", drift.stat, literalText(Literal{drift.effect}), literalText(Literal{drift.alpha}), namesText(drift.of), namesText(drift.by));
    }
    graph(m.graph);
    for (const RequireOp& check : m.checks) line("{} %{} {}", check.warning ? "warn" : "require", check.condition.index, quoted(check.text));
    for (const Monitor::Rule& rule : m.rules) line("when {} {} [{}]", rule.event, rule.limit, actionsText(rule.actions));
  }

  static std::string namesText(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : " ") + quoted(name);
    return text;
  }

  static std::string actionsText(const std::vector<Action>& actions) {
    std::string text;
    for (const Action& action : actions) text += (text.empty() ? "" : " ") + action.verb + (action.notify.valid() ? " " + nodeText(action.notify) : "");
    return text;
  }

  void operator()(const Features& features) {
    line("from {}", nodeText(features.from));
    line("split {}", nodeText(features.split));
    if (features.after_us != 0) {
      line("after {} time {} ends [{}]", features.after_us, features.time_column, endsText(features.ends));
    }
    for (std::uint32_t w = 0; w < features.windows.size(); ++w) window(w, features.windows[w]);
    graph(features.graph);
    for (const ValueId feature : features.features) line("feature %{}", feature.index);
    if (features.target.valid()) line("target %{}", features.target.index);
    if (features.weight.valid()) line("weight %{}", features.weight.index);
  }

  void operator()(const Split& split) {
    line("method {}", methodText(split.method));
    line("from {}", nodeText(split.from));
    if (split.time_column != UINT32_MAX) line("time {}", split.time_column);
    if (split.by_column != UINT32_MAX) line("by {}", split.by_column);
    if (split.folds != 0) line("folds {}", split.folds);
    if (split.fold >= 0) line("fold {}", split.fold);
    line("ids [{}]", list(split.id_columns));
    line("seed {}", split.seed);
    line("gap {}", split.gap_us);
    if (split.after_us != 0) line("after {} ends [{}]", split.after_us, endsText(split.ends));
    for (const Split::Share& share : split.shares) {
      if (share.rest) {
        line("share {} rest", partText(share.part));
      } else if (share.duration_us != 0) {
        line("share {} duration {}", partText(share.part), share.duration_us);
      } else {
        line("share {} fraction {}", partText(share.part), literalText(Literal{share.fraction}));
      }
    }
  }

  void operator()(const Model& model) {
    line("algorithm {}", model.algorithm);
    line("features {}", nodeText(model.features));
    line("task {}", taskText(model.task));
    line("target_type {}", typeText(model.target_type));
    options(model.options);
    if (model.tune) tune(*model.tune);
    for (const NodeId candidate : model.candidates) line("candidate {}", nodeText(candidate));
    if (model.objective) objective(*model.objective);
    if (!model.per.empty()) {
      line("per [{}] min {}{}", list(model.per), model.per_min_rows, model.per_fallback ? " fallback" : "");
    }
    if (model.threshold) line("threshold {}", literalText(Literal{*model.threshold}));
    if (model.folds) line("folds");
    if (!model.file.empty()) line("file {} of {}", quoted(model.file), nodeText(model.file_stage));
  }

  void operator()(const Evaluate& evaluate) {
    line("model {}", nodeText(evaluate.model));
    line("part {}", partText(evaluate.part));
    if (evaluate.in_sample) line("in_sample");
    graph(evaluate.graph);
    for (const Metric& metric : evaluate.metrics) {
      std::string what = metric.metric.empty() ? fmt::format("%{}", metric.expression.index) : metric.metric;
      line("metric {} as {} by {}[{}] min {}", what, nameText(metric.name), metric.by_class ? "class " : "", list(metric.by), metric.min_rows);
      for (const Option& option : metric.options) line("  with {} = {}", nameText(option.name), literalText(option.value));
    }
  }

  void operator()(const Gate& gate) {
    for (const NodeId evaluate : gate.evaluates) line("on {}", nodeText(evaluate));
    for (const GateCheck& check : gate.checks) {
      const std::string share = check.share ? " share " + literalText(Literal{*check.share}) : "";
      line("{} {} {} {}{}{} {}", check.warning ? "warn" : "require", sideText(check.left), check.op, sideText(check.right),
           check.confident ? " confident " + literalText(Literal{*check.confident}) : "", share, quoted(check.text));
    }
    if (gate.hold) line("hold");
    for (const NodeId notify : gate.notify) line("notify {}", nodeText(notify));
  }

  void operator()(const Deploy& deploy) {
    line("model {}", nodeText(deploy.model));
    line("gate {}", nodeText(deploy.gate));
    for (const Deploy::Step& step : deploy.rollout) {
      line("rollout {} {} {}", literalText(Literal{step.share}), step.rows, step.time_us);
    }
    for (const Deploy::Guard& guard : deploy.guards) {
      line("guard {} {} {} {}", guard.measure, literalText(Literal{guard.percentile}), guard.strict ? 1 : 0, literalText(Literal{guard.limit}));
    }
    if (deploy.settle_us != 0) line("settle {}", deploy.settle_us);
    if (deploy.keep != 0) line("keep {}", deploy.keep);
    if (deploy.capture != 0) line("capture {}", literalText(Literal{deploy.capture}));
    for (const Deploy::Rule& rule : deploy.rules) line("when {} [{}]", rule.event, actionsText(rule.actions));
  }

  void operator()(const Notify& notify) {
    line("channel {}", notify.channel);
    options(notify.options);
    for (const std::string& argument : notify.argv) line("argv {}", quoted(argument));
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    out_ += "  ";
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }

  void window(std::uint32_t result, const Window& window) {
    std::string begin = fmt::format("window ${} = ", result);
    for (const std::string& each : windowLines(window)) {
      line("{}{}", begin, each);
      begin.clear();
    }
  }

  void objective(const Objective& objective) {
    line("{} {}", objective.maximize ? "maximize" : "minimize", objective.metric);
    for (const Option& option : objective.options) line("  goal {} = {}", nameText(option.name), literalText(option.value));
  }

  void tune(const Tune& tune) {
    line("tune {}", tune.method);
    for (const Option& option : tune.options) line("  search {} = {}", nameText(option.name), literalText(option.value));
    objective(tune.objective);
    for (const Tune::Range& range : tune.ranges) {
      line("  range {} {}{}{}", nameText(range.option), range.is_list ? "list" : "span", range.log ? " log" : "", range.integer ? " integer" : "");
      for (const Literal& value : range.values) line("    value {}", literalText(value));
    }
  }

  void options(const std::vector<Option>& options) {
    for (const Option& option : options) line("option {} = {}", nameText(option.name), literalText(option.value));
  }

  void graph(const Graph& graph) {
    const std::string text = printGraph(graph);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      line("{}", std::string_view(text).substr(at, end - at));
      at = end + 1;
    }
  }

  static std::string list(const std::vector<std::uint32_t>& numbers) { return fmt::format("{}", fmt::join(numbers, ", ")); }

  static std::string pairs(const std::vector<Variable>& variables, const std::vector<ValueId>& values) {
    std::string text;
    for (std::size_t i = 0; i < values.size(); ++i) {
      text += fmt::format("{}${} = %{}", i > 0 ? ", " : "", variables[i], values[i].index);
    }
    return text;
  }

  static std::string_view kindOf(JoinOp::Kind kind) {
    switch (kind) {
      case JoinOp::Kind::LookUp: return "lookup";
      case JoinOp::Kind::Inner: return "inner";
      case JoinOp::Kind::Many: return "many";
    }
    return {};
  }

  static std::string termText(const GateTerm& term) {
    const std::string_view subject = term.subject == GateTerm::Subject::Candidate ? "candidate" : "champion";
    switch (term.kind) {
      case GateTerm::Kind::Metric: break;
      case GateTerm::Kind::Constant: return "constant " + literalText(Literal{term.constant});
      case GateTerm::Kind::Size: return fmt::format("size {}", subject);
      case GateTerm::Kind::Latency: return fmt::format("latency {} {}", subject, literalText(Literal{term.percentile}));
      case GateTerm::Kind::Rows: return fmt::format("rows {} {}", subject, term.evaluate);
    }
    std::string_view over;
    switch (term.over) {
      case GateTerm::Over::Whole: over = "whole"; break;
      case GateTerm::Over::Worst: over = "worst"; break;
      case GateTerm::Over::Gap: over = "gap"; break;
      case GateTerm::Over::Ratio: over = "ratio"; break;
      case GateTerm::Over::Each: over = "each"; break;
    }
    return fmt::format("metric {} {} {} {}", subject, over, term.evaluate, term.metric);
  }

  static std::string sideText(const GateSide& side) {
    std::string text = "(";
    for (std::size_t i = 0; i < side.terms.size(); ++i) {
      text += (i > 0 ? ", " : "") + literalText(Literal{side.terms[i].first}) + " * " + termText(side.terms[i].second);
    }
    return text + ")";
  }

  std::string& out_;
};

}  // namespace

std::string printPipeline(const Pipeline& pipeline) {
  std::string out = fmt::format("pipeline {}\n", nameText(pipeline.name));
  for (const Param& param : pipeline.params) {
    out += fmt::format("param {} : {}{} = {} from {}{}\n", nameText(param.name), param.is_list ? "list " : "", typeText(param.type),
                       literalText(param.value), quoted(param.origin), param.doc.empty() ? "" : " doc " + quoted(param.doc));
  }
  BodyPrinter body(out);
  for (std::size_t i = 0; i < pipeline.nodes.size(); ++i) {
    const Node& node = pipeline.nodes[i];
    out += fmt::format("\n#{} {} {}{}\n", i, kindText(node), nameText(node.name),
                       node.doc.empty() ? "" : " doc " + quoted(node.doc));
    for (const Column& column : node.columns) {
      out += fmt::format("  column {} : {}{}{}\n", nameText(column.name), typeText(column.type), rolesText(column),
                         column.doc.empty() ? "" : " doc " + quoted(column.doc));
    }
    std::visit(body, node.body);
  }
  return out;
}

}  // namespace cd4ml::ir
