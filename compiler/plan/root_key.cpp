#include <algorithm>

#include "compiler/opt/nf1.h"
#include "compiler/opt/op_hash.h"
#include "compiler/plan/keyer.h"

namespace cd4ml::plan {

namespace {

bool measures(const ir::GateSide& side) {
  return std::any_of(side.terms.begin(), side.terms.end(),
                     [](const auto& term) { return term.second.kind == ir::GateTerm::Kind::Latency; });
}

}  // namespace

bool verdictIsCacheable(const ir::Gate& gate) {
  return std::none_of(gate.checks.begin(), gate.checks.end(),
                      [](const ir::GateCheck& check) { return measures(check.left) || measures(check.right); });
}

std::optional<Digest> rootKey(const Keyer& keyer, const Known& known, const std::vector<std::string>& settings) {
  const ir::Pipeline& pipeline = keyer.pipeline();
  std::vector<Digest> definitions;
  std::vector<Digest> sources;
  for (std::uint32_t n = 0; n < pipeline.nodes.size(); ++n) {
    const ir::Node& node = pipeline.nodes[n];
    std::vector<Digest> own;
    for (std::uint32_t s = 0; s < opt::slotCount(node); ++s) own.push_back(keyer.opHash({{n}, s}));
    std::sort(own.begin(), own.end());
    if (!ir::filesOf(node).empty()) {
      const auto files = known.files.find({n});
      if (files == known.files.end()) return std::nullopt;
      Hasher hasher(opt::root_domain);
      for (const Digest& definition : own) hasher.digest(definition);
      hasher.u64(files->second.size());
      for (const Digest& file : files->second) hasher.digest(file);
      sources.push_back(hasher.finish());
    }
    definitions.insert(definitions.end(), own.begin(), own.end());
  }
  Hasher hasher(opt::root_domain);
  for (std::vector<Digest>* list : {&definitions, &sources}) {
    std::sort(list->begin(), list->end());
    hasher.u64(list->size());
    for (const Digest& digest : *list) hasher.digest(digest);
  }
  hasher.u64(settings.size());
  for (const std::string& setting : settings) hasher.string(setting);
  return hasher.finish();
}

}  // namespace cd4ml::plan
