#include "compiler/source/source_map.h"

#include <gtest/gtest.h>

namespace cd4ml::source {
namespace {

TEST(SourceMap, CountsLinesAndCodePointsFromOne) {
  SourceMap sources;
  sources.add("a.cd4ml", "one\nzwei größe 😀!\r\n\nlast");
  EXPECT_EQ(sources.position(0, 0), (Position{1, 1}));
  EXPECT_EQ(sources.position(0, 3), (Position{1, 4}));
  EXPECT_EQ(sources.position(0, 4), (Position{2, 1}));
  const auto bang = static_cast<std::uint32_t>(sources.text(0).find('!'));
  EXPECT_EQ(sources.position(0, bang), (Position{2, 13}));
  EXPECT_EQ(sources.utf16Column(0, bang), 13U);  // the face takes two units
  EXPECT_EQ(sources.lineCount(0), 4U);
  EXPECT_EQ(sources.line(0, 2), "zwei größe 😀!");
  EXPECT_EQ(sources.line(0, 3), "");
  EXPECT_EQ(sources.line(0, 4), "last");
  EXPECT_EQ(sources.line(0, 5), "");
}

TEST(SourceMap, AnswersForTheEndOfTheText) {
  SourceMap sources;
  sources.add("a.cd4ml", "x\n");
  sources.add("b.cd4ml", "");
  EXPECT_EQ(sources.position(0, 2), (Position{2, 1}));
  EXPECT_EQ(sources.position(0, 99), (Position{2, 1}));
  EXPECT_EQ(sources.position(1, 0), (Position{1, 1}));
  EXPECT_EQ(sources.text(Span{0, 0, 1}), "x");
  EXPECT_EQ(sources.path(1), "b.cd4ml");
}

}  // namespace
}  // namespace cd4ml::source
