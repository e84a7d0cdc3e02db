#include "compiler/resolve/order.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace cd4ml::resolve {
namespace {

struct Edge {
  std::uint32_t to;
  Span span;  ///< of the name that makes it
};

/// What must be checked before each declaration. A split of features stands between their `from` node and them.
std::vector<std::vector<Edge>> edgesOf(const syntax::Tree& tree, const Resolution& resolution) {
  std::vector<std::vector<Edge>> edges(tree.decls.size());
  for (std::uint32_t i = 0; i < tree.decls.size(); ++i) {
    for (const Use& use : resolution.uses[i]) {
      if (!use.target) continue;
      if (constructOf(tree.decls[i]) != Construct::Split) {
        edges[i].push_back({*use.target, use.span});
        continue;
      }
      edges[*use.target].push_back({i, use.span});
      for (const Use& from : resolution.uses[*use.target]) {
        if (from.target) edges[i].push_back({*from.target, use.span});
      }
    }
  }
  return edges;
}

class Sorter {
 public:
  Sorter(const syntax::Tree& tree, const Resolution& resolution, diag::Diagnostics& diagnostics)
      : tree_(tree), edges_(edgesOf(tree, resolution)), state_(tree.decls.size(), State::New), diagnostics_(diagnostics) {}

  std::vector<std::uint32_t> sort() {
    // Any expression may read a param, wherever it is declared.
    for (std::uint32_t i = 0; i < tree_.decls.size(); ++i) {
      if (constructOf(tree_.decls[i]) == Construct::Param) visit(i);
    }
    for (std::uint32_t i = 0; i < tree_.decls.size(); ++i) visit(i);
    return std::move(order_);
  }

 private:
  enum class State : std::uint8_t { New, Open, Done };
  struct Step {
    std::uint32_t decl;
    std::size_t next_edge = 0;
  };

  /// Depth first with a stack of our own: a chain of declarations may be long.
  void visit(std::uint32_t start) {
    if (state_[start] != State::New) return;
    path_ = {{start}};
    state_[start] = State::Open;
    while (!path_.empty()) {
      Step& step = path_.back();
      if (step.next_edge == edges_[step.decl].size()) {
        state_[step.decl] = State::Done;
        order_.push_back(step.decl);
        path_.pop_back();
        continue;
      }
      const Edge edge = edges_[step.decl][step.next_edge++];
      if (state_[edge.to] == State::Open) {
        reportRing(edge);
      } else if (state_[edge.to] == State::New) {
        state_[edge.to] = State::Open;
        path_.push_back({edge.to});
      }
    }
  }

  void reportRing(const Edge& closing) {
    std::size_t first = path_.size() - 1;
    while (path_[first].decl != closing.to) --first;
    std::string ring;
    for (std::size_t i = first; i < path_.size(); ++i) ring += "`" + nameOf(path_[i].decl) + "` → ";
    ring += "`" + nameOf(closing.to) + "`";
    diag::Diagnostic& diagnostic = diagnostics_.add(
        diag::Code::Cycle, headerOf(tree_.decls[closing.to]).name.span, fmt::format("`{}` depends on itself: {}", nameOf(closing.to), ring));
    for (std::size_t i = first; i < path_.size(); ++i) {
      const Edge& edge = edges_[path_[i].decl][path_[i].next_edge - 1];
      diagnostic.labels.push_back({edge.span, fmt::format("`{}` needs `{}`", nameOf(path_[i].decl), nameOf(edge.to))});
    }
    diagnostic.help.emplace_back("take one of these steps out of the ring");
  }

  [[nodiscard]] std::string nameOf(std::uint32_t decl) const { return headerOf(tree_.decls[decl]).name.text; }

  const syntax::Tree& tree_;
  std::vector<std::vector<Edge>> edges_;
  std::vector<State> state_;
  std::vector<Step> path_;
  std::vector<std::uint32_t> order_;
  diag::Diagnostics& diagnostics_;
};

bool isAnEnd(Construct construct) {
  switch (construct) {
    case Construct::Pipeline:
    case Construct::Split:
    case Construct::Evaluate:
    case Construct::Gate:
    case Construct::Deploy:
    case Construct::Unsupported:
    case Construct::Import:
    case Construct::Profile:
    case Construct::Unit:  // what types and quantities use is known to the checker
    case Construct::Stage:
    case Construct::Monitor:
    case Construct::Test:
    case Construct::Param:  // what expressions use is known only once they are checked
      return true;
    case Construct::Source:
    case Construct::Table:
    case Construct::Features:
    case Construct::Model:
    case Construct::Notify:
    case Construct::Schema:
    case Construct::Fn:
      return false;
  }
  return true;
}

}  // namespace

std::vector<std::uint32_t> orderDeclarations(const syntax::Tree& tree, const Resolution& resolution,
                                             diag::Diagnostics& diagnostics) {
  return Sorter(tree, resolution, diagnostics).sort();
}

void reportUnused(const syntax::Tree& tree, const Resolution& resolution, diag::Diagnostics& diagnostics) {
  std::set<std::uint32_t> used;
  for (std::uint32_t i = 0; i < tree.decls.size(); ++i) {
    if (constructOf(tree.decls[i]) == Construct::Unsupported) return;  // what it would use is not known
    if (constructOf(tree.decls[i]) == Construct::Split) continue;
    for (const Use& use : resolution.uses[i]) {
      if (use.target) used.insert(*use.target);
    }
  }
  for (const syntax::InlinedCall& call : tree.calls) used.insert(call.decl);
  const bool is_module = std::none_of(tree.decls.begin(), tree.decls.end(), [&](const syntax::Decl& decl) {
    return constructOf(decl) == Construct::Pipeline && headerOf(decl).span.file == tree.file;
  });
  for (const auto& [name, index] : resolution.names) {
    const Construct construct = constructOf(tree.decls[index]);
    const bool offered = is_module && (construct == Construct::Fn || construct == Construct::Schema);
    if (offered || used.contains(index) || isAnEnd(construct) || headerOf(tree.decls[index]).span.file != tree.file) continue;
    diag::Diagnostic& diagnostic = diagnostics.add(diag::Code::UnusedNode, headerOf(tree.decls[index]).name.span,
                                                   fmt::format("nothing uses the {} `{}`", constructText(construct), name));
    const bool runs = construct != Construct::Fn && construct != Construct::Schema && construct != Construct::Notify;
    diagnostic.help.emplace_back(runs ? "it runs only when it is asked for by name; delete it if it is not needed" : "delete it, or use it");
  }
}

}  // namespace cd4ml::resolve
