// The target: any bytes through lexer, parser and checker. Linked with libFuzzer (clang -fsanitize=fuzzer) or with
// mutate.cpp, which needs nothing but the compiler that builds everything else.
#include <cstddef>
#include <cstdint>
#include <string>

#include "compiler/check/check.h"
#include "compiler/parse/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cd4ml;
  source::SourceMap sources;
  diag::Diagnostics diagnostics;
  const FileIndex file = sources.add("main.cd4ml", std::string(reinterpret_cast<const char*>(data), size));
  const syntax::Tree tree = parse::parse(sources, file, diagnostics);
  (void)check::check(tree, sources, {}, diagnostics);
  return 0;
}
