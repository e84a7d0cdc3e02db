/// Tokens of one file, twice: as the tree keeps them (all of them, as written) and as the parser reads them.
///
/// Slips that stand in one token (`&&`, 'text', `500rows`, `AND`, an unclosed text …) are reported here and then read
/// as what was meant, so that the parser sees valid text. Brackets are counted here, before anything recurses.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <CommonToken.h>

#include "compiler/diag/diagnostic.h"
#include "compiler/source/source_map.h"
#include "compiler/syntax/tree.h"

namespace cd4ml::parse {

/// Brackets and prefix operators nest at most this deep.
inline constexpr std::uint32_t max_nesting = 200;

/// One token on its way to the parser.
struct LexedToken {
  std::size_t type = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool hidden = false;         ///< comments, and slips that the parser should not see
  bool first_on_line = false;
  bool at_column_zero = false;
  bool synthetic = false;      ///< a `}` that is missing in the text
  std::uint32_t braces = 0;    ///< open `{` before it
  std::uint32_t brackets = 0;  ///< open brackets of any kind before it
};

struct LexedFile {
  std::vector<LexedToken> tokens;
  std::vector<std::uint32_t> reported;  ///< byte offsets of the slips reported here, ascending
  bool too_deep = false;                ///< not to be parsed
};

/// Cuts the text into tokens. No error is possible.
[[nodiscard]] LexedFile lex(std::string_view text);

/// Reads `{{ ref('flights') }}` of dbt as the name of the node.
void repairTemplates(LexedFile& lexed, const source::SourceMap& sources, FileIndex file, diag::Diagnostics& diagnostics);

/// Reports the slips and replaces their tokens by what was meant.
void repairTokens(LexedFile& lexed, const source::SourceMap& sources, FileIndex file, diag::Diagnostics& diagnostics);

/// Counts brackets, says where they nest too deep, and adds the `}` that a declaration at the start of a line shows to
/// be missing. Only a file whose braces do not pair is looked at for layout: in valid text line breaks mean nothing.
void pairBrackets(LexedFile& lexed, FileIndex file, diag::Diagnostics& diagnostics);

/// Kinds of token type.
[[nodiscard]] bool isReserved(std::size_t type);
[[nodiscard]] bool isWord(std::size_t type);         ///< may be a name
[[nodiscard]] bool isDeclaration(std::size_t type);  ///< a word that begins a declaration
[[nodiscard]] bool opensBracket(std::size_t type);
[[nodiscard]] bool closesBracket(std::size_t type);
/// What the tree calls a token of this type.
[[nodiscard]] syntax::TokenKind kindOf(std::size_t type);

}  // namespace cd4ml::parse
