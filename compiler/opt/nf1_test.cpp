// The vectors of docs/design/nf1.md, and what equal and different digests must mean.
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "compiler/ir/text.h"
#include "compiler/opt/nf1.h"
#include "compiler/opt/value_digest.h"

namespace cd4ml::opt {
namespace {

Digest leaf(std::uint32_t slot) {
  Digest digest;
  digest.bytes.fill(static_cast<std::uint8_t>(slot + 1));
  return digest;
}

/// Lines of a printed graph, separated by "; ".
Digest digestOf(std::string text) {
  for (std::size_t at = text.find("; "); at != std::string::npos; at = text.find("; ")) text.replace(at, 2, "\n");
  const Result<ir::Graph> graph = ir::parseGraph(text);
  EXPECT_TRUE(graph.ok()) << text;
  if (!graph.ok() || graph->values.empty()) return {};
  return ValueDigests(*graph, leaf).of({static_cast<std::uint32_t>(graph->values.size() - 1)});
}

TEST(Nf1, TheVectorsOfTheSpecHold) {
  std::ifstream page("docs/design/nf1.md");
  std::string line;
  int vectors = 0;
  while (std::getline(page, line)) {
    if (!line.starts_with("| `%")) continue;
    const std::size_t end = line.find("` | `");
    ASSERT_NE(end, std::string::npos) << line;
    const std::string graph = line.substr(3, end - 3);
    EXPECT_EQ("`" + digestOf(graph).hex() + "` |", line.substr(end + 4)) << graph;
    ++vectors;
  }
  EXPECT_GE(vectors, 12);
}

constexpr const char* two = "%0 : float = input 0; %1 : float = input 1; ";

TEST(Nf1, OrderSharingAndUnusedValuesPlayNoPart) {
  const std::string inputs = two;
  EXPECT_EQ(digestOf(inputs + "%2 : float = call add_ff(%0, %1)"), digestOf(inputs + "%2 : float = call add_ff(%1, %0)"));
  EXPECT_NE(digestOf(inputs + "%2 : float = call sub_ff(%0, %1)"), digestOf(inputs + "%2 : float = call sub_ff(%1, %0)"));
  EXPECT_NE(digestOf(inputs + "%2 : float = call min_ff(%0, %1)"), digestOf(inputs + "%2 : float = call min_ff(%1, %0)"));
  EXPECT_EQ(digestOf(inputs + "%2 : float = call mul_ff(%0, %0)"),
            digestOf("%0 : float = input 0; %1 : float = input 0; %2 : float = constant 7.0; %3 : float = call mul_ff(%0, %1)"));
}

TEST(Nf1, LogicIsReorderedOnlyWhereNoRowErrorCouldShow) {
  const std::string safe = "%0 : bool = input 0; %1 : bool = input 1; ";
  EXPECT_EQ(digestOf(safe + "%2 : bool = call and_bb(%0, %1)"), digestOf(safe + "%2 : bool = call and_bb(%1, %0)"));
  const std::string unsafe =
      "%0 : int = input 0; %1 : int = input 1; %2 : int = call floordiv_ii(%0, %1); %3 : bool = call gt_ii(%2, %0); %4 : bool = call lt_ii(%0, %1); ";
  EXPECT_NE(digestOf(unsafe + "%5 : bool = call and_bb(%3, %4)"), digestOf(unsafe + "%5 : bool = call and_bb(%4, %3)"));
}

TEST(Nf1, UnitsAndNullabilityPlayNoPartLevelsAndSignsDo) {
  EXPECT_EQ(digestOf("%0 : float<mi>? = input 0; %1 : float<mi>? = call neg_f(%0)"), digestOf("%0 : float = input 0; %1 : float = call neg_f(%0)"));
  EXPECT_NE(digestOf("%0 : float = constant 0.0"), digestOf("%0 : float = constant -0.0"));
  EXPECT_NE(digestOf("%0 : category{\"a\", \"b\"} = constant \"a\""), digestOf("%0 : category{\"b\", \"a\"} = constant \"a\""));
  EXPECT_NE(digestOf("%0 : int = constant 1"), digestOf("%0 : float = constant 1.0"));
}

TEST(Nf1, AMembershipListIsASet) {
  const std::string input = "%0 : int = input 0; ";
  EXPECT_EQ(digestOf(input + "%1 : bool = call in_set_i(%0) [[1, 2]]"), digestOf(input + "%1 : bool = call in_set_i(%0) [[2, 1, 2]]"));
  EXPECT_NE(digestOf(input + "%1 : bool = call in_set_i(%0) [[1, 2]]"), digestOf(input + "%1 : bool = call in_set_i(%0) [[1, 3]]"));
}

TEST(Nf1, DeepExpressionsAreNoProblem) {
  std::string text = "%0 : float = input 0";
  for (int i = 1; i < 20'000; ++i) text += "\n%" + std::to_string(i) + " : float = call neg_f(%" + std::to_string(i - 1) + ")";
  const ir::Graph graph = ir::parseGraph(text).value();
  EXPECT_FALSE(ValueDigests(graph, leaf).of({19'999}).isZero());
}

}  // namespace
}  // namespace cd4ml::opt
