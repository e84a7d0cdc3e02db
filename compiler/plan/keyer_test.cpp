// Which edits of a text change which keys: those that keep its meaning none, others just the right ones.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "compiler/check/check_test.h"
#include "compiler/opt/feature_order.h"
#include "compiler/opt/normalise.h"
#include "compiler/plan/keyer.h"
#include "compiler/plan/plan.h"

namespace cd4ml::plan {
namespace {

const std::string base_text = R"(pipeline p
param limit: duration = 15min
source flights = csv("f.csv") {
  date: timestamp @time
  delay: float<min>? check delay > -120min for 99.9%
  distance: float<mi> check distance > 0
  origin: category
}
table labelled from flights { filter delay is not null  derive is_late = delay > limit  derive twice = distance * 2.0 }
table quiet from flights { group by origin { n = count()  far = mean(distance) } }
features trip from labelled {
  target is_late
  hour = hour(date)
  log_dist = log1p(twice)
  near = distance + 1mi < 500mi and hour(date) > 6
  big = origin in {"SFO", "LAX"}
  origin_te = target_encode(origin, smooth: 20)
}
split trip by time { train 70%  validate 15%  test 15% }
model late = gbdt(trip, trees: 50, early_stop: 20)
evaluate quality of late on test { auc  log_loss  auc by origin min 5 rows  share = mean(if target then 1.0 else 0.0) }
gate release on quality { require auc >= 0.6  require auc >= champion.auc - 0.005 }
deploy production of late when release { }
)";

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  for (; at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
  return text;
}

/// A run in which every result is new: content ids follow from keys, so any change shows in all that lies below it.
class Keys {
 public:
  explicit Keys(const std::string& text, std::string_view file = "bytes") : program_(text) {
    EXPECT_FALSE(program_.diagnostics.hasErrors()) << program_.said();
    pipeline_ = opt::normalise(program_.checked.pipeline);
    const Keyer keyer(pipeline_);
    for (std::uint32_t n = 0; n < pipeline_.nodes.size(); ++n) {
      if (std::holds_alternative<ir::Source>(pipeline_.nodes[n].body)) known_.files[{n}] = {Hasher("t").text(file).finish()};
    }
    for (const ir::SlotRef slot : wantedSlots(keyer, {})) {
      const std::optional<Key> key = keyer.key(slot, known_);
      EXPECT_TRUE(key.has_value()) << label(slot);
      if (!key.has_value()) continue;
      Content content{.id = key->id, .parts = {}, .rows = 100};
      for (const char part : {'a', 'b', 'c'}) content.parts.push_back(Hasher("t").digest(key->id).u8(static_cast<std::uint8_t>(part)).finish());
      known_.slots[slot] = content;
      keys_[label(slot)] = *key;
    }
    const ir::NodeId gate = pipeline_.find("release");
    keys_["release.verdict"] = *keyer.gateKey(gate, {.deploy = pipeline_.find("production"), .profile = "default", .champion = {}}, known_);
    root_ = *rootKey(keyer, known_, {});
  }

  [[nodiscard]] std::vector<Digest> sorted() const {
    std::vector<Digest> ids;
    for (const auto& [name, key] : keys_) ids.push_back(key.id);
    std::sort(ids.begin(), ids.end());
    return ids;
  }
  /// Names of slots whose keys differ from those of `other`, or are only here.
  [[nodiscard]] std::set<std::string> changed(const Keys& other) const {
    std::set<std::string> names;
    for (const auto& [name, key] : keys_) {
      const auto at = other.keys_.find(name);
      if (at == other.keys_.end() || at->second.id != key.id) names.insert(name);
    }
    return names;
  }
  [[nodiscard]] const Key& at(const std::string& name) const { return keys_.at(name); }
  [[nodiscard]] Digest root() const { return root_; }
  [[nodiscard]] const ir::Pipeline& pipeline() const { return pipeline_; }
  [[nodiscard]] const Known& known() const { return known_; }

 private:
  [[nodiscard]] std::string label(ir::SlotRef slot) const {
    return pipeline_[slot.node].name + "." + ir::slotNames(pipeline_[slot.node])[slot.slot];
  }
  check::Program program_;
  ir::Pipeline pipeline_;
  Known known_;
  std::map<std::string, Key> keys_;
  Digest root_;
};

TEST(Keys, EditsThatKeepTheMeaningChangeNone) {
  const Keys before(base_text);
  const std::vector<std::pair<std::string, std::string>> edits = {
      {"pipeline p", "# a comment\npipeline   p"},
      {"labelled", "prepared"},
      {"is_late", "delayed"},
      {"twice", "double_distance"},
      {"log_dist", "how_far"},
      {"trip", "journey"},
      {"model late", "model  late"},
      {"15min", "900s"},
      {"param limit: duration = 15min\n", "param limit: duration = 0.25h\n"},
      {"delay > limit", "delay > 15min"},
      {"2.0", "(2.00)"},
      {"distance + 1mi", "1mi + distance"},
      {"{\"SFO\", \"LAX\"}", "{\"LAX\", \"SFO\", \"LAX\"}"},
      {"smooth: 20", "smooth: 20.0, seed: 0"},
      {"trees: 50, early_stop: 20", "early_stop: 20, leaves: 31, trees: 5_0"},
      {"csv(\"f.csv\")", "csv(\"elsewhere/g.csv\", delimiter: \",\")"},
      {"train 70%  validate 15%  test 15%", "test 15%  train 0.7  validate 15%"},
      {"  hour = hour(date)\n", ""},  // moved to the end, below
  };
  for (const auto& [what, by] : edits) {
    std::string text = replaced(base_text, what, by);
    if (by.empty()) text = replaced(text, "smooth: 20)\n", "smooth: 20)\n  hour = hour(date)\n");
    if (what == "delay > limit") text = replaced(text, "param limit: duration = 15min\n", "");
    if (what == "train 70%  validate 15%  test 15%") text = replaced(text, "0.7", "70%");
    const Keys after(text);
    EXPECT_EQ(after.sorted(), before.sorted()) << what << " -> " << by;
    EXPECT_EQ(after.root(), before.root()) << what << " -> " << by;
  }
}

TEST(Keys, OrderOfDeclarationsAndFieldsPlaysNoPart) {
  const std::string model = "model late = gbdt(trip, trees: 50, early_stop: 20)\n";
  std::string text = replaced(base_text, model, "") + model;
  text = replaced(text, "  origin: category\n", "");
  text = replaced(text, "  date: timestamp @time\n", "  origin: category\n  date: timestamp @time\n");
  EXPECT_EQ(Keys(text).sorted(), Keys(base_text).sorted());
  const std::string random = replaced(base_text, "by time", "by random(seed: 3)");
  EXPECT_EQ(Keys(replaced(replaced(random, "  origin: category\n", ""), "  date: t", "  origin: category\n  date: t")).sorted(), Keys(random).sorted());
}

TEST(Keys, AChangeReachesWhatDependsOnItAndNothingElse) {
  const Keys before(base_text);
  const auto changed = [&](const std::string& what, const std::string& by) { return Keys(replaced(base_text, what, by)).changed(before); };
  using Names = std::set<std::string>;
  const Names scored = {"late.model", "quality.metrics", "release.verdict"};
  const auto with = [&](Names names) {
    names.insert(scored.begin(), scored.end());
    return names;
  };
  EXPECT_EQ(changed("auc >= 0.6 ", "auc >= 0.61 "), Names{"release.verdict"});
  EXPECT_EQ(changed("log1p(twice)", "log(twice)"), with({"trip.log_dist"}));
  EXPECT_EQ(changed("  hour = hour(date)\n", "  hour = hour(date)\n  month = month(date)\n"), with({"trip.month"}));
  EXPECT_EQ(changed("  hour = hour(date)\n", ""), with({}));
  EXPECT_EQ(changed("trees: 50", "trees: 51"), scored);
  EXPECT_EQ(changed("auc by origin min 5 rows", "auc by origin min 6 rows"), (Names{"quality.metrics", "release.verdict"}));
  EXPECT_EQ(changed("for 99.9%", "for 99%"), Names{"flights.checks"});
  EXPECT_EQ(changed("distance * 2.0", "distance * 3.0"), with({"labelled.twice", "trip.log_dist"}));
  EXPECT_EQ(changed("mean(distance)", "max(distance)"), Names{"quiet.far"});
  EXPECT_EQ(changed("smooth: 20", "smooth: 21"), with({"trip.origin_te"}));
  EXPECT_EQ(changed("500mi", "600mi"), with({"trip.near"}));
  EXPECT_TRUE(changed("train 70%  validate 15%", "train 65%  validate 20%").contains("trip.hour"));
  EXPECT_TRUE(changed("filter delay is not null", "filter delay is not null and distance > 5mi").contains("trip.hour"));
  EXPECT_EQ(Keys(base_text, "other bytes").changed(before).size(), before.sorted().size());
}

TEST(Keys, AModelDoesNotDependOnTheTestPart) {
  const Keys keys(base_text);
  const Keyer keyer(keys.pipeline());
  const ir::NodeId model = keys.pipeline().find("late");
  const ir::NodeId trip = keys.pipeline().find("trip");
  for (const std::size_t part : {0u, 1u, 2u}) {
    Known known = keys.known();
    known.slots.at({trip, 0}).parts[part] = Hasher("t").text("other").finish();
    EXPECT_EQ(keyer.key({model, 0}, known)->id == keyer.key({model, 0}, keys.known())->id, part == 2) << part;
  }
}

TEST(Keys, EqualContentCutsOff) {
  const Keys keys(base_text);
  const Keys other(replaced(base_text, "distance * 2.0", "distance * 3.0"));
  const Keyer keyer(other.pipeline());
  // The other definition happened to give the same column: nothing below it is new.
  const ir::NodeId trip = other.pipeline().find("trip");
  for (std::uint32_t s = 0; s < 6; ++s) {
    EXPECT_EQ(keyer.key({trip, s}, keys.known())->id, Keyer(keys.pipeline()).key({trip, s}, keys.known())->id);
  }
}

TEST(Keys, AnUnknownInputGivesNoKey) {
  const Keys keys(base_text);
  const Keyer keyer(keys.pipeline());
  const ir::NodeId model = keys.pipeline().find("late");
  for (const ir::SlotRef input : keyer.inputsOf({model, 0})) {
    Known known = keys.known();
    known.slots.erase(input);
    EXPECT_FALSE(keyer.key({model, 0}, known).has_value());
  }
  EXPECT_FALSE(keyer.key({keys.pipeline().find("flights"), 0}, Known{}).has_value());
}

TEST(Keys, TheChampionDecidesAVerdict) {
  const Keys keys(base_text);
  const Keyer keyer(keys.pipeline());
  const ir::NodeId gate = keys.pipeline().find("release");
  GateSetting setting{.deploy = keys.pipeline().find("production"), .profile = "default", .champion = {}};
  const Digest none = keyer.gateKey(gate, setting, keys.known())->id;
  setting.champion = Hasher("t").text("champion").finish();
  const Digest one = keyer.gateKey(gate, setting, keys.known())->id;
  EXPECT_NE(none, one);
  setting.profile = "nightly";
  EXPECT_NE(keyer.gateKey(gate, setting, keys.known())->id, one);
}

TEST(Keys, FeatureOrderIgnoresNamesAndTextOrder) {
  const auto definitions = [](const std::string& text) {
    const Keys keys(text);
    const Keyer keyer(keys.pipeline());
    const ir::NodeId trip = keys.pipeline().find("trip");
    std::vector<Digest> order;
    for (const std::uint32_t slot : opt::featureOrder(keys.pipeline(), trip)) order.push_back(keyer.opHash({trip, slot}));
    return order;
  };
  const std::string moved = replaced(replaced(base_text, "  hour = hour(date)\n", ""), "smooth: 20)\n", "smooth: 20)\n  a = hour(date)\n");
  EXPECT_EQ(definitions(base_text), definitions(moved));
  EXPECT_EQ(definitions(base_text).size(), 5u);
}

TEST(Keys, DifferencesAreNamedInWords) {
  const Keys before(base_text);
  const auto says = [&](const std::string& what, const std::string& by, const std::string& slot) {
    const Keys now(replaced(base_text, what, by));
    return describeDifference(readParts(writeParts(before.at(slot).parts)), readParts(writeParts(now.at(slot).parts)));
  };
  EXPECT_EQ(says("trees: 50", "trees: 51", "late.model"), std::vector<std::string>{"`trees` changed from 50 to 51"});
  EXPECT_EQ(says("log1p(twice)", "log(twice)", "trip.log_dist"), std::vector<std::string>{"its definition changed from `log1p(twice)` to `log(twice)`"});
  EXPECT_EQ(says("* 2.0", "* 3.0", "trip.log_dist"), std::vector<std::string>{"the content of `labelled.twice` changed"});
  EXPECT_EQ(says("  hour = hour(date)\n", "  hour = hour(date)\n  month = month(date)\n", "late.model").front(), "feature `month` is new");
  EXPECT_EQ(says("auc >= 0.6 ", "auc >= 0.61 ", "release.verdict"), std::vector<std::string>{"check 1 changed from `auc >= 0.6` to `auc >= 0.61`"});
  EXPECT_TRUE(describeDifference(before.at("late.model").parts, before.at("late.model").parts).empty());
}

TEST(Plan, SaysWhatRunsWhatIsReusedAndWhatMayRun) {
  const Keys before(base_text);
  std::map<Digest, Content> cached;
  for (const auto& [slot, content] : before.known().slots) cached[content.id] = content;
  const Keys now(replaced(base_text, "log1p(twice)", "log(twice)"));
  const Keyer keyer(now.pipeline());
  Known known;
  known.files = now.known().files;
  const Cache cache{.find = [&](const Digest& key) {
                      const auto at = cached.find(key);
                      return at == cached.end() ? std::nullopt : std::optional(at->second);
                    },
                    .last = [&](ir::SlotRef slot) -> std::optional<std::vector<KeyPart>> {
                      const std::string name = now.pipeline()[slot.node].name + "." + ir::slotNames(now.pipeline()[slot.node])[slot.slot];
                      return before.at(name).parts;
                    }};
  std::map<std::string, std::pair<std::string_view, std::string>> actions;
  for (const Stage& stage : makePlan(keyer, wantedSlots(keyer, {}), known, cache)) {
    actions[now.pipeline()[stage.node].name] = {actionText(stage.action), stage.reason};
  }
  EXPECT_EQ(actions.at("flights").first, "reuse");
  EXPECT_EQ(actions.at("labelled").first, "reuse");
  EXPECT_EQ(actions.at("trip").first, "run");
  EXPECT_EQ(actions.at("trip").second, "its definition changed from `log1p(twice)` to `log(twice)`");
  EXPECT_EQ(actions.at("late").first, "maybe");
  EXPECT_EQ(actions.at("late").second, "below `trip`");
}

}  // namespace
}  // namespace cd4ml::plan
