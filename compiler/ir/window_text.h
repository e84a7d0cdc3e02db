/// Windows in the text form: one line that begins one, indented lines that say more about it.
#pragma once

#include "compiler/ir/text_reader.h"

namespace cd4ml::ir {

/// A number, or `none`.
[[nodiscard]] std::string slotText(std::uint32_t slot);
[[nodiscard]] std::uint32_t readSlot(TextReader& reader);
/// When folded or right rows are known: a slot, `none`, or `after US MONTHS`.
[[nodiscard]] std::string availableText(std::uint32_t slot, const Period& known_after);
void readAvailable(TextReader& reader, std::uint32_t& slot, Period& known_after);
[[nodiscard]] std::string_view frameText(Window::Frame frame);
/// `#0 2, #3 1`.
[[nodiscard]] std::string endsText(const std::vector<SlotRef>& ends);
/// What follows `window $5 = ` on its line, then the further lines.
[[nodiscard]] std::vector<std::string> windowLines(const Window& window);

/// `[#0 2, #3 1]`.
[[nodiscard]] std::vector<SlotRef> readEnds(TextReader& reader);
/// What follows `window $5 = `.
[[nodiscard]] Window readWindow(TextReader& reader);
/// A further line that began with `word`; false: it is none of a window.
bool readWindowLine(TextReader& reader, std::string_view word, Window& window);

}  // namespace cd4ml::ir
