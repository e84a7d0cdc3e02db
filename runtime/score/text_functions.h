/// The functions of texts, one row (or one level of a dictionary) at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/ir/value.h"

namespace cd4ml::score {

enum class TextFunction : std::uint8_t { Concat, Lower, Upper, Trim, Slice, Replace, Same, Length, StartsWith, EndsWith, Contains, InSet, Equal, NotEqual };

/// The function behind a kernel of texts or categories ("lower_c", "in_set_t"); false if it is none.
[[nodiscard]] bool textFunction(std::string_view kernel, TextFunction& out);
/// Appends the result of a function that gives a text.
void appendText(TextFunction function, std::span<const std::string_view> args, std::span<const ir::Literal> options, std::string& out);
/// The result of a function that gives a number or a bool (0, 1).
[[nodiscard]] std::int64_t textNumber(TextFunction function, std::span<const std::string_view> args, std::span<const ir::Literal> options);

}  // namespace cd4ml::score
