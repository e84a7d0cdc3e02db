// Rows: sources, tables, features, splits.
#include "compiler/ir/body_reader.h"
#include "compiler/ir/window_text.h"

namespace cd4ml::ir {

namespace {

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

}  // namespace

void BodyReader::operator()(Source& source) {
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
  } else if (word == "check" || word == "warn" || word == "require") {
    readSourceCheck(word, source);
  } else {
    reader.fail("unknown line of a source");
  }
}

void BodyReader::readSourceCheck(const std::string& word, Source& source) {
  const ValueId condition = reader.valueId();
  const bool warning = word == "warn";
  if (!reader.acceptWord("share")) {
    source.row_checks.push_back({.condition = condition, .warning = warning, .text = reader.text()});
    return;
  }
  FieldCheck check{.condition = condition, .share = reader.number(), .warning = warning, .text = {}};
  check.text = reader.text();
  source.checks.push_back(std::move(check));
}

void BodyReader::operator()(Table& table) {
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

void BodyReader::readTableOp(const std::string& word, Table& table) {
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
  } else if (word == "asof") {
    table.ops.emplace_back(readAsOf());
  } else if (word == "dedupe") {
    table.ops.emplace_back(readDedupe());
  } else if (word == "sample") {
    table.ops.emplace_back(readSample());
  } else if (word == "union") {
    table.ops.emplace_back(readUnion());
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

JoinOp BodyReader::readJoin() {
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

AsOfOp BodyReader::readAsOf() {
  AsOfOp op;
  op.right = reader.nodeId();
  reader.expect("left");
  op.left_keys = readList(reader);
  reader.expect("right");
  op.right_keys = readList(reader);
  reader.expect("times");
  op.left_time = reader.index();
  op.right_time = reader.index();
  reader.expect("available");
  readAvailable(reader, op.right_available, op.known_after);
  op.strictly_before = reader.acceptWord("before");
  reader.expect("within");
  if (!reader.acceptWord("any")) op.within_us = reader.integer();
  reader.expect("ahead");
  op.ahead_us = reader.integer();
  reader.expect("columns");
  op.right_columns = readList(reader);
  reader.expect("results");
  op.results = readList(reader);
  return op;
}

DedupeOp BodyReader::readDedupe() {
  DedupeOp op{.keys = readList(reader)};
  reader.expect("by");
  op.by = reader.index();
  op.keep_last = readEnum<bool>(reader, {{"first", false}, {"last", true}});
  reader.expect("names");
  op.names = readTexts();
  return op;
}

SampleOp BodyReader::readSample() {
  SampleOp op{.share = reader.number(), .seed = 0, .ids = {}};
  reader.expect("seed");
  op.seed = reader.integer();
  reader.expect("ids");
  op.ids = readList(reader);
  return op;
}

UnionOp BodyReader::readUnion() {
  UnionOp op{.right = reader.nodeId(), .left = {}, .right_columns = {}, .results = {}};
  reader.expect("left");
  op.left = readList(reader);
  reader.expect("columns");
  op.right_columns = readList(reader);
  reader.expect("results");
  op.results = readList(reader);
  return op;
}

void BodyReader::operator()(Features& features) {
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

void BodyReader::operator()(Split& split) {
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

}  // namespace cd4ml::ir
