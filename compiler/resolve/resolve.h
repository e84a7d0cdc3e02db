/// Names of one file: a flat scope of declarations, what each clause refers to, and an order in which inputs come
/// before their users. Every mistake in a name is reported here, once; later phases treat what did not resolve as
/// unknown and stay silent about it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/syntax/tree.h"

namespace cd4ml::resolve {

enum class Construct : std::uint32_t {
  Pipeline = 1, Param = 2, Source = 4, Table = 8, Features = 16, Split = 32, Model = 64, Evaluate = 128, Gate = 256,
  Deploy = 512, Notify = 1024, Unsupported = 2048, Import = 4096, Profile = 8192, Schema = 1 << 14, Unit = 1 << 15,
  Fn = 1 << 16, Stage = 1 << 17, Monitor = 1 << 18, Test = 1 << 19,
};
/// A set of constructs.
using Constructs = std::uint32_t;
[[nodiscard]] constexpr Constructs operator|(Construct a, Construct b) {
  return static_cast<Constructs>(static_cast<Constructs>(a) | static_cast<Constructs>(b));
}
[[nodiscard]] constexpr Constructs operator|(Constructs a, Construct b) { return a | static_cast<Constructs>(b); }
[[nodiscard]] constexpr bool contains(Constructs set, Construct construct) {
  return (set & static_cast<Constructs>(construct)) != 0;
}
/// "source", "features", …
[[nodiscard]] std::string_view constructText(Construct construct);

[[nodiscard]] Construct constructOf(const syntax::Decl& decl);
[[nodiscard]] const syntax::DeclHeader& headerOf(const syntax::Decl& decl);

/// A name that a clause of a declaration refers to.
struct Use {
  std::string name;
  Span span;
  Constructs expected = 0;
  std::string clause;                   ///< "`from`", for messages
  std::optional<std::uint32_t> target;  ///< index into Tree::decls; empty: not resolved, reported
};

/// Declared names → index into Tree::decls; the first of several.
using Names = std::map<std::string, std::uint32_t, std::less<>>;

struct Resolution {
  Names names;
  /// Uses of each declaration, as written.
  std::vector<std::vector<Use>> uses;
  /// Every declaration once, inputs before users; a split comes before the features it splits.
  std::vector<std::uint32_t> order;

  /// The declaration of that name if it is one of `expected`.
  [[nodiscard]] std::optional<std::uint32_t> find(const syntax::Tree& tree, std::string_view name, Constructs expected) const;
};

[[nodiscard]] Resolution resolve(const syntax::Tree& tree, diag::Diagnostics& diagnostics);

/// Warns about each node that nothing uses and that is no end in itself; for a file without errors.
void reportUnused(const syntax::Tree& tree, const Resolution& resolution, diag::Diagnostics& diagnostics);

}  // namespace cd4ml::resolve
