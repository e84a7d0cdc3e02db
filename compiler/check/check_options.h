/// Named options of readers, models and metrics, held to their rows of stdlib/*.def and written out with defaults.
#pragma once

#include <span>

#include "compiler/check/builtin_tables.h"
#include "compiler/check/context.h"

namespace cd4ml::check {

/// All options of an owner (`gbdt`), in the order of its rows: what `arguments` gives by name, else the default.
/// Unknown names, wrong types and values out of range are reported; arguments without a name are the caller's.
std::vector<ir::Option> checkOptions(Context& context, std::string_view owner, std::span<const OptionRow> rows,
                                     const std::vector<syntax::Argument>& arguments);
/// The option of that name.
[[nodiscard]] const ir::Option* findOption(const std::vector<ir::Option>& options, std::string_view name);

}  // namespace cd4ml::check
