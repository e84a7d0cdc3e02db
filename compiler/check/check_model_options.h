/// Options of models that mean something only with a part, a task, a feature or another option.
#pragma once

#include "compiler/check/check_options.h"

namespace cd4ml::check {

/// The arguments of a model without those that are not supported yet (reported).
[[nodiscard]] std::vector<syntax::Argument> withoutLater(Context& context, std::vector<syntax::Argument> arguments);
/// Whether `early_stop` says to watch the validate part.
[[nodiscard]] bool stopsEarly(const std::vector<ir::Option>& options);
/// Reports options that do not fit the model's task, its split or each other.
void checkOptionsFit(Context& context, const ir::Model& model, bool knows_task);
/// `monotone: { price: -1 }` as a list: the sign of each feature, 0 where it is free.
void checkMonotone(Context& context, const syntax::Expr& call, ir::NodeId features, std::vector<ir::Option>& options);

}  // namespace cd4ml::check
