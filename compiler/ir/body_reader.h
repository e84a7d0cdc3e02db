/// Reads one line of a node's body of the text form into it. One file a group of constructs: parse_rows.cpp,
/// parse_models.cpp, parse_release.cpp.
#pragma once

#include "compiler/ir/parse_gate.h"
#include "compiler/ir/parse_graph.h"
#include "compiler/ir/text_reader.h"

namespace cd4ml::ir {

/// A line of the node's graph comes next.
[[nodiscard]] inline bool nextIsValue(const TextReader& reader) { return reader.peekWord().empty(); }
[[nodiscard]] std::vector<std::uint32_t> readList(TextReader& reader);
[[nodiscard]] Option readOption(TextReader& reader);
[[nodiscard]] Part readPart(TextReader& reader);

struct BodyReader {
  TextReader& reader;

  void operator()(Source& source);
  void operator()(Table& table);
  void operator()(Stage& stage);
  void operator()(Monitor& m);
  void operator()(Features& features);
  void operator()(Split& split);
  void operator()(Model& model);
  void operator()(Evaluate& evaluate);
  void operator()(Gate& gate);
  void operator()(Deploy& deploy);
  void operator()(Notify& notify);

  // ---- parts of the above
  void readTableOp(const std::string& word, Table& table);
  void readLimits(Monitor& m);
  std::vector<std::string> readTexts();
  std::vector<Action> readActions();
  void readSourceCheck(const std::string& word, Source& source);
  JoinOp readJoin();
  AsOfOp readAsOf();
  DedupeOp readDedupe();
  SampleOp readSample();
  UnionOp readUnion();
  Stage::Argument readArgument();
  Stage::Input readInput();
  bool readSearch(const std::string& word, Model& model);
  Metric readMetric();
};

}  // namespace cd4ml::ir
