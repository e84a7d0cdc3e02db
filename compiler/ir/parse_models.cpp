// Models, what judges them, and stages.
#include "compiler/ir/body_reader.h"

namespace cd4ml::ir {

void BodyReader::operator()(Stage& stage) {
  const std::string word = reader.word();
  if (word == "argv") {
    stage.argv.push_back(readArgument());
  } else if (word == "input") {
    stage.inputs.push_back(readInput());
  } else if (word == "output") {
    Stage::Output output{.name = reader.name(), .file = {}};
    output.file = reader.text();
    stage.outputs.push_back(std::move(output));
  } else if (word == "env") {
    std::string name = reader.text();
    stage.env.emplace_back(std::move(name), reader.text());
  } else if (word == "timeout") {
    stage.timeout_us = reader.integer();
  } else if (word == "retries") {
    stage.retries = reader.integer();
  } else {
    reader.fail("unknown line of a stage");
  }
}

Stage::Argument BodyReader::readArgument() {
  using Word = Stage::Argument::Kind;
  Stage::Argument argument;
  argument.kind = readEnum<Word>(reader, {{"text", Word::Text}, {"input", Word::Input}, {"output", Word::Output}});
  if (argument.kind == Word::Text) {
    argument.text = reader.text();
  } else {
    argument.index = reader.index();
  }
  return argument;
}

Stage::Input BodyReader::readInput() {
  Stage::Input input;
  input.name = reader.text();
  if (reader.acceptWord("file")) {
    input.path = reader.text();
    return input;
  }
  reader.expect("rows");
  input.node = reader.nodeId();
  if (!reader.atEnd()) input.part = readPart(reader);
  return input;
}

void BodyReader::operator()(Model& model) {
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
bool BodyReader::readSearch(const std::string& word, Model& model) {
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

void BodyReader::operator()(Evaluate& evaluate) {
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

Metric BodyReader::readMetric() {
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

}  // namespace cd4ml::ir
