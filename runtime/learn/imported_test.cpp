#include <gtest/gtest.h>

#include "runtime/learn/algorithms.h"

namespace cd4ml::learn {
namespace {

/// One split: `b <= 0.5`.
const char* const text =
    "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=1\nobjective=binary sigmoid:1\n"
    "feature_names=b v_1\n\nTree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=0\nthreshold=0.5\ndecision_type=2\nleft_child=-1\n"
    "right_child=-2\nleaf_value=-1 1\nis_linear=0\nshrinkage=1\n\n\nend of trees\n";

Result<Fit> taken(std::vector<std::string> names, ir::Task task) {
  TrainRequest request;
  request.algorithm = "lightgbm";
  request.task = task;
  request.names = std::move(names);
  request.model_file = text;
  const Prepared prepared{.inputs = {{.kind = ir::Kind::Vector, .width = 2}, {.kind = ir::Kind::Float}}, .classes = {}};
  return takeImported(request, prepared, {});
}

TEST(Imported, FeaturesAreMatchedByName) {
  const Result<Fit> fit = taken({"v", "b"}, ir::Task::Binary);
  ASSERT_TRUE(fit.ok()) << fit.error().message;
  const auto& forest = std::get<score::Forest>(fit->body);
  EXPECT_EQ(forest.features, 3u);
  EXPECT_EQ(forest.trees[0].splits[0].feature, 2u);
  EXPECT_EQ(fit->link, score::Link::Sigmoid);
}

TEST(Imported, SaysWhatDoesNotFit) {
  const Result<Fit> names = taken({"w", "b"}, ir::Task::Binary);
  ASSERT_FALSE(names.ok());
  EXPECT_EQ(names.error().code + " " + names.error().message, "CD5507 the model takes `v_1`, which the features do not have");
  const Result<Fit> task = taken({"v", "b"}, ir::Task::Regression);
  ASSERT_FALSE(task.ok());
  EXPECT_EQ(task.error().message, "the file's objective is `binary sigmoid:1`, the target's task is regression");
}

}  // namespace
}  // namespace cd4ml::learn
