#include "compiler/ir/body_reader.h"
#include "compiler/ir/text.h"

namespace cd4ml::ir {

std::vector<std::uint32_t> readList(TextReader& reader) {
  std::vector<std::uint32_t> numbers;
  reader.expect("[");
  while (reader.ok() && !reader.accept("]")) {
    if (!numbers.empty()) reader.expect(",");
    numbers.push_back(reader.index());
  }
  return numbers;
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

namespace {

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
  param.is_list = reader.acceptWord("list");
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
  if (word == "stage") return Stage{};
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
}

}  // namespace

Result<Pipeline> parsePipeline(std::string_view text) {
  Pipeline pipeline;
  CD4ML_TRY_VOID(readLines(text, "pipeline", [&](TextReader& reader) { readLine(reader, pipeline); }));
  return pipeline;
}

}  // namespace cd4ml::ir
