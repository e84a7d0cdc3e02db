/// Searches and choices: `tune`, `choose`, `model … per`, and the metric of the validate part that they go by.
#pragma once

#include "compiler/check/check_options.h"

namespace cd4ml::check {

/// What a model's items are held to.
struct SearchSubject {
  std::string_view owner;                       ///< the algorithm, or `choose`
  ir::NodeId features;
  ir::Task task = ir::Task::Regression;
  bool knows_task = false;
};

/// Letter of a task in stdlib/*.def.
[[nodiscard]] char letterOf(ir::Task task);
/// Whether a split gives a part; folds give validate, out of fold.
[[nodiscard]] bool splitHas(const Context& context, ir::NodeId split, ir::Part part);

/// `maximize validate.auc`. Wrong ones are reported.
std::optional<ir::Objective> checkObjective(Context& context, const SearchSubject& subject, syntax::ExprId metric, bool maximize);
/// `tune by …`; `written` are the model's options as they stand without a search.
std::optional<ir::Tune> checkTune(Context& context, const SearchSubject& subject, const syntax::TuneItem& item,
                                  const std::vector<ir::Option>& written);
/// The models of `choose(a, b)`: of the same rows, split and target. False: something is wrong with them.
bool checkCandidates(Context& context, const syntax::Expr& call, std::vector<ir::NodeId>& candidates);
/// The columns of `model … per`, as slots of the features' `from` node.
std::vector<std::uint32_t> checkPerColumns(Context& context, ir::NodeId features, const std::vector<syntax::Name>& names);

}  // namespace cd4ml::check
