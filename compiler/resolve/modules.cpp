#include "compiler/resolve/modules.h"

#include <deque>

#include <fmt/format.h>

#include "compiler/resolve/resolve.h"

namespace cd4ml::resolve {
namespace {

/// Breadth first, aliases by name: the shortest way gives the prefix.
void setPrefixes(syntax::Tree& tree) {
  std::vector<bool> reached(tree.modules.size(), false);
  std::deque<std::uint32_t> open{0};
  reached[0] = true;
  while (!open.empty()) {
    const std::uint32_t index = open.front();
    open.pop_front();
    for (const auto& [alias, target] : tree.modules[index].imports) {
      if (reached[target]) continue;
      reached[target] = true;
      tree.modules[target].prefix = tree.modules[index].prefix + alias + ".";
      open.push_back(target);
    }
  }
}

const syntax::ImportDecl* importOf(const syntax::Tree& tree, std::uint32_t module, std::uint32_t target) {
  for (const syntax::Decl& decl : tree.decls) {
    const auto* import = std::get_if<syntax::ImportDecl>(&decl);
    if (import == nullptr || import->span.file != tree.modules[module].file) continue;
    const auto found = tree.modules[module].imports.find(import->name.text);
    if (found != tree.modules[module].imports.end() && found->second == target) return import;
  }
  return nullptr;
}

class RingFinder {
 public:
  RingFinder(const syntax::Tree& tree, diag::Diagnostics& diagnostics)
      : tree_(tree), diagnostics_(diagnostics), state_(tree.modules.size(), State::New) {}

  void visit(std::uint32_t module) {
    state_[module] = State::Open;
    path_.push_back(module);
    for (const auto& [alias, target] : tree_.modules[module].imports) {
      if (state_[target] == State::Open) report(target);
      if (state_[target] == State::New) visit(target);
    }
    path_.pop_back();
    state_[module] = State::Done;
  }

 private:
  enum class State : std::uint8_t { New, Open, Done };

  void report(std::uint32_t first) {
    std::vector<std::uint32_t> ring(path_);
    while (ring.front() != first) ring.erase(ring.begin());
    ring.push_back(first);
    std::string text;
    std::vector<diag::Label> labels;
    Span span;
    for (std::size_t i = 0; i + 1 < ring.size(); ++i) {
      const syntax::ImportDecl* import = importOf(tree_, ring[i], ring[i + 1]);
      if (import == nullptr) return;
      text += fmt::format("{}`{}`", i == 0 ? "" : " → ", import->path);
      labels.push_back({import->path_span, "imports it"});
      span = import->path_span;
    }
    labels.pop_back();
    diag::Diagnostic& diagnostic = diagnostics_.add(diag::Code::Cycle, span, fmt::format("files import each other in a ring: {}", text));
    diagnostic.labels = std::move(labels);
    diagnostic.help.emplace_back("move what both need into a file of its own");
  }

  const syntax::Tree& tree_;
  diag::Diagnostics& diagnostics_;
  std::vector<State> state_;
  std::vector<std::uint32_t> path_;
};

void qualifyName(const syntax::Tree& tree, syntax::Decl& decl, diag::Diagnostics& diagnostics) {
  const Construct construct = constructOf(decl);
  std::visit(
      [&](auto& d) {
        const syntax::Module* module = tree.moduleOf(d.span.file);
        if (module == nullptr || module->prefix.empty() || d.name.text.empty()) return;
        if (construct == Construct::Pipeline) {
          diagnostics.add(diag::Code::SecondPipeline, d.name.span, "an imported file is a module, it names no pipeline")
              .help.emplace_back("move what both pipelines share into a file of its own and import that");
          return;
        }
        if (construct == Construct::Split || construct == Construct::Test || construct == Construct::Unit) return;
        d.name.text = module->prefix + d.name.text;
      },
      decl);
}

}  // namespace

void joinModules(syntax::Tree& tree, diag::Diagnostics& diagnostics) {
  if (tree.modules.empty()) return;
  setPrefixes(tree);
  RingFinder(tree, diagnostics).visit(0);
  for (syntax::Decl& decl : tree.decls) qualifyName(tree, decl, diagnostics);
}

}  // namespace cd4ml::resolve
