#include <algorithm>

#include "compiler/opt/counting_leaves.h"
#include "compiler/opt/nf1.h"
#include "compiler/opt/value_digest.h"
#include "compiler/opt/versions.h"

namespace cd4ml::opt {

namespace {

void encodeOptions(Hasher& hasher, std::vector<ir::Option> options) {
  std::sort(options.begin(), options.end(), [](const ir::Option& a, const ir::Option& b) { return a.name < b.name; });
  hasher.u64(options.size());
  for (const ir::Option& option : options) {
    hasher.string(option.name);
    encode(hasher, option.value);
  }
}

Digest defineColumn(const ir::Source& source, const ir::Column& column, Leaves& leaves) {
  Hasher hasher = begin(Tag::SourceColumn);
  hasher.string(source.reader).string(versionOf(Versioned::Reader, source.reader));
  encodeOptions(hasher, source.options);
  hasher.string(column.name);
  encode(hasher, column.type);
  // A null in a column that may hold none is an error, so here nullability decides.
  hasher.u8(column.type.nullable ? 1 : 0);
  if (source.stage.valid()) hasher.digest(leaves.slot({source.stage, source.stage_slot}));
  return hasher.finish();
}

Digest defineChecks(const ir::Source& source, ir::NodeId node, Leaves& outer) {
  CountingLeaves leaves(outer, node);
  ValueDigests values(source.graph, [&](std::uint32_t slot) { return leaves.slot({node, slot}); });
  std::vector<Digest> checks;
  for (const ir::FieldCheck& check : source.checks) {
    Hasher hasher = begin(Tag::SourceCheck);
    hasher.digest(values.of(check.condition));
    encode(hasher, check.share);
    checks.push_back(hasher.u8(check.warning ? 1 : 0).finish());
  }
  for (const ir::RequireOp& check : source.row_checks) {
    checks.push_back(begin(Tag::Require).digest(values.of(check.condition)).u8(check.warning ? 1 : 0).finish());
  }
  std::sort(checks.begin(), checks.end());
  Hasher hasher = begin(Tag::SourceChecks);
  hasher.u64(checks.size());
  for (const Digest& check : checks) hasher.digest(check);
  return hasher.digest(leaves.rowsIfUnread()).finish();
}

}  // namespace

Digest defineSource(const ir::Pipeline& pipeline, ir::SlotRef slot, Leaves& leaves) {
  const ir::Node& node = pipeline[slot.node];
  const auto& source = std::get<ir::Source>(node.body);
  if (slot.slot < node.columns.size()) return defineColumn(source, node.columns[slot.slot], leaves);
  return defineChecks(source, slot.node, leaves);
}

}  // namespace cd4ml::opt
