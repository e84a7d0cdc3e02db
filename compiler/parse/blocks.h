/// What error recovery must know about the blocks of the grammar: one row a block rule.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cd4ml::parse {

/// A block whose items begin with their own words (`words`), with any name (`marker` follows the name), or both.
struct Block {
  std::size_t rule;                ///< of the parser
  std::string_view owner;          ///< "table": named in messages
  std::vector<std::size_t> words;  ///< token types that begin an item
  bool names = false;              ///< any name begins an item
  std::size_t marker = 0;          ///< token after that name, 0 if none is certain
  std::string_view item;           ///< what an item with a name looks like: "`name = expression`"
};

/// The row of a block rule, or nullptr.
[[nodiscard]] const Block* blockOf(std::size_t rule);

/// "an item of `table`: filter, derive, … or `}`".
[[nodiscard]] std::string itemsOf(const Block& block);

/// A token type in words: "`then`", "a name".
[[nodiscard]] std::string tokenInWords(std::size_t type);

/// The word of a keyword's token type, without quotes.
[[nodiscard]] std::string wordOf(std::size_t type);

}  // namespace cd4ml::parse
