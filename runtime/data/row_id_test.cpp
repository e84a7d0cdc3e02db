#include "runtime/data/row_id.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "runtime/data/sample_columns_test.h"

namespace cd4ml::data {
namespace {

using namespace sample;

RowIds idsOf(const std::vector<Column>& columns) { return rowIds(columns, columns[0].rows); }

// The second table of docs/design/nf1-columns.md.
TEST(RowId, Vectors) {
  EXPECT_EQ(idsOf({ints({1})})[0], 0xa506a11b1dcfc91fULL);
  EXPECT_EQ(idsOf({ints({std::nullopt})})[0], 0x19e21fa7f01f1ec6ULL);
  EXPECT_EQ(idsOf({floats({0.5}), categories({"SFO"})})[0], 0x154ed80691f30e3fULL);
  EXPECT_EQ(idsOf({texts({"SFO"})})[0], idsOf({categories({"SFO"})})[0]);
  EXPECT_EQ(rowRandom(1, 7), 0x3ca4fbd2393808bcULL);
}

TEST(RowId, EqualRowsCountUp) {
  const auto ids = idsOf({ints({5, 6, 5, 5})});
  EXPECT_EQ(ids[2], ids[0] + 1);
  EXPECT_EQ(ids[3], ids[0] + 2);
  EXPECT_NE(ids[1], ids[0]);
}

TEST(RowId, NeitherOrderOfColumnsNorOfRowsMatters) {
  EXPECT_EQ(idsOf({categories({"a"}), ints({5})}), idsOf({ints({5}), categories({"a"})}));
  EXPECT_NE(idsOf({categories({"a"}), ints({5})}), idsOf({categories({"a"}), ints({6})}));
  const auto one = idsOf({ints({1, 2, 3, 2})});
  const auto two = idsOf({ints({2, 3, 2, 1})});
  EXPECT_EQ(std::set<std::uint64_t>(one.begin(), one.end()), std::set<std::uint64_t>(two.begin(), two.end()));
}

TEST(RowId, AreDistinctAndSpread) {
  std::vector<std::optional<std::int64_t>> values;
  for (int i = 0; i < 100'000; ++i) values.emplace_back(i);
  const auto ids = rowIds(std::vector<Column>{ints(values)}, 100'000, 2);
  EXPECT_EQ(ids, rowIds(std::vector<Column>{ints(values)}, 100'000, 1));
  EXPECT_EQ(std::set<std::uint64_t>(ids.begin(), ids.end()).size(), ids.size());
  int low = 0;
  for (const std::uint64_t id : ids) low += rowRandom(id, 0) < UINT64_MAX / 10 * 3 ? 1 : 0;
  EXPECT_NEAR(low, 30'000, 600);
}

}  // namespace
}  // namespace cd4ml::data
