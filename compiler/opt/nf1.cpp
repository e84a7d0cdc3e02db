#include "compiler/opt/nf1.h"

#include <bit>
#include <cmath>

namespace cd4ml::opt {

namespace {

struct LiteralEncoder {
  Hasher& hasher;
  void operator()(std::monostate) const { hasher.u8(0); }
  void operator()(bool value) const { hasher.u8(1).u8(value ? 1 : 0); }
  void operator()(std::int64_t value) const { hasher.u8(2).u64(static_cast<std::uint64_t>(value)); }
  void operator()(double value) const {
    hasher.u8(3);
    encode(hasher, value);
  }
  void operator()(const std::string& value) const { hasher.u8(4).string(value); }
  void operator()(const ir::Literal::List& list) const {
    hasher.u8(5).u64(list.size());
    for (const ir::Literal& element : list) encode(hasher, element);
  }
};

/// Numbers of the spec, apart from the order of the enumeration.
std::uint8_t kindNumber(ir::Kind kind) {
  switch (kind) {
    case ir::Kind::Error: return 255;
    case ir::Kind::Null: return 0;
    case ir::Kind::Int: return 1;
    case ir::Kind::Float: return 2;
    case ir::Kind::Bool: return 3;
    case ir::Kind::Text: return 4;
    case ir::Kind::Category: return 5;
    case ir::Kind::Date: return 6;
    case ir::Kind::Timestamp: return 7;
    case ir::Kind::Duration: return 8;
    case ir::Kind::Vector: return 9;
  }
  return 255;
}

}  // namespace

void encode(Hasher& hasher, const ir::Literal& literal) { std::visit(LiteralEncoder{hasher}, literal.value); }

void encode(Hasher& hasher, const ir::Type& type) {
  hasher.u8(kindNumber(type.kind)).u64(type.width);
  hasher.u8(type.levels == nullptr ? 0 : 1);
  if (type.levels == nullptr) return;
  hasher.u64(type.levels->size());
  for (const std::string& level : *type.levels) hasher.string(level);
}

void encode(Hasher& hasher, double value) {
  constexpr std::uint64_t canonical_nan = 0x7ff8000000000000ULL;
  hasher.u64(std::isnan(value) ? canonical_nan : std::bit_cast<std::uint64_t>(value));
}

}  // namespace cd4ml::opt
