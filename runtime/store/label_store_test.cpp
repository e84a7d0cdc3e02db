#include "runtime/store/label_store.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

namespace cd4ml::store {
namespace {

class Labels : public testing::Test {
 protected:
  Labels() : folder_(std::filesystem::temp_directory_path() / ("labels-" + std::to_string(::getpid()))) {}
  ~Labels() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string path() const { return (folder_ / "labels.db").string(); }
  std::filesystem::path folder_;
};

std::vector<LabelOutcome> put(LabelStore& store, std::vector<Label> labels, OnConflict on_conflict = OnConflict::Refuse) {
  LabelStore::Batch batch{.labels = std::move(labels), .on_conflict = on_conflict};
  EXPECT_TRUE(store.put({&batch}).ok());
  return batch.outcomes;
}

TEST_F(Labels, TheSameLabelAgainChangesNothing) {
  auto store = LabelStore::open(path());
  ASSERT_TRUE(store.ok());
  EXPECT_EQ(put(**store, {{"a", "true", 5}}), std::vector{LabelOutcome::Stored});
  EXPECT_EQ(put(**store, {{"a", "true", 9}}), std::vector{LabelOutcome::Known});
  std::int64_t at = 0;
  ASSERT_TRUE((*store)->forEach([&](auto, auto, std::int64_t when) { at = when; }).ok());
  EXPECT_EQ(at, 5);
}

TEST_F(Labels, AConflictStoresNothingOfItsBatch) {
  auto store = LabelStore::open(path());
  put(**store, {{"a", "true", 5}});
  EXPECT_EQ(put(**store, {{"b", "true", 6}, {"a", "false", 6}}), (std::vector{LabelOutcome::Stored, LabelOutcome::Conflict}));
  std::vector<std::string> ids;
  ASSERT_TRUE((*store)->forEach([&](std::string_view id, auto, auto) { ids.emplace_back(id); }).ok());
  EXPECT_EQ(ids, std::vector<std::string>{"a"});
  EXPECT_EQ(put(**store, {{"a", "false", 7}}, OnConflict::Replace), std::vector{LabelOutcome::Replaced});
}

TEST_F(Labels, AnotherProcessReadsWhatWasPut) {
  EXPECT_EQ(*LabelStore::openExisting(path()), nullptr);
  auto store = LabelStore::open(path());
  put(**store, {{"a", "1.5", 5}});
  auto other = LabelStore::openExisting(path());
  std::string value;
  ASSERT_TRUE((*other)->forEach([&](auto, std::string_view text, auto) { value = text; }).ok());
  EXPECT_EQ(value, "1.5");
}

}  // namespace
}  // namespace cd4ml::store
