// Words, terms and weights of texts against what is written out by hand.
#include "runtime/score/words.h"

#include <cmath>

#include <gtest/gtest.h>

namespace cd4ml::score {
namespace {

using Terms = std::vector<std::string>;

TEST(Words, AreRunsOfTwoOrMoreLettersInLowerCase) {
  EXPECT_EQ(termsOf("The cat's 2 hats: snake_case, 42!", 1), (Terms{"the", "cat", "hats", "snake_case", "42"}));
  EXPECT_EQ(termsOf("", 1), Terms{});
  EXPECT_EQ(termsOf("a b c", 3), Terms{});
}

TEST(Words, KnowLettersOfAllScripts) {
  EXPECT_EQ(termsOf("ÜBER Straße ЁЖ ΑΒ 日本語 Ā Ǆe", 1), (Terms{"über", "straße", "ёж", "αβ", "日本語", "ǆe"}));
  EXPECT_EQ(termsOf("x\u0301y ab\u00a0cd 😀😀 ⅫⅫ", 1), (Terms{"ab", "cd", "ⅻⅻ"}));
}

TEST(Words, ArePartedByBytesThatAreNoText) {
  EXPECT_EQ(termsOf("ab\xff" "cd \xe2\x82 ef\xc3", 1), (Terms{"ab", "cd", "ef"}));
  EXPECT_EQ(termsOf("ab\xc0\x80" "cd", 1), (Terms{"ab", "cd"}));
}

TEST(Words, FormTermsOfSeveralInARow) {
  EXPECT_EQ(termsOf("one two, three", 3), (Terms{"one", "two", "three", "one two", "two three", "one two three"}));
}

TEST(TermWeigher, ScalesToLengthOne) {
  FittedValue fit;
  fit.levels = {"cat", "cat dog", "dog"};
  fit.table = {1.0, 3.0, 2.0};
  fit.width = 3;
  const TermWeigher weigher(fit, 2);
  const std::vector<TermWeight> weights = weigher.weigh("Dog? Cat, dog; bird cat");
  ASSERT_EQ(weights.size(), 3U);  // twice 1, once 3, twice 2
  const double length = std::sqrt(4.0 + 9.0 + 16.0);
  EXPECT_DOUBLE_EQ(weights[0].weight, 2 / length);
  EXPECT_DOUBLE_EQ(weights[1].weight, 3 / length);
  EXPECT_DOUBLE_EQ(weights[2].weight, 4 / length);
  EXPECT_EQ(weights[2].place, 2U);
  EXPECT_TRUE(weigher.weigh("bird").empty());
}

}  // namespace
}  // namespace cd4ml::score
