#include "compiler/ir/parse_gate.h"

namespace cd4ml::ir {
namespace {

GateTerm::Subject readSubject(TextReader& reader) {
  return readEnum<GateTerm::Subject>(
      reader, {{"candidate", GateTerm::Subject::Candidate}, {"champion", GateTerm::Subject::Champion}});
}

GateTerm readTerm(TextReader& reader) {
  using Kind = GateTerm::Kind;
  using Over = GateTerm::Over;
  GateTerm term;
  term.kind = readEnum<Kind>(reader, {{"metric", Kind::Metric}, {"constant", Kind::Constant}, {"size", Kind::Size},
                                      {"latency", Kind::Latency}, {"rows", Kind::Rows}});
  switch (term.kind) {
    case Kind::Metric:
      term.subject = readSubject(reader);
      term.over = readEnum<Over>(
          reader, {{"whole", Over::Whole}, {"worst", Over::Worst}, {"gap", Over::Gap}, {"ratio", Over::Ratio}, {"each", Over::Each}});
      term.evaluate = reader.index();
      term.metric = reader.index();
      return term;
    case Kind::Constant:
      term.constant = reader.number();
      return term;
    case Kind::Size:
      term.subject = readSubject(reader);
      return term;
    case Kind::Latency:
      term.subject = readSubject(reader);
      term.percentile = reader.number();
      return term;
    case Kind::Rows:
      term.subject = readSubject(reader);
      term.evaluate = reader.index();
      return term;
  }
  return term;
}

}  // namespace

GateSide readSide(TextReader& reader) {
  GateSide side;
  reader.expect("(");
  while (reader.ok() && !reader.accept(")")) {
    if (!side.terms.empty()) reader.expect(",");
    const double coefficient = reader.number();
    reader.expect("*");
    side.terms.emplace_back(coefficient, readTerm(reader));
  }
  return side;
}

std::string readComparison(TextReader& reader) {
  for (const std::string_view op : {"<=", ">=", "==", "!=", "<", ">"}) {
    if (reader.accept(op)) return std::string(op);
  }
  reader.fail("a comparison is missing");
  return {};
}

}  // namespace cd4ml::ir
