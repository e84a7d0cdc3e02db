// What is done with models: gates, deploys, monitors, notifies.
#include "compiler/ir/body_reader.h"

namespace cd4ml::ir {

void BodyReader::operator()(Gate& gate) {
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

void BodyReader::operator()(Deploy& deploy) {
  const std::string word = reader.word();
  if (word == "model") {
    deploy.model = reader.nodeId();
  } else if (word == "gate") {
    deploy.gate = reader.nodeId();
  } else if (word == "rollout") {
    Deploy::Step step{.share = reader.number()};
    step.rows = reader.integer();
    step.time_us = reader.integer();
    deploy.rollout.push_back(step);
  } else if (word == "guard") {
    Deploy::Guard guard{.measure = reader.word(), .percentile = reader.number()};
    guard.strict = reader.integer() != 0;
    guard.limit = reader.number();
    deploy.guards.push_back(std::move(guard));
  } else if (word == "settle") {
    deploy.settle_us = reader.integer();
  } else if (word == "keep") {
    deploy.keep = reader.integer();
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

void BodyReader::operator()(Monitor& m) {
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

void BodyReader::readLimits(Monitor& m) {
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

std::vector<std::string> BodyReader::readTexts() {
  std::vector<std::string> texts;
  reader.expect("[");
  while (reader.ok() && !reader.atEnd() && !reader.accept("]")) texts.push_back(reader.text());
  return texts;
}

std::vector<Action> BodyReader::readActions() {
  std::vector<Action> actions;
  reader.expect("[");
  while (reader.ok() && !reader.atEnd() && !reader.accept("]")) {
    Action action{.verb = reader.word()};
    if (action.verb == "notify") action.notify = reader.nodeId();
    actions.push_back(std::move(action));
  }
  return actions;
}

void BodyReader::operator()(Notify& notify) {
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

}  // namespace cd4ml::ir
