/// `seasonal_naive`: its forecast is a window over the target, so the compiler makes it a features node of its own.
///
/// The node has the rows, the split, the target and the weight of the features that the model names and one feature: the
/// target of the latest row of the series that lies whole seasons before the row, so many that its label is known by then;
/// where there is none, the mean target of the training part. So it is scored, evaluated, compared and released like any
/// model, and what it needs for a row is history like that of any window.
#pragma once

#include "compiler/check/context.h"

namespace cd4ml::check {

/// Adds that node. Invalid, and reported unless what it rests on was: without a time to go by, with a split in which
/// earlier rows may be test rows, or without a season.
ir::NodeId addSeasonalFeatures(Context& context, const syntax::ModelDecl& model, ir::NodeId features, const ir::Option& season,
                               const std::vector<std::uint32_t>& series);

}  // namespace cd4ml::check
