/// Semantic versions of operations (stdlib/versions.def): part of every key that depends on them, and of no other.
#pragma once

#include <cstdint>
#include <string_view>

namespace cd4ml::opt {

enum class Versioned : std::uint8_t { Call, Fit, Encode, Aggregate, Reader, Metric, Trainer, Split, Window };

/// "1" for what has no row.
[[nodiscard]] std::string_view versionOf(Versioned kind, std::string_view name);

}  // namespace cd4ml::opt
