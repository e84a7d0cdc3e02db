// Prints the syntax tree of a file, so that tests can ask the compiler which constructs a file holds.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "compiler/parse/parse.h"
#include "compiler/syntax/print_tree.h"

int main(int count, char** words) {
  using namespace cd4ml;
  for (int i = 1; i < count; ++i) {
    std::ifstream file(words[i], std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    source::SourceMap sources;
    diag::Diagnostics diagnostics;
    const syntax::Tree tree = parse::parse(sources, sources.add(words[i], std::move(text)), diagnostics);
    if (!file || diagnostics.hasErrors()) {
      std::fprintf(stderr, "%s does not parse\n", words[i]);
      return 1;
    }
    std::printf("== %s\n%s", words[i], syntax::printTree(tree).c_str());
  }
  return 0;
}
