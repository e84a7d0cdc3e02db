#include "compiler/opt/define_window.h"

#include <gtest/gtest.h>

#include "compiler/ir/text.h"
#include "compiler/opt/history.h"
#include "compiler/opt/normalise.h"

namespace cd4ml::opt {
namespace {

constexpr std::string_view text = R"(pipeline p

#0 source events
  column t : timestamp @time
  column k : category
  column x : float?
  reader csv
  path "events.csv"

#1 features f
  column week : float?
  from #0
  split none
  window $0 = mean : float? of own
    frame time back gap 86400000000 extent 604800000000 months 0 rows 0
    keys [1] [1] times 0 0 available none row 3 [2] ends []
    fold %0 : float? = input 2
    fold %1 : float? = input 3
    fold %2 : float? = call sub_ff(%0, %1)
    argument %2
  %0 : float? = input 3
  feature %0
)";

ir::Pipeline pipelineOf(std::string_view written) {
  Result<ir::Pipeline> parsed = ir::parsePipeline(written);
  EXPECT_TRUE(parsed.ok());
  return normalise(*std::move(parsed));
}

std::string replaced(std::string_view from, std::string_view to) {
  std::string out(text);
  out.replace(out.find(from), from.size(), to);
  return out;
}

TEST(DefineWindow, TextFormReadsBack) {
  const Result<ir::Pipeline> parsed = ir::parsePipeline(text);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(ir::printPipeline(*parsed), text);
}

/// The vector of docs/design/nf1.md.
TEST(DefineWindow, HasTheDigestOfTheSpec) {
  EXPECT_EQ(historyDefinitions(pipelineOf(text), {1}).begin()->second.hex(), "0134587947af6ff692cf02e446ed0eda0e31ccea93e9af678daa89c642ef27aa");
}

TEST(DefineWindow, EveryFieldDecides) {
  const auto of = [](const std::string& written) { return historyDefinitions(pipelineOf(written), {1}).begin()->second.hex(); };
  const std::string base = of(std::string(text));
  EXPECT_NE(of(replaced("gap 86400000000", "gap 1")), base);
  EXPECT_NE(of(replaced("extent 604800000000", "extent 1")), base);
  EXPECT_NE(of(replaced("months 0", "months 1")), base);
  EXPECT_NE(of(replaced("rows 0", "rows 1")), base);
  EXPECT_NE(of(replaced("frame time", "frame all")), base);
  EXPECT_NE(of(replaced("time back", "time ahead")), base);
  EXPECT_NE(of(replaced("= mean", "= sum")), base);
  EXPECT_NE(of(replaced("keys [1] [1]", "keys [] []")), base);
  EXPECT_NE(of(replaced("available none", "available 0")), base);
  EXPECT_NE(of(replaced("own\n", "#0\n")), base);
  EXPECT_NE(of(replaced("(%0, %1)", "(%1, %0)")), base);
  EXPECT_NE(of(replaced("ends []", "ends [#0 0]")), base);
  EXPECT_NE(of(replaced("input 2\n    fold %1 : float? = input 3", "input 3\n    fold %1 : float? = input 2")), base);
}

TEST(DefineWindow, ReadsItsOwnersColumns) {
  EXPECT_EQ(ownSlotsRead(std::get<ir::Features>(pipelineOf(text).nodes[1].body).windows[0]), (std::vector<std::uint32_t>{0, 1, 2}));
}

}  // namespace
}  // namespace cd4ml::opt
