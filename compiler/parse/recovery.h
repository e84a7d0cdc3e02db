/// Error handling of the parser: one error an item, in words, and on to the next item.
///
/// ANTLR's own recovery is quadratic in open brackets and its texts list up to ninety tokens. Here an error skips to the
/// next item of the innermost block (or the next declaration), an item that is broken reports once, and a mistyped word
/// is read as the word that was meant. Blocks and items are those of `blockOf`.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include <DefaultErrorStrategy.h>
#include <ParserRuleContext.h>

#include "compiler/diag/diagnostic.h"
#include "compiler/parse/blocks.h"
#include "compiler/parse/lexed_file.h"

namespace cd4ml::parse {

class Recovery final : public antlr4::DefaultErrorStrategy {
 public:
  Recovery(const LexedFile& lexed, std::string_view text, FileIndex file, diag::Diagnostics& diagnostics)
      : lexed_(lexed), text_(text), file_(file), diagnostics_(diagnostics) {}

  void sync(antlr4::Parser* parser) override;
  antlr4::Token* recoverInline(antlr4::Parser* parser) override;
  void recover(antlr4::Parser* parser, std::exception_ptr e) override;
  void reportError(antlr4::Parser* parser, const antlr4::RecognitionException& e) override;

  /// Items and declarations that did not parse as written.
  [[nodiscard]] const std::set<const antlr4::tree::ParseTree*>& broken() const { return broken_; }

 protected:
  void reportMissingToken(antlr4::Parser*) override {}
  void reportUnwantedToken(antlr4::Parser*) override {}
  /// A token that stands for a missing one; ANTLR's own needs a token source, which ours do not have.
  antlr4::Token* getMissingSymbol(antlr4::Parser* parser) override;

 private:
  /// Where the parser stands: the innermost block and the item of it (a declaration where there is no block).
  struct Place {
    const Block* block = nullptr;
    antlr4::ParserRuleContext* block_context = nullptr;
    antlr4::ParserRuleContext* item = nullptr;
  };
  [[nodiscard]] Place placeOf(antlr4::Parser* parser) const;

  void syncFile(antlr4::Parser* parser);
  /// Text right after a declaration that is no declaration: the one before it is not what was meant.
  bool reportAfterDeclaration(antlr4::Parser* parser);
  /// A declaration whose first word was read as the name or value that the one before it lacks.
  bool reportSwallowed(antlr4::Parser* parser, antlr4::ParserRuleContext* declaration);
  void syncBlock(antlr4::Parser* parser, const Block& block, antlr4::ParserRuleContext* context);
  [[nodiscard]] bool followsSlip(antlr4::ParserRuleContext* block, std::size_t index) const;
  [[nodiscard]] bool startsItem(const Block& block, antlr4::Token* token) const;
  [[nodiscard]] bool mistypesItem(const Block& block, std::size_t index) const;
  [[nodiscard]] bool startsItemAfterError(const Place& place, std::size_t index, std::size_t depth) const;
  [[nodiscard]] bool beginsItem(const Block& block, std::size_t index) const;
  [[nodiscard]] bool startsDeclaration(std::size_t index) const;
  [[nodiscard]] std::size_t depthInside(const Place& place) const;
  void skipToItem(antlr4::Parser* parser, const Place& place);
  void skipToDeclaration(antlr4::Parser* parser);

  /// Marks the item as broken; false if it has reported already or a slip in it has been reported.
  bool mayReport(antlr4::Parser* parser, std::size_t index);
  void breakItem(antlr4::ParserRuleContext* context);
  diag::Diagnostic& report(diag::Code code, std::size_t index, std::string message);
  void reportUnexpected(antlr4::Parser* parser, std::size_t index, const antlr4::misc::IntervalSet& expected);
  bool reportKnownSlip(antlr4::Parser* parser, std::size_t index, const antlr4::misc::IntervalSet& expected);
  bool reportEqualsSign(antlr4::Parser* parser, std::size_t index, const antlr4::misc::IntervalSet& expected);
  bool reportDangling(antlr4::Parser* parser, std::size_t index);
  bool reportDanglingHead(antlr4::Parser* parser, std::size_t index);
  void reportNothingBefore(std::size_t next);
  void reportNoDeclaration(std::size_t index);
  bool reportMissingName(antlr4::Parser* parser, std::size_t index);
  bool reportEarlyItem(antlr4::Parser* parser, std::size_t index, const antlr4::misc::IntervalSet& expected);
  antlr4::Token* takeBrace(antlr4::Parser* parser, const Place& place);
  [[nodiscard]] bool slipBetween(std::size_t first, std::size_t last) const;
  bool reportConditional(antlr4::Parser* parser, std::size_t index, const antlr4::misc::IntervalSet& expected);
  /// Something to say about the token that the expected set does not say.
  void addHint(diag::Diagnostic& diagnostic, std::size_t index);
  [[nodiscard]] std::string_view foreignHelp(std::size_t index) const;
  void labelOpenBracket(diag::Diagnostic& diagnostic, antlr4::Parser* parser, std::size_t index);
  /// Reads a mistyped word as the one of `wanted` that was meant.
  bool readAsMeant(antlr4::Token* token, const std::vector<std::size_t>& wanted, diag::Code code, std::string_view what);
  bool readAsName(antlr4::Token* token);
  /// For names that are reserved words.
  void reportReserved(std::size_t index);

  [[nodiscard]] const LexedToken* at(std::size_t index) const {
    return index < lexed_.tokens.size() ? &lexed_.tokens[index] : nullptr;
  }
  [[nodiscard]] std::size_t typeAt(std::size_t index) const;
  [[nodiscard]] std::size_t visibleAfter(std::size_t index) const;
  [[nodiscard]] std::size_t visibleBefore(std::size_t index) const;
  [[nodiscard]] std::string inWords(std::size_t index) const;
  [[nodiscard]] std::string_view textAt(std::size_t index) const;
  [[nodiscard]] Span spanAt(std::size_t index) const;

  const LexedFile& lexed_;
  std::string_view text_;
  FileIndex file_;
  diag::Diagnostics& diagnostics_;
  std::set<const antlr4::tree::ParseTree*> broken_;
  std::set<const antlr4::tree::ParseTree*> reported_items_;
  std::vector<std::unique_ptr<antlr4::Token>> missing_;
  std::size_t resume_at_ = SIZE_MAX;  ///< an item that the broken one before it has swallowed
  std::set<std::size_t> resumed_at_;
};

/// The expected tokens as words: "an expression", "a name, `,` or `)`".
[[nodiscard]] std::string expectedInWords(const antlr4::misc::IntervalSet& expected);

}  // namespace cd4ml::parse
