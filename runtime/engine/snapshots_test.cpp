#include "runtime/engine/snapshots.h"

#include <gtest/gtest.h>

#include "runtime/data/key_index.h"
#include "runtime/data/sample_columns_test.h"

namespace cd4ml::engine {
namespace {

using namespace data::sample;

TEST(Snapshots, TravelAndAreFound) {
  const Snapshot snapshot{{categories({"b", std::nullopt, "a"}), ints({1, 2, 3})}, {floats({10, 20, std::nullopt})}};
  const std::string bytes = encodeSnapshot(snapshot);
  const auto opened = openSnapshots({{4, bytes}});
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  const std::vector<data::Column> keys = {categories({"a", "a", std::nullopt, "b", "z"}), ints({3, 1, 2, 1, 1})};
  EXPECT_EQ((*opened)->find(4, data::viewsOf(keys), 5), (std::vector<std::int32_t>{2, -1, -1, 0, -1}));
  EXPECT_EQ((*opened)->column(4, 0).floats()[1], 20);
  for (std::size_t size = 0; size < bytes.size(); size += 7) {
    const auto cut = decodeSnapshot(std::string_view(bytes).substr(0, size));
    ASSERT_FALSE(cut.ok());
    EXPECT_EQ(cut.error().code, "CD4010");
  }
}

}  // namespace
}  // namespace cd4ml::engine
