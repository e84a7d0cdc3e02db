/// Actions of gates, deploys and monitors, and amounts of their items.
#pragma once

#include <string>
#include <vector>

#include "compiler/check/context.h"

namespace cd4ml::check {

/// The actions of a rule; `allowed`: the verbs that make sense there besides `notify`. Wrong ones are reported and left out.
[[nodiscard]] std::vector<ir::Action> checkActions(Context& context, const std::vector<syntax::ActionSyntax>& actions,
                                                   const std::vector<std::string>& allowed, std::string_view where);
/// A constant duration above nothing, in µs; reported and nullopt otherwise. `what` is its item: "`cooldown`".
[[nodiscard]] std::optional<std::int64_t> positiveDuration(Context& context, syntax::ExprId expr, std::string_view what);
[[nodiscard]] std::optional<std::int64_t> positiveInt(Context& context, syntax::ExprId expr, std::string_view what);

}  // namespace cd4ml::check
