#include "compiler/diag/diagnostic.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "compiler/diag/explain.h"

namespace cd4ml::diag {
namespace {

TEST(Diagnostics, DropsRepeatsAndKeepsTheFirst) {
  Diagnostics all;
  all.add(Code::UnknownColumn, {0, 4, 6}, "first").help.emplace_back("kept");
  all.add(Code::UnknownColumn, {0, 4, 6}, "second").help.emplace_back("lost");
  all.add(Code::UnknownColumn, {0, 1, 2}, "third");
  all.sort();
  ASSERT_EQ(all.all().size(), 2U);
  EXPECT_EQ(all.all()[0].message, "third");
  EXPECT_EQ(all.all()[1].message, "first");
  EXPECT_EQ(all.all()[1].help, std::vector<std::string>{"kept"});
  EXPECT_TRUE(all.hasErrors());
}

TEST(Diagnostics, WarningsAreNoErrors) {
  Diagnostics all;
  all.add(Code::MisplacedDoc, {0, 0, 2}, "a warning");
  EXPECT_FALSE(all.hasErrors());
}

TEST(Diagnostics, RegistryIsSortedAndNamed) {
  EXPECT_EQ(codeText(Code::UnknownColumn), "CD2004");
  EXPECT_EQ(codeName(Code::UnknownColumn), "unknown-column");
  EXPECT_EQ(codeText(Code::UnexpectedToken), "CD0001");
  const std::vector<Code> codes = allCodes();
  EXPECT_TRUE(std::is_sorted(codes.begin(), codes.end()));
}

TEST(Nearest, RanksPlausibleCandidates) {
  EXPECT_EQ(nearest("destintion", {"origin", "destination", "distance"}), std::vector<std::string>{"destination"});
  EXPECT_EQ(nearest("fliter", {"filter", "fill", "derive"}), std::vector<std::string>{"filter"});
  EXPECT_EQ(nearest("Filter", {"filter"}), std::vector<std::string>{"filter"});
  EXPECT_TRUE(nearest("x", {"y", "origin"}).empty());
  EXPECT_TRUE(nearest("", {"y"}).empty());
  EXPECT_EQ(nearest("colu1", {"colu4", "colu3", "colu2", "colu5"}, 2), (std::vector<std::string>{"colu2", "colu3"}));
}

TEST(Explain, FindsPagesByCode) {
  ASSERT_TRUE(explain("CD0001").has_value());
  EXPECT_TRUE(explain("cd0001")->starts_with("# CD0001 unexpected-token\n"));
  EXPECT_EQ(explain("1"), explain("CD0001"));
  EXPECT_FALSE(explain("CD9999").has_value());
  EXPECT_FALSE(explain("").has_value());
  const auto codes = explainedCodes();
  EXPECT_TRUE(std::is_sorted(codes.begin(), codes.end()));
  EXPECT_GT(codes.size(), 20U);
}

}  // namespace
}  // namespace cd4ml::diag
