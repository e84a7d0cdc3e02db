// The normal form, step by step. What makes two texts equal without a pass: the checker writes params and options out as
// literals, select, drop and rename leave only outputs, and digests (value_digest.h) see neither names nor the order of
// commutative arguments.
#include "compiler/opt/passes.h"

#include "compiler/opt/normalise.h"

namespace cd4ml::opt {

ir::Pipeline normalise(ir::Pipeline pipeline) {
  shareValues(pipeline);
  dropUnusedValues(pipeline);
  orderRowIds(pipeline);
  return pipeline;
}

}  // namespace cd4ml::opt
