/// NF1, the encoding of definitions as bytes that are hashed. The spec is docs/design/nf1.md; a change of anything here is
/// a new version of the domain strings.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/digest.h"
#include "compiler/ir/value.h"

namespace cd4ml::opt {

constexpr std::string_view op_domain = "cd4ml NF1 op";
constexpr std::string_view key_domain = "cd4ml NF1 key";
constexpr std::string_view root_domain = "cd4ml NF1 root";

/// First byte of every hashed definition.
enum class Tag : std::uint8_t {
  Input = 0x01, Constant = 0x02, Call = 0x03, Fit = 0x04, Encode = 0x05, Aggregate = 0x06, Lookup = 0x07,
  SourceColumn = 0x10, SourceChecks = 0x11, SourceCheck = 0x12,
  TableRows = 0x20, Filter = 0x21, Derive = 0x22, Group = 0x23, GroupKey = 0x24, GroupAggregate = 0x25, Join = 0x26,
  Joined = 0x27, Require = 0x28, TableColumn = 0x29,
  Dedupe = 0x2a, Sample = 0x2b, Union = 0x2e, United = 0x2f,
  Window = 0x2c, WindowRow = 0x2d,
  Feature = 0x30, Part = 0x31,
  AsOf = 0x32, AsOfColumn = 0x33,
  Split = 0x38,
  Model = 0x40, OutOfFold = 0x41, Search = 0x42, Choice = 0x43, PerKey = 0x44,
  Metrics = 0x48, Metric = 0x49, Predictions = 0x4a,
  Gate = 0x50, GateCheck = 0x51,
  Stage = 0x58,
};

/// Begins the hash of a definition.
[[nodiscard]] inline Hasher begin(Tag tag) {
  Hasher hasher(op_domain);
  hasher.u8(static_cast<std::uint8_t>(tag));
  return hasher;
}

void encode(Hasher& hasher, const ir::Literal& literal);
/// Kind, width and levels: what decides values. Nullability and units do not.
void encode(Hasher& hasher, const ir::Type& type);
/// The bits of a float, every NaN alike.
void encode(Hasher& hasher, double value);

}  // namespace cd4ml::opt
