/// Why a request is not answered as asked: a status and a sentence for whoever wrote the client. It names columns, rows and
/// what was expected, never the values that came.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cd4ml::serve {

struct Reject {
  int status = 400;
  std::string message;
};
using Rejected = std::optional<Reject>;

[[nodiscard]] inline Rejected reject(std::string message) { return Reject{400, std::move(message)}; }

/// A name that a client gave, fit for a message: cut to 64 bytes, nothing but printable ASCII.
[[nodiscard]] inline std::string shownName(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, 64)) out += c >= 0x20 && c < 0x7f && c != '`' ? c : '?';
  if (name.size() > 64) out += "…";
  return out;
}

}  // namespace cd4ml::serve
