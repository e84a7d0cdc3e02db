// Keys of tables with `dedupe`, `sample` and `union`.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "compiler/check/check_test.h"
#include "compiler/opt/normalise.h"
#include "compiler/opt/op_hash.h"
#include "compiler/plan/keyer.h"

namespace cd4ml::plan {
namespace {

const char* const base_text = R"(pipeline p
source old = csv("old.csv") { id: int  shop: category  at: timestamp @time  price: float  note: text  seen: date? }
source new = csv("new.csv") { shop: category  price: int  id: int  at: timestamp @time  note: text  seen: date }
table rows from old {
  union new
  dedupe by shop, id keep last
  sample 10%
  derive twice = price * 2.0
}
table counted from old { union new  group by at { n = count() } }
)";

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
  return text;
}

/// The key of each column, by name of the node and place of the column, as if each key's content were the key itself.
std::map<std::string, Digest> keysOf(const std::string& text) {
  const check::Program program(text);
  EXPECT_EQ(program.said().find("CD2"), std::string::npos) << program.said();
  const ir::Pipeline pipeline = opt::normalise(program.checked.pipeline);
  const Keyer keyer(pipeline);
  Known known;
  std::map<std::string, Digest> keys;
  for (std::uint32_t n = 0; n < pipeline.nodes.size(); ++n) {
    known.files[{n}] = {Hasher("t").text(pipeline.nodes[n].name).finish()};
    for (std::uint32_t s = 0; s < pipeline.nodes[n].columns.size(); ++s) {
      const std::optional<Key> key = keyer.key({{n}, s}, known);
      EXPECT_TRUE(key.has_value());
      known.slots[{{n}, s}] = Content{.id = key->id, .parts = {}, .rows = 100 + n};
      keys[pipeline.nodes[n].name + "." + pipeline.nodes[n].columns[s].name] = key->id;
    }
  }
  return keys;
}

std::set<std::string> changed(const std::string& what, const std::string& by) {
  const auto before = keysOf(base_text);
  std::set<std::string> names;
  for (const auto& [name, key] : keysOf(replaced(base_text, what, by))) {
    const auto at = before.find(name);
    if (at == before.end() || at->second != key) names.insert(name);
  }
  return names;
}

using Names = std::set<std::string>;
const Names all_rows = {"rows.id", "rows.shop", "rows.at", "rows.price", "rows.note", "rows.seen", "rows.twice"};

TEST(TableKeys, OrderAndNamesPlayNoPart) {
  EXPECT_EQ(changed("by shop, id", "by id, shop"), Names{});
  EXPECT_EQ(changed("keep last", "keep last by at"), Names{});
  EXPECT_EQ(changed("10%", "0.1"), Names{});
  EXPECT_EQ(changed("  dedupe", "  rename note as remark  dedupe"), Names{"rows.remark"});
  EXPECT_EQ(keysOf(base_text).at("rows.note"), keysOf(replaced(base_text, "  dedupe", "  rename note as remark  dedupe")).at("rows.remark"));
  EXPECT_EQ(changed("price: int  id: int", "id: int  price: int"), Names{});
}

TEST(TableKeys, WhatDecidesRowsReachesAllOfThem) {
  EXPECT_EQ(changed("keep last", "keep first"), all_rows);
  EXPECT_EQ(changed("keep last", "keep last by id"), all_rows);
  EXPECT_EQ(changed("by shop, id", "by shop"), all_rows);
  EXPECT_EQ(changed("10%", "11%"), all_rows);
  EXPECT_EQ(changed("  sample 10%\n", "  sample 10%\n  sample 10%\n"), all_rows);
  EXPECT_EQ(changed("  dedupe by shop, id keep last\n  sample 10%\n", "  sample 10%\n  dedupe by shop, id keep last\n"), all_rows);
}

TEST(TableKeys, ADerivationAfterThemReachesItselfAlone) {
  EXPECT_EQ(changed("price * 2.0", "price * 3.0"), Names{"rows.twice"});
  EXPECT_EQ(changed("  dedupe", "  derive note = lower(category(note))  dedupe"), Names{"rows.note"});
}

TEST(TableKeys, AUnionReadsBothSidesOfAColumn) {
  // Without @id and @key the sample goes by all columns of the union, but the counts know only the times.
  EXPECT_TRUE(changed("seen: date }", "seen: date? }").contains("rows.seen"));
  EXPECT_EQ(changed("csv(\"new.csv\")", "tsv(\"new.csv\")").count("counted.n"), 1u);
  EXPECT_EQ(changed("counted from old { union new", "counted from new { union old"), (Names{"counted.at", "counted.n"}));
}

/// Definitions do not depend on content: what a change of text alone may reach.
TEST(TableKeys, DefinitionsFollowTheSameSlices) {
  const auto hashes = [](const std::string& text) {
    const check::Program program(text);
    const ir::Pipeline pipeline = opt::normalise(program.checked.pipeline);
    const opt::OpHashes all(pipeline);
    return all.of({pipeline.find("counted"), 1});
  };
  EXPECT_EQ(hashes(base_text), hashes(replaced(replaced(base_text, "price: float", "price: int"), "twice", "double")));
  EXPECT_NE(hashes(base_text), hashes(replaced(base_text, "csv(\"new.csv\")", "tsv(\"new.csv\")")));
}

}  // namespace
}  // namespace cd4ml::plan
