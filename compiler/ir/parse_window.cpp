#include "compiler/ir/parse_gate.h"
#include "compiler/ir/parse_graph.h"
#include "compiler/ir/window_text.h"

namespace cd4ml::ir {
namespace {

std::vector<std::uint32_t> readSlots(TextReader& reader) {
  std::vector<std::uint32_t> slots;
  reader.expect("[");
  while (reader.ok() && !reader.accept("]")) {
    if (!slots.empty()) reader.expect(",");
    slots.push_back(reader.index());
  }
  return slots;
}

void readFrame(TextReader& reader, Window& window) {
  using Frame = Window::Frame;
  window.frame = readEnum<Frame>(reader, {{"time", Frame::Time}, {"rows", Frame::Rows}, {"all", Frame::All},
                                          {"row_at", Frame::RowAt}, {"time_at", Frame::TimeAt}});
  window.direction = readEnum<Window::Direction>(reader, {{"back", Window::Direction::Back}, {"ahead", Window::Direction::Ahead}});
  reader.expect("gap");
  window.gap_us = reader.integer();
  reader.expect("extent");
  window.extent_us = reader.integer();
  reader.expect("months");
  window.extent_months = static_cast<std::int32_t>(reader.integer());
  reader.expect("rows");
  window.rows = reader.integer();
}

void readKeys(TextReader& reader, Window& window) {
  window.current_keys = readSlots(reader);
  window.folded_keys = readSlots(reader);
  reader.expect("times");
  window.current_time = readSlot(reader);
  window.folded_time = readSlot(reader);
  reader.expect("available");
  readAvailable(reader, window.folded_available, window.known_after);
  reader.expect("row");
  window.row_base = reader.index();
  window.row_inputs = readSlots(reader);
  reader.expect("ends");
  window.ends = readEnds(reader);
}

}  // namespace

std::uint32_t readSlot(TextReader& reader) { return reader.acceptWord("none") ? no_slot : reader.index(); }

void readAvailable(TextReader& reader, std::uint32_t& slot, Period& known_after) {
  if (!reader.acceptWord("after")) {
    slot = readSlot(reader);
    return;
  }
  known_after.us = reader.integer();
  known_after.months = static_cast<std::int32_t>(reader.integer());
}

std::vector<SlotRef> readEnds(TextReader& reader) {
  std::vector<SlotRef> ends;
  reader.expect("[");
  while (reader.ok() && !reader.accept("]")) {
    if (!ends.empty()) reader.expect(",");
    SlotRef end;
    end.node = reader.nodeId();
    end.slot = reader.index();
    ends.push_back(end);
  }
  return ends;
}

Window readWindow(TextReader& reader) {
  Window window;
  window.aggregate = reader.word();
  reader.expect(":");
  window.type = reader.type();
  reader.expect("of");
  if (!reader.acceptWord("own")) window.node = reader.nodeId();
  return window;
}

bool readWindowLine(TextReader& reader, std::string_view word, Window& window) {
  if (word == "frame") {
    readFrame(reader, window);
  } else if (word == "keys") {
    readKeys(reader, window);
  } else if (word == "setting") {
    window.options.push_back(reader.literal());
  } else if (word == "fold") {
    readValue(reader, window.graph);
  } else if (word == "argument") {
    window.argument = reader.valueId();
  } else {
    return false;
  }
  return true;
}

}  // namespace cd4ml::ir
