#include "compiler/resolve/resolve.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/resolve/order.h"
#include "compiler/resolve/uses.h"

namespace cd4ml::resolve {
namespace {

constexpr Construct all_constructs[] = {Construct::Pipeline, Construct::Param,    Construct::Source, Construct::Table,
                                        Construct::Features, Construct::Split,    Construct::Model,  Construct::Evaluate,
                                        Construct::Gate,     Construct::Deploy,   Construct::Notify, Construct::Import,
                                        Construct::Profile,  Construct::Schema,   Construct::Unit,   Construct::Fn,
                                        Construct::Stage,    Construct::Monitor,  Construct::Test,   Construct::Unsupported};

struct ConstructOf {
  Construct operator()(const syntax::PipelineDecl&) const { return Construct::Pipeline; }
  Construct operator()(const syntax::ParamDecl&) const { return Construct::Param; }
  Construct operator()(const syntax::SourceDecl&) const { return Construct::Source; }
  Construct operator()(const syntax::TableDecl&) const { return Construct::Table; }
  Construct operator()(const syntax::FeaturesDecl&) const { return Construct::Features; }
  Construct operator()(const syntax::SplitDecl&) const { return Construct::Split; }
  Construct operator()(const syntax::ModelDecl&) const { return Construct::Model; }
  Construct operator()(const syntax::EvaluateDecl&) const { return Construct::Evaluate; }
  Construct operator()(const syntax::GateDecl&) const { return Construct::Gate; }
  Construct operator()(const syntax::DeployDecl&) const { return Construct::Deploy; }
  Construct operator()(const syntax::NotifyDecl&) const { return Construct::Notify; }
  Construct operator()(const syntax::ImportDecl&) const { return Construct::Import; }
  Construct operator()(const syntax::ProfileDecl&) const { return Construct::Profile; }
  Construct operator()(const syntax::SchemaDecl&) const { return Construct::Schema; }
  Construct operator()(const syntax::UnitDecl&) const { return Construct::Unit; }
  Construct operator()(const syntax::FnDecl&) const { return Construct::Fn; }
  Construct operator()(const syntax::StageDecl&) const { return Construct::Stage; }
  Construct operator()(const syntax::MonitorDecl&) const { return Construct::Monitor; }
  Construct operator()(const syntax::TestDecl&) const { return Construct::Test; }
  Construct operator()(const syntax::UnsupportedDecl&) const { return Construct::Unsupported; }
};

/// A split has no name of its own, the names of a pipeline and a test are no names of the scope, a unit's is one of units.
bool isNamed(Construct construct) {
  return construct != Construct::Pipeline && construct != Construct::Split && construct != Construct::Test &&
         construct != Construct::Unit;
}

std::string expectedText(Constructs expected) {
  std::vector<std::string_view> words;
  for (const Construct construct : all_constructs) {
    if (contains(expected, construct)) words.push_back(constructText(construct));
  }
  return fmt::format("{}", fmt::join(words, " or "));
}

std::string withArticle(std::string_view words) {
  if (words.starts_with("features")) return std::string(words);
  return fmt::format("{} {}", words.starts_with("e") ? "an" : "a", words);
}

void declareNames(const syntax::Tree& tree, Resolution& resolution, diag::Diagnostics& diagnostics) {
  for (std::uint32_t i = 0; i < tree.decls.size(); ++i) {
    const syntax::DeclHeader& header = headerOf(tree.decls[i]);
    if (!isNamed(constructOf(tree.decls[i])) || header.name.text.empty()) continue;
    const auto [known, is_new] = resolution.names.emplace(header.name.text, i);
    if (is_new) continue;
    const syntax::Decl& first = tree.decls[known->second];
    diag::Diagnostic& diagnostic = diagnostics.add(diag::Code::DuplicateName, header.name.span,
                                                   fmt::format("`{}` is declared twice", header.name.text));
    diagnostic.labels.push_back({headerOf(first).name.span, fmt::format("first declared here, as a {}", constructText(constructOf(first)))});
    diagnostic.help.emplace_back("declarations share one scope, whatever their kind: give one of them another name");
  }
}

class Resolver {
 public:
  Resolver(const syntax::Tree& tree, Resolution& resolution, diag::Diagnostics& diagnostics)
      : tree_(tree), resolution_(resolution), diagnostics_(diagnostics) {}

  void resolve(Use& use) {
    const auto found = resolution_.names.find(use.name);
    if (use.expected == static_cast<Constructs>(Construct::Param)) {
      if (found != resolution_.names.end() && constructOf(tree_.decls[found->second]) == Construct::Param) use.target = found->second;
      return;
    }
    if (found == resolution_.names.end()) return reportUnknown(use);
    const Construct construct = constructOf(tree_.decls[found->second]);
    if (contains(use.expected, construct)) {
      use.target = found->second;
    } else if (construct != Construct::Unsupported) {
      reportWrongKind(use, found->second);
    }
  }

 private:
  [[nodiscard]] std::vector<std::string> namesOf(Constructs expected) const {
    std::vector<std::string> names;
    for (const auto& [name, index] : resolution_.names) {
      if (contains(expected, constructOf(tree_.decls[index]))) names.push_back(name);
    }
    return names;
  }

  /// A declaration of such a kind has lost its name, which may be this one.
  [[nodiscard]] bool mayBeNameless(Constructs expected) const {
    if (tree_.hasNameless("import")) return true;
    return std::ranges::any_of(all_constructs, [&](Construct each) { return contains(expected, each) && tree_.hasNameless(constructText(each)); });
  }

  void reportUnknown(const Use& use) {
    if (tree_.isOfMissingModule(use.name) || tree_.isLost(use.name)) return;
    const std::vector<std::string> known = namesOf(use.expected);
    const std::vector<std::string> near = diag::nearest(use.name, known);
    if (near.empty() && mayBeNameless(use.expected)) return;
    diag::Diagnostic& diagnostic =
        diagnostics_.add(diag::Code::UnknownName, use.span, fmt::format("there is no {} `{}`", expectedText(use.expected), use.name));
    if (!near.empty()) {
      diagnostic.help.push_back(fmt::format("did you mean `{}`?", fmt::join(near, "`, `")));
      diagnostic.fixes.push_back({fmt::format("write `{}`", near.front()), {{use.span, near.front()}}, false});
    } else if (!known.empty()) {
      diagnostic.help.push_back(fmt::format("there is `{}`", fmt::join(known, "`, `")));
    } else {
      diagnostic.help.push_back(fmt::format("this file declares no {}", expectedText(use.expected)));
    }
  }

  void reportWrongKind(const Use& use, std::uint32_t target) {
    const std::string_view construct = constructText(constructOf(tree_.decls[target]));
    diag::Diagnostic& diagnostic = diagnostics_.add(
        diag::Code::WrongKind, use.span,
        fmt::format("`{}` is {}, {} takes {}", use.name, withArticle(construct), use.clause, withArticle(expectedText(use.expected))));
    diagnostic.labels.push_back({headerOf(tree_.decls[target]).name.span, fmt::format("the {} `{}`", construct, use.name)});
    const std::vector<std::string> known = namesOf(use.expected);
    if (!known.empty()) diagnostic.help.push_back(fmt::format("there is `{}`", fmt::join(known, "`, `")));
  }

  const syntax::Tree& tree_;
  Resolution& resolution_;
  diag::Diagnostics& diagnostics_;
};

}  // namespace

std::string_view constructText(Construct construct) {
  switch (construct) {
    case Construct::Pipeline: return "pipeline";
    case Construct::Param: return "param";
    case Construct::Source: return "source";
    case Construct::Table: return "table";
    case Construct::Features: return "features";
    case Construct::Split: return "split";
    case Construct::Model: return "model";
    case Construct::Evaluate: return "evaluate";
    case Construct::Gate: return "gate";
    case Construct::Deploy: return "deploy";
    case Construct::Notify: return "notify";
    case Construct::Import: return "module";
    case Construct::Profile: return "profile";
    case Construct::Schema: return "schema";
    case Construct::Unit: return "unit";
    case Construct::Fn: return "fn";
    case Construct::Stage: return "stage";
    case Construct::Monitor: return "monitor";
    case Construct::Test: return "test";
    case Construct::Unsupported: return "declaration";
  }
  return {};
}

Construct constructOf(const syntax::Decl& decl) { return std::visit(ConstructOf{}, decl); }

const syntax::DeclHeader& headerOf(const syntax::Decl& decl) {
  return std::visit([](const auto& d) -> const syntax::DeclHeader& { return d; }, decl);
}

std::optional<std::uint32_t> Resolution::find(const syntax::Tree& tree, std::string_view name, Constructs expected) const {
  const auto found = names.find(name);
  if (found == names.end() || !contains(expected, constructOf(tree.decls[found->second]))) return std::nullopt;
  return found->second;
}

Resolution resolve(const syntax::Tree& tree, diag::Diagnostics& diagnostics) {
  Resolution resolution;
  declareNames(tree, resolution, diagnostics);
  Resolver resolver(tree, resolution, diagnostics);
  for (const syntax::Decl& decl : tree.decls) {
    resolution.uses.push_back(usesOf(tree, decl, resolution.names));
    for (Use& use : resolution.uses.back()) resolver.resolve(use);
  }
  resolution.order = orderDeclarations(tree, resolution, diagnostics);
  return resolution;
}

}  // namespace cd4ml::resolve
