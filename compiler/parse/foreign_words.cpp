#include "compiler/parse/foreign_words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace cd4ml::parse {

namespace {

struct Foreign {
  std::string_view written;  ///< in small letters
  std::string_view help;
};

constexpr std::string_view conditional = "write `if a then b else if c then d else e`, or `match x { 1 => \"one\", else => \"more\" }`";
constexpr std::string_view function = "a function has a name and is declared: `fn double(x: float) -> float = 2.0 * x`";
constexpr std::string_view loops = "there are no loops: an expression is worked out for each row, `over (…)` looks at other rows";
constexpr std::string_view joins = "`join` keeps every row of the table and looks one up; `join inner` drops rows without a match, `join many` takes all matches";
constexpr std::string_view comment = "a comment begins with `#`";
constexpr std::string_view query = "a query is a table: `table NAME from NODE { filter …  derive …  group by … { … } }`";

constexpr auto in_expressions = std::to_array<Foreign>({
    {"case", conditional},
    {"elif", "write `else if`"},
    {"elsif", "write `else if`"},
    {"elseif", "write `else if`"},
    {"end", "an `if` needs no `end`"},
    {"?", conditional},
    {"between", "write `x in 1..5`; both ends belong to it"},
    {"like", "write `contains(x, \"a\")`, `starts_with(x, \"a\")` or `ends_with(x, \"a\")`"},
    {"ilike", "write `contains(lower(x), \"a\")`"},
    {"lambda", function},
    {"def", function},
    {"return", "a `fn` is one expression: `fn double(x: float) -> float = 2.0 * x`"},
    {"for", loops},
    {"while", loops},
    {"left", joins},
    {"right", joins},
    {"full", joins},
    {"outer", joins},
    {"cross", joins},
    {"order", "rows of a table have no order; `over (…)` and `dedupe` go by the `@time` column"},
    {"limit", "take a share of the rows: `sample 10%`"},
    {"distinct", "keep one row of each key: `dedupe by k keep first`; count values with `n_unique(x)`"},
    {"partition", "write `over (by k, last 7d)`"},
    {"[", "a column is its name, without brackets: `price`"},
    {"|", "write `or`"},
    {"^", "a power is written `**`"},
    {"//", comment},
    {"--", comment},
    {"/*", comment},
    {"{{", "a node is its name, without braces"},
});

constexpr auto as_declarations = std::to_array<Foreign>({
    {"select", query},
    {"with", query},
    {"create", query},
    {"insert", query},
    {"from", "another file comes in by `import \"path.cd4ml\" as name`"},
    {"class", "row types are `schema NAME { field: type }`"},
    {"for", loops},
    {"while", loops},
    {"if", "what to do is decided by expressions: `derive x = if a then b else c`"},
    {"--", comment},
    {"/*", comment},
    {"-", "declarations stand without dashes"},
    {"{{", "a node is its name, without braces"},
});

template <std::size_t N>
std::string_view find(const std::array<Foreign, N>& rows, std::string_view written) {
  std::string small(written);
  for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const Foreign& f) { return f.written == small; });
  return row == rows.end() ? std::string_view{} : row->help;
}

}  // namespace

std::string_view helpForForeign(std::string_view written) { return find(in_expressions, written); }

std::string_view helpForForeignDeclaration(std::string_view written) { return find(as_declarations, written); }

}  // namespace cd4ml::parse
