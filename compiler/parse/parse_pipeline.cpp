#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

PipelineDecl Builder::pipelineDecl(Grammar::PipelineDeclContext* context) {
  PipelineDecl out;
  header(out, context, context->name());
  return out;
}

NotifyDecl Builder::notifyDecl(Grammar::NotifyDeclContext* context) {
  NotifyDecl out;
  header(out, context, context->name());
  out.channel = operand(context->operand());
  return out;
}

}  // namespace cd4ml::parse
