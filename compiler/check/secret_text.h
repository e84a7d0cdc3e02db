/// Texts that may be secrets: where a program or a message gets what nobody should read.
#pragma once

#include <optional>
#include <string>

#include "compiler/check/context.h"

namespace cd4ml::check {

/// True for a call of `secret`.
[[nodiscard]] bool isSecret(const Context& context, syntax::ExprId expr);
/// A constant text, or `secret("NAME")` as "secret:NAME": the name, never the value. Anything else is reported.
[[nodiscard]] std::optional<std::string> textOrSecret(Context& context, syntax::ExprId expr);

}  // namespace cd4ml::check
