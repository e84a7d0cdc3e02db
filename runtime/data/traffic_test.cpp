#include "runtime/data/traffic.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "runtime/data/literal_column.h"
#include "runtime/store/label_store.h"

namespace cd4ml::data {
namespace {

ir::Literal literal(auto value) {
  ir::Literal out;
  out.value = value;
  return out;
}

/// Rows of two columns and the ones that every capture has.
class TrafficFolder : public testing::Test {
 protected:
  TrafficFolder() : folder_((std::filesystem::temp_directory_path() / ("traffic-" + std::to_string(::getpid()))).string()) {
    std::filesystem::create_directories(folder_);
  }
  ~TrafficFolder() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

  void addText(const std::string& name, ir::Kind kind, const std::vector<std::string>& texts) {
    std::vector<ir::Literal> literals;
    for (const std::string& text : texts) literals.push_back(text == "NULL" ? ir::Literal{} : literal(text));
    held_.push_back(literalColumn({.kind = ir::Kind::Text, .nullable = true}, literals));
    columns_.push_back({name, {.kind = kind, .nullable = true}, held_.back().view()});
  }
  void addNumbers(const std::string& name, ir::Kind kind, const std::vector<std::int64_t>& values) {
    std::vector<ir::Literal> literals;
    for (const std::int64_t value : values) literals.push_back(kind == ir::Kind::Float ? literal(static_cast<double>(value)) : literal(value));
    held_.push_back(literalColumn({.kind = kind, .nullable = true}, literals));
    columns_.push_back({name, {.kind = kind, .nullable = true}, held_.back().view()});
  }
  void fill(const std::string& first_id, std::int64_t at) {
    columns_.clear();
    addText("origin", ir::Kind::Category, {"SFO", "NULL"});
    addNumbers("distance", ir::Kind::Float, {300, 400});
    addText("_id", ir::Kind::Text, {first_id, first_id + "x"});
    addNumbers("_at", ir::Kind::Timestamp, {at, at + 1});
  }

  std::string folder_;
  std::vector<Column> held_;
  std::vector<TrafficColumn> columns_;
};

TEST_F(TrafficFolder, ReadsBackWhatWasAppendedAndJoinsLabels) {
  fill("a", 100);
  auto writer = TrafficWriter::create(path("rows-1.arrows"), columns_);
  ASSERT_TRUE(writer.ok()) << writer.error().message;
  ASSERT_TRUE((*writer)->append(columns_, 2).ok());
  fill("b", 200);
  ASSERT_TRUE((*writer)->append(columns_, 2).ok());  // never closed
  auto labels = store::LabelStore::open(path("labels.db"));
  store::LabelStore::Batch batch{.labels = {{"ax", "true", 7}, {"b", "\"maybe\"", 8}}};
  ASSERT_TRUE((*labels)->put({&batch}).ok());
  const auto traffic = readTraffic({.folder = folder_, .label = ir::Kind::Bool});
  ASSERT_TRUE(traffic.ok()) << traffic.error().message;
  EXPECT_EQ(traffic->rows, 4);
  EXPECT_TRUE(traffic->torn.empty());
  EXPECT_EQ(traffic->columns[0].name, "origin");
  EXPECT_EQ(traffic->columns[0].column.type.kind, ir::Kind::Category);
  EXPECT_FALSE(traffic->columns[0].column.view().isValid(1));
  EXPECT_EQ(traffic->find("distance")->view().floats()[2], 300.0);
  const score::ColumnView label = traffic->find("_label")->view();
  EXPECT_FALSE(label.isValid(0));
  EXPECT_TRUE(label.isValid(1) && label.bools()[1] == 1);
  EXPECT_FALSE(label.isValid(2)) << "a label that is no bool is null";
  EXPECT_EQ(traffic->find("_label_at")->view().ints()[1], 7);
}

TEST_F(TrafficFolder, LeavesOutABatchThatIsCutOff) {
  fill("a", 100);
  auto writer = TrafficWriter::create(path("rows-1.arrows"), columns_);
  ASSERT_TRUE((*writer)->append(columns_, 2).ok());
  const std::uint64_t whole = (*writer)->bytes();
  ASSERT_TRUE((*writer)->append(columns_, 2).ok());
  const std::uint64_t all = (*writer)->bytes();
  for (const std::uint64_t size : {whole + 1, whole + 9, (whole + all) / 2, all - 1}) {
    std::filesystem::resize_file(path("rows-1.arrows"), size);
    const auto traffic = readTraffic({.folder = folder_});
    ASSERT_TRUE(traffic.ok());
    EXPECT_EQ(traffic->rows, 2) << size;
    EXPECT_EQ(traffic->torn.size(), 1U) << size;
  }
  std::filesystem::resize_file(path("rows-1.arrows"), 3);
  const auto traffic = readTraffic({.folder = folder_});
  ASSERT_TRUE(traffic.ok());
  EXPECT_EQ(traffic->rows, 0);
}

TEST_F(TrafficFolder, FilesOfDifferentModelsBecomeOneTable) {
  fill("a", 100);
  auto first = TrafficWriter::create(path("rows-1.arrows"), columns_);
  ASSERT_TRUE((*first)->append(columns_, 2).ok());
  fill("b", 200);
  columns_.erase(columns_.begin());
  addNumbers("hour", ir::Kind::Int, {7, 8});
  auto second = TrafficWriter::create(path("rows-2.arrows"), columns_);
  ASSERT_TRUE((*second)->append(columns_, 2).ok());
  const auto traffic = readTraffic({.folder = folder_});
  ASSERT_TRUE(traffic.ok());
  EXPECT_EQ(traffic->rows, 4);
  EXPECT_FALSE(traffic->find("origin")->view().isValid(3));
  EXPECT_FALSE(traffic->find("hour")->view().isValid(0));
  EXPECT_EQ(traffic->find("hour")->view().ints()[3], 8);
  EXPECT_EQ(readTraffic({.folder = folder_, .from_us = 101, .to_us = 201})->rows, 2);
  EXPECT_EQ(readTraffic({.folder = folder_ + "/none"})->rows, 0);
}

TEST_F(TrafficFolder, AFolderThatCannotBeWrittenToIsAnError) {
  fill("a", 100);
  const auto writer = TrafficWriter::create(folder_ + "/none/rows-1.arrows", columns_);
  ASSERT_FALSE(writer.ok());
  EXPECT_EQ(writer.error().code, "CD5708");
}

}  // namespace
}  // namespace cd4ml::data
