// Gates: what the conditions say. What they are judged on is added in keyer.cpp.
#include <fmt/format.h>

#include "compiler/opt/nf1.h"
#include "compiler/plan/define.h"

namespace cd4ml::plan {

namespace {

void encodeSide(Hasher& hasher, const ir::GateSide& side) {
  hasher.u64(side.terms.size());
  for (const auto& [coefficient, term] : side.terms) {
    opt::encode(hasher, coefficient);
    hasher.u8(static_cast<std::uint8_t>(term.kind)).u8(static_cast<std::uint8_t>(term.subject));
    hasher.u8(static_cast<std::uint8_t>(term.over)).u64(term.evaluate).u64(term.metric);
    opt::encode(hasher, term.constant);
    opt::encode(hasher, term.percentile);
  }
}

}  // namespace

Digest defineGate(const ir::Gate& gate) {
  Hasher hasher = opt::begin(opt::Tag::Gate);
  hasher.u8(gate.hold ? 1 : 0).u64(gate.checks.size());
  // In written order: the verdict lists its checks in that order.
  for (const ir::GateCheck& check : gate.checks) {
    Hasher one = opt::begin(opt::Tag::GateCheck);
    one.string(check.op);
    encodeSide(one, check.left);
    encodeSide(one, check.right);
    one.u8(check.confident.has_value() ? 1 : 0);
    opt::encode(one, check.confident.value_or(0));
    // Checks without it keep the keys that they had before there was one.
    if (check.share) opt::encode(one.string("share"), *check.share);
    hasher.digest(one.u8(check.warning ? 1 : 0).finish());
  }
  return hasher.finish();
}

std::vector<KeyPart> describeGate(const ir::Gate& gate) {
  std::vector<KeyPart> parts;
  for (std::size_t i = 0; i < gate.checks.size(); ++i) {
    const ir::GateCheck& check = gate.checks[i];
    ir::Gate alone;
    alone.checks = {check};
    parts.push_back({.name = fmt::format("check {}", i + 1), .value = defineGate(alone).hex(), .shown = check.text});
  }
  return parts;
}

}  // namespace cd4ml::plan
