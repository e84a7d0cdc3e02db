#include "runtime/score/program_bytes.h"

#include <memory>

namespace cd4ml::score {

namespace {

constexpr std::uint8_t kinds = static_cast<std::uint8_t>(ir::Kind::Vector) + 1;
constexpr std::uint8_t ops = static_cast<std::uint8_t>(ir::Op::Lookup) + 1;
constexpr int nesting = 8;  ///< of literal lists

void putType(ByteWriter& out, const ir::Type& type) {
  out.u8(static_cast<std::uint8_t>(type.kind));
  out.u8(type.nullable ? 1 : 0);
  out.u32(type.width);
  out.u8(type.levels ? 1 : 0);
  if (type.levels) out.list(*type.levels, [&](const std::string& level) { out.text(level); });
}

ir::Type getType(ByteReader& in) {
  ir::Type type;
  type.kind = in.choice<ir::Kind>(kinds);
  type.nullable = in.u8() != 0;
  type.width = in.u32();
  if (in.u8() != 0) type.levels = std::make_shared<const std::vector<std::string>>(in.list<std::string>(8, [&] { return in.text(); }));
  return type;
}

void putLiteral(ByteWriter& out, const ir::Literal& literal) {
  out.u8(static_cast<std::uint8_t>(literal.value.index()));
  if (const auto* b = std::get_if<bool>(&literal.value)) out.u8(*b ? 1 : 0);
  if (const auto* i = std::get_if<std::int64_t>(&literal.value)) out.i64(*i);
  if (const auto* d = std::get_if<double>(&literal.value)) out.f64(*d);
  if (const auto* s = std::get_if<std::string>(&literal.value)) out.text(*s);
  if (const auto* l = std::get_if<ir::Literal::List>(&literal.value)) out.list(*l, [&](const ir::Literal& item) { putLiteral(out, item); });
}

ir::Literal getLiteral(ByteReader& in, int depth) {
  switch (in.u8()) {
    case 0: return {};
    case 1: return {in.u8() != 0};
    case 2: return {in.i64()};
    case 3: return {in.f64()};
    case 4: return {in.text()};
    case 5:
      if (depth > 0) return {in.list<ir::Literal>(1, [&] { return getLiteral(in, depth - 1); })};
      [[fallthrough]];
    default: in.fail(); return {};
  }
}

void putValue(ByteWriter& out, const ir::Value& value) {
  out.u8(static_cast<std::uint8_t>(value.op));
  putType(out, value.type);
  out.text(value.name);
  out.list(value.args, [&](ir::ValueId id) { out.u32(id.index); });
  out.list(value.options, [&](const ir::Literal& literal) { putLiteral(out, literal); });
  putLiteral(out, value.literal);
  out.u32(value.slot);
  out.u32(value.lookup);
}

ir::Value getValue(ByteReader& in) {
  ir::Value value;
  value.op = in.choice<ir::Op>(ops);
  value.type = getType(in);
  value.name = in.text();
  value.args = in.list<ir::ValueId>(4, [&] { return ir::ValueId{in.u32()}; });
  value.options = in.list<ir::Literal>(1, [&] { return getLiteral(in, nesting); });
  value.literal = getLiteral(in, nesting);
  value.slot = in.u32();
  value.lookup = in.u32();
  return value;
}

ir::FieldCheck getCheck(ByteReader& in) {
  ir::FieldCheck check;
  check.condition = {in.u32()};
  check.share = in.f64();
  check.warning = in.u8() != 0;
  return check;
}

ir::LookupTable getLookup(ByteReader& in) {
  ir::LookupTable table;
  table.key_slots = in.list<std::uint32_t>(4, [&] { return in.u32(); });
  table.value_slots = in.list<std::uint32_t>(4, [&] { return in.u32(); });
  return table;
}

ir::Column getInput(ByteReader& in) {
  ir::Column column;
  column.name = in.text();
  column.type = getType(in);
  return column;
}

/// What refers to a value must refer to one that is there.
bool isSound(const ir::ScoringProgram& program) {
  const auto known = [&](ir::ValueId id) { return id.index < program.graph.values.size(); };
  for (const ir::ValueId id : program.features) {
    if (!known(id)) return false;
  }
  for (const ir::FieldCheck& check : program.checks) {
    if (!known(check.condition)) return false;
  }
  for (const ir::Value& value : program.graph.values) {
    if (value.op == ir::Op::Lookup && value.lookup >= program.lookups.size()) return false;
  }
  return ir::verifyGraph(program.graph, static_cast<std::uint32_t>(program.inputs.size())).empty();
}

}  // namespace

void putProgram(ByteWriter& out, const ir::ScoringProgram& program) {
  out.list(program.inputs, [&](const ir::Column& column) {
    out.text(column.name);
    putType(out, column.type);
  });
  out.list(program.graph.values, [&](const ir::Value& value) { putValue(out, value); });
  out.list(program.checks, [&](const ir::FieldCheck& check) {
    out.u32(check.condition.index);
    out.f64(check.share);
    out.u8(check.warning ? 1 : 0);
  });
  out.list(program.features, [&](ir::ValueId id) { out.u32(id.index); });
  out.list(program.lookups, [&](const ir::LookupTable& table) {
    out.list(table.key_slots, [&](std::uint32_t slot) { out.u32(slot); });
    out.list(table.value_slots, [&](std::uint32_t slot) { out.u32(slot); });
  });
}

ir::ScoringProgram getProgram(ByteReader& in) {
  ir::ScoringProgram program;
  program.inputs = in.list<ir::Column>(15, [&] { return getInput(in); });
  program.graph.values = in.list<ir::Value>(40, [&] { return getValue(in); });
  program.checks = in.list<ir::FieldCheck>(13, [&] { return getCheck(in); });
  program.features = in.list<ir::ValueId>(4, [&] { return ir::ValueId{in.u32()}; });
  program.lookups = in.list<ir::LookupTable>(16, [&] { return getLookup(in); });
  if (in.ok() && !isSound(program)) in.fail();
  return program;
}

void putProgramNames(ByteWriter& out, const ir::ScoringProgram& program) {
  out.list(program.feature_names, [&](const std::string& name) { out.text(name); });
  out.list(program.inputs, [&](const ir::Column& column) {
    out.text(column.type.unit);
    out.text(column.doc);
    out.u8(column.roles);
  });
  out.list(program.checks, [&](const ir::FieldCheck& check) { out.text(check.text); });
}

void getProgramNames(ByteReader& in, ir::ScoringProgram& program) {
  program.feature_names = in.list<std::string>(8, [&] { return in.text(); });
  if (in.u64() != program.inputs.size()) return in.fail();
  for (ir::Column& column : program.inputs) {
    column.type.unit = in.text();
    column.doc = in.text();
    column.roles = in.u8();
  }
  if (in.u64() != program.checks.size()) return in.fail();
  for (ir::FieldCheck& check : program.checks) check.text = in.text();
}

}  // namespace cd4ml::score
