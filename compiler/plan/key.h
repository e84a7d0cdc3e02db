/// A key with what it was made of, so that two runs can be compared in words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"

namespace cd4ml::plan {

/// One named part of what a key was made of. Names and `shown` are for people; the key depends on neither.
struct KeyPart {
  std::string name;   ///< "input flights.delay", "option trees", "definition"; unique within a key
  std::string value;  ///< compared: a digest or a literal
  std::string shown;  ///< what a person reads, "300" or "log1p_f(distance)"
  friend bool operator==(const KeyPart&, const KeyPart&) = default;
};

struct Key {
  Digest id;
  std::vector<KeyPart> parts;
};

/// The parts as text, one a line, for `cache.db`; `readParts` reads it back (malformed lines are left out).
[[nodiscard]] std::string writeParts(const std::vector<KeyPart>& parts);
[[nodiscard]] std::vector<KeyPart> readParts(std::string_view text);

/// What changed between two keys of one slot, in words, most telling first: "the content of `flights.delay` changed",
/// "option `trees` changed from 200 to 300". Empty if nothing did.
[[nodiscard]] std::vector<std::string> describeDifference(const std::vector<KeyPart>& before,
                                                          const std::vector<KeyPart>& now);

}  // namespace cd4ml::plan
