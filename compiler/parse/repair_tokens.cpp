#include <algorithm>
#include <array>
#include <cctype>

#include <Cd4mlLexer.h>
#include <fmt/format.h>

#include "compiler/parse/lexed_file.h"

namespace cd4ml::parse {

namespace {

using diag::Code;
using grammar::Cd4mlLexer;

/// Operators of other languages, what they are here, and how the parser shall read them.
struct Foreign {
  std::size_t type;
  std::string_view here;
  std::size_t meant;
};
constexpr auto foreign = std::to_array<Foreign>({
    {Cd4mlLexer::FOREIGN_AND, "and", Cd4mlLexer::K_AND},
    {Cd4mlLexer::FOREIGN_OR, "or", Cd4mlLexer::K_OR},
    {Cd4mlLexer::FOREIGN_NOT, "not", Cd4mlLexer::K_NOT},
    {Cd4mlLexer::FOREIGN_NOT_EQUAL, "!=", Cd4mlLexer::NOT_EQUAL},
    {Cd4mlLexer::FOREIGN_EQUAL, "==", Cd4mlLexer::EQUAL},
    {Cd4mlLexer::FOREIGN_DEFINE, "=", Cd4mlLexer::ASSIGN},
});

constexpr std::array<std::string_view, 13> reserved_words = {"and",  "or",   "not",   "is",   "in",   "if",   "then",
                                                             "else", "match", "over", "true", "false", "null"};

/// Walks over the tokens once, writing the repaired list.
class Repair {
 public:
  Repair(LexedFile& lexed, const source::SourceMap& sources, FileIndex file, diag::Diagnostics& diagnostics)
      : lexed_(lexed), text_(sources.text(file)), file_(file), diagnostics_(diagnostics) {}

  void run() {
    if (std::none_of(lexed_.tokens.begin(), lexed_.tokens.end(), [](const LexedToken& t) { return needsLook(t.type); }))
      return;
    out_.reserve(lexed_.tokens.size() + 8);
    for (at_ = 0; at_ < lexed_.tokens.size(); ++at_) repair(lexed_.tokens[at_]);
    lexed_.tokens = std::move(out_);
    reportSemicolons();
    std::sort(lexed_.reported.begin(), lexed_.reported.end());
  }

 private:
  static bool needsLook(std::size_t type) {
    return type == Cd4mlLexer::MISCASED || type == Cd4mlLexer::PERCENT || type == Cd4mlLexer::QUANTITY ||
           type == Cd4mlLexer::GREATER_EQUAL || type == Cd4mlLexer::QUOTED || type == Cd4mlLexer::INT ||
           type >= Cd4mlLexer::UNCLOSED_TEXT;
  }

  void repair(LexedToken token) {
    if (token.hidden) return keep(token);  // a comment, or a part of a slip that has been reported
    switch (token.type) {
      case Cd4mlLexer::MISCASED: return miscased(token);
      case Cd4mlLexer::PERCENT: return percent(token);
      case Cd4mlLexer::QUANTITY: return quantity(token);
      case Cd4mlLexer::GREATER_EQUAL: return greaterEqual(token);
      case Cd4mlLexer::QUOTED: return quoted(token);
      case Cd4mlLexer::INT: return integer(token);
      case Cd4mlLexer::FOREIGN_NOT_EQUAL: return emptyUnit(token);
      case Cd4mlLexer::BAD_FRACTION: return fraction(token);
      case Cd4mlLexer::UNCLOSED_TEXT: return unclosedText(token);
      case Cd4mlLexer::SINGLE_QUOTED: return singleQuoted(token);
      case Cd4mlLexer::UNCLOSED_QUOTED: return unclosedQuoted(token);
      case Cd4mlLexer::BAD_TIME: return badTime(token);
      case Cd4mlLexer::FOREIGN_PIPE:
        report(Code::ForeignOperator, token, "cd4ml has no `|>`").help = {
            "the verbs of a `table` apply in the order written, one after the other, without a sign between them"};
        token.hidden = true;
        return keep(token);
      case Cd4mlLexer::SEMICOLON:
        semicolons_.push_back(token);
        token.hidden = true;
        return keep(token);
      case Cd4mlLexer::NON_ASCII: return nonAscii(token);
      case Cd4mlLexer::ANY: return badCharacter(token);
      default: return keepOrForeign(token);
    }
  }

  void keep(const LexedToken& token) { out_.push_back(token); }

  void keepOrForeign(LexedToken token) {
    for (const Foreign& f : foreign) {
      if (f.type != token.type) continue;
      auto& d = report(Code::ForeignOperator, token, fmt::format("`{}` is written `{}` in cd4ml", textOf(token), f.here));
      const bool glued = std::isalpha(static_cast<unsigned char>(f.here[0])) != 0 && next(1) == token.end;
      d.fixes.push_back(replace(token, std::string(f.here) + (glued ? " " : "")));
      token.type = f.meant;
      break;
    }
    keep(token);
  }

  void miscased(LexedToken token) {
    std::string word(textOf(token));
    const std::string written = word;
    for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const auto found = std::find(reserved_words.begin(), reserved_words.end(), word);
    const bool is_name = followedBy(Cd4mlLexer::ASSIGN) || followedBy(Cd4mlLexer::COLON) ||
                         (!out_.empty() && out_.back().type == Cd4mlLexer::DOT);
    if (is_name) {
      auto& d = report(Code::ReservedWord, token, fmt::format("`{}` is reserved in every letter case and cannot be a bare name", written));
      d.help.push_back(fmt::format("as a name it stands in backquotes: `` `{}` ``", written));
      d.fixes.push_back(replace(token, "`" + written + "`"));
    } else if (token.begin >= miscased_until_) {
      reportMiscased(token, word);
    }
    token.type = is_name ? std::size_t{Cd4mlLexer::ID} : Cd4mlLexer::K_AND + static_cast<std::size_t>(found - reserved_words.begin());
    keep(token);
  }

  /// One message for words that follow each other: `IS NOT NULL`.
  void reportMiscased(const LexedToken& token, std::string word) {
    LexedToken all = token;
    for (std::size_t i = at_ + 1; i < lexed_.tokens.size() && lexed_.tokens[i].type == Cd4mlLexer::MISCASED; ++i) {
      all.end = lexed_.tokens[i].end;
      word += ' ';
      for (const char c : textOf(lexed_.tokens[i])) word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    miscased_until_ = all.end;
    auto& d = report(Code::ReservedWord, all, fmt::format("`{}` is written `{}` in cd4ml", textOf(all), word));
    if (all.end == token.end) d.help.push_back(fmt::format("as a name it stands in backquotes: `` `{}` ``", textOf(token)));
    d.fixes.push_back(replace(all, std::move(word)));
  }

  /// `10%n`: a percent must not touch what follows.
  void percent(const LexedToken& token) {
    const LexedToken* after = peek();
    const bool glued = after != nullptr && after->begin == token.end &&
                       (isWord(after->type) || after->type == Cd4mlLexer::INT || after->type == Cd4mlLexer::FLOAT ||
                        after->type == Cd4mlLexer::PERCENT || after->type == Cd4mlLexer::QUANTITY ||
                        after->type == Cd4mlLexer::LPAREN);
    if (!glued) return keep(token);
    auto& d = report(Code::GluedPercent, token,
                     fmt::format("`{}` touches what follows: a percent or a modulo?", textOf(token)));
    d.help = {"a `%` glued to a number is a percent; put spaces around modulo"};
    d.fixes.push_back({.title = "write modulo with spaces",
                       .edits = {{.span = {file_, token.end - 1, token.end}, .replacement = " % "}}});
    split(token, token.end - 1, Cd4mlLexer::INT, Cd4mlLexer::MODULO);
  }

  /// `500rows`, `1else`, `0x10`.
  void quantity(const LexedToken& token) {
    const std::string_view written = textOf(token);
    const std::size_t digits = unitBegin(written);
    const std::string_view unit = written.substr(digits);
    const auto reserved = std::find(reserved_words.begin(), reserved_words.end(), unit);
    const bool counted = unit == "rows" || unit == "requests";
    if (reserved == reserved_words.end() && !counted) return keep(token);
    auto& d = report(Code::GluedUnit, token, fmt::format("`{}` is not a unit: put a space before it", unit));
    const auto cut = static_cast<std::uint32_t>(token.begin + digits);
    d.fixes.push_back({.title = fmt::format("write `{} {}`", written.substr(0, digits), unit),
                       .edits = {{.span = {file_, cut, cut}, .replacement = " "}}});
    std::size_t type = unit == "rows" ? Cd4mlLexer::K_ROWS : Cd4mlLexer::K_REQUESTS;
    if (!counted) type = Cd4mlLexer::K_AND + static_cast<std::size_t>(reserved - reserved_words.begin());
    const bool has_point = written.substr(0, digits).find_first_of(".eE") != std::string_view::npos;
    split(token, cut, has_point ? Cd4mlLexer::FLOAT : Cd4mlLexer::INT, type);
  }

  /// Digits, point, digits, exponent; the rest is the unit.
  static std::size_t unitBegin(std::string_view s) {
    const auto digits = [&](std::size_t i) {
      while (i < s.size() && (std::isdigit(static_cast<unsigned char>(s[i])) != 0 || s[i] == '_')) ++i;
      return i;
    };
    std::size_t i = digits(0);
    if (i + 1 < s.size() && s[i] == '.') i = digits(i + 1);
    if (i < s.size() && (s[i] == 'e' || s[i] == 'E')) {
      const std::size_t exponent = digits(i + 1);
      if (exponent > i + 1) i = exponent;
    }
    return i;
  }

  /// `float<eur>=3eur` in a declaration is `>` and `=`.
  void greaterEqual(const LexedToken& token) {
    if (closesUnit()) return split(token, token.begin + 1, Cd4mlLexer::GREATER, Cd4mlLexer::ASSIGN);
    keep(token);
  }

  /// `float<>`: the brackets of a unit with nothing in them, not the operator of SQL.
  void emptyUnit(const LexedToken& token) {
    const std::size_t n = out_.size();
    const bool in_type = n >= 2 && out_[n - 1].end == token.begin && isWord(out_[n - 1].type) &&
                         (out_[n - 2].type == Cd4mlLexer::COLON || out_[n - 2].type == Cd4mlLexer::ARROW);
    if (!in_type) return keepOrForeign(token);
    split(token, token.begin + 1, Cd4mlLexer::LESS, Cd4mlLexer::GREATER);
  }

  /// Walks back over what a unit is made of to the `<`, which must follow `: NAME` or `-> NAME`.
  [[nodiscard]] bool closesUnit() const {
    std::size_t open = 1;
    for (std::size_t i = out_.size(); i-- > 0 && out_.size() - i < 24;) {
      const std::size_t type = out_[i].type;
      if (type == Cd4mlLexer::GREATER) ++open;
      if (type == Cd4mlLexer::LESS && --open == 0) {
        return i >= 2 && isWord(out_[i - 1].type) &&
               (out_[i - 2].type == Cd4mlLexer::COLON || out_[i - 2].type == Cd4mlLexer::ARROW);
      }
      const bool part = isWord(type) || type == Cd4mlLexer::INT || type == Cd4mlLexer::STAR || type == Cd4mlLexer::SLASH ||
                        type == Cd4mlLexer::CARET || type == Cd4mlLexer::POWER || type == Cd4mlLexer::MINUS ||
                        type == Cd4mlLexer::LESS || type == Cd4mlLexer::GREATER || type == Cd4mlLexer::QUESTION;
      if (!part) return false;
    }
    return false;
  }

  void quoted(const LexedToken& token) {
    if (token.end - token.begin == 2) report(Code::BadName, token, "a name in backquotes must not be empty");
    keep(token);
  }

  /// `1.` without digits after the point.
  void integer(const LexedToken& token) {
    keep(token);
    const LexedToken* point = peek();
    if (point == nullptr || point->type != Cd4mlLexer::DOT || point->begin != token.end) return;
    const LexedToken* after = at_ + 2 < lexed_.tokens.size() ? &lexed_.tokens[at_ + 2] : nullptr;
    if (after != nullptr && after->begin == point->end && isWord(after->type)) return;
    LexedToken both = token;
    both.end = point->end;
    auto& d = report(Code::BadNumber, both, "a number has digits on both sides of its point");
    d.fixes.push_back(replace(both, fmt::format("{}.0", textOf(token))));
    LexedToken dot = *point;
    dot.hidden = true;
    keep(dot);
    ++at_;
  }

  void fraction(LexedToken token) {
    auto& d = report(Code::BadNumber, token, "a number has digits on both sides of its point");
    d.fixes.push_back(replace(token, fmt::format("0{}", textOf(token))));
    token.type = Cd4mlLexer::FLOAT;
    keep(token);
  }

  void unclosedText(LexedToken token) {
    auto& d = report(Code::UnclosedText, token, "this text is not closed on its line");
    d.help = {"a text ends on the line it begins on; `\\n` is a line break in it"};
    d.fixes.push_back({.title = "close the text at the end of the line",
                       .edits = {{.span = {file_, token.end, token.end}, .replacement = "\""}},
                       .safe = false});
    token.type = text_[token.begin] == 'r' ? Cd4mlLexer::RAW_TEXT : Cd4mlLexer::TEXT;
    keep(token);
  }

  void singleQuoted(LexedToken token) {
    const std::string_view written = textOf(token);
    const bool closed = written.size() > 1 && written.back() == '\'';
    std::string inside(written.substr(1, written.size() - (closed ? 2 : 1)));
    auto& d = report(Code::SingleQuotes, token, "a text stands in double quotes");
    if (inside.find('"') == std::string::npos) d.fixes.push_back(replace(token, fmt::format("\"{}\"", inside)));
    token.type = Cd4mlLexer::TEXT;
    keep(token);
  }

  void unclosedQuoted(LexedToken token) {
    report(Code::UnclosedText, token, "this name in backquotes is not closed on its line");
    token.type = Cd4mlLexer::QUOTED;
    keep(token);
  }

  void badTime(LexedToken token) {
    auto& d = report(Code::BadTime, token, fmt::format("`{}` is not a date", textOf(token)));
    d.help = {"a date is written `@2024-06-01`, a point in time `@2024-06-01T10:00:00Z`"};
    token.type = Cd4mlLexer::TIME;
    keep(token);
  }

  /// Letters beyond ASCII, with the word they touch: a name that lacks its backquotes. Typographic quotes and spaces
  /// are not letters.
  void nonAscii(LexedToken token) {
    const std::string_view written = textOf(token);
    const bool sign = written.starts_with("\xE2\x80") || written.starts_with("\xC2") || written.starts_with("\xE2\x88");
    if (sign) return badCharacter(token);
    if (!out_.empty() && out_.back().end == token.begin && isWord(out_.back().type)) {
      const LexedToken front = out_.back();
      out_.pop_back();
      token.begin = front.begin;
      token.first_on_line = front.first_on_line;
      token.at_column_zero = front.at_column_zero;
    }
    for (const LexedToken* after = peek(); after != nullptr && after->begin == token.end; after = peek()) {
      if (!isWord(after->type) && after->type != Cd4mlLexer::NON_ASCII && after->type != Cd4mlLexer::INT) break;
      token.end = after->end;
      ++at_;
    }
    auto& d = report(Code::BadName, token, fmt::format("the name `{}` needs backquotes", textOf(token)));
    d.help = {"a name without backquotes is made of `A-Z a-z 0-9 _`"};
    d.fixes.push_back(replace(token, fmt::format("`{}`", textOf(token))));
    token.type = Cd4mlLexer::ID;
    keep(token);
  }

  void badCharacter(LexedToken token) {
    const std::string_view written = textOf(token);
    const bool control = static_cast<unsigned char>(written[0]) < 0x20 || written[0] == 0x7F;
    std::string message = control ? fmt::format("the byte 0x{:02x} has no meaning here", static_cast<unsigned>(written[0]))
                                  : fmt::format("`{}` has no meaning here", written);
    auto& d = report(Code::BadCharacter, token, std::move(message));
    if (written == "&") d.fixes.push_back(replace(token, "and"));
    if (written == "~") d.fixes.push_back(replace(token, "not "));
    if (written.starts_with("\xE2\x80")) d.help = {"texts stand in straight double quotes"};
    token.hidden = true;
    keep(token);
  }

  void reportSemicolons() {
    if (semicolons_.empty()) return;
    auto& d = report(Code::ForeignOperator, semicolons_.front(), "cd4ml needs no `;`");
    d.help = {"an item ends where the next begins"};
    diag::Fix fix{.title = "remove each `;`", .edits = {}};
    for (const LexedToken& t : semicolons_) fix.edits.push_back({.span = spanOf(t), .replacement = ""});
    d.fixes.push_back(std::move(fix));
  }

  void split(const LexedToken& token, std::uint32_t at, std::size_t first, std::size_t second) {
    LexedToken a = token;
    a.type = first;
    a.end = at;
    keep(a);
    LexedToken b = token;
    b.type = second;
    b.begin = at;
    b.first_on_line = false;
    b.at_column_zero = false;
    keep(b);
  }

  diag::Diagnostic& report(Code code, const LexedToken& token, std::string message) {
    lexed_.reported.push_back(token.begin);
    return diagnostics_.add(code, spanOf(token), std::move(message));
  }

  [[nodiscard]] diag::Fix replace(const LexedToken& token, std::string replacement) const {
    return {.title = fmt::format("write {}", replacement.front() == '`' ? replacement : "`" + replacement + "`"), .edits = {{.span = spanOf(token), .replacement = replacement}}};
  }
  [[nodiscard]] Span spanOf(const LexedToken& token) const { return {file_, token.begin, token.end}; }
  [[nodiscard]] std::string_view textOf(const LexedToken& t) const { return text_.substr(t.begin, t.end - t.begin); }
  [[nodiscard]] const LexedToken* peek() const {
    return at_ + 1 < lexed_.tokens.size() ? &lexed_.tokens[at_ + 1] : nullptr;
  }
  [[nodiscard]] std::uint32_t next(std::size_t n) const {
    return at_ + n < lexed_.tokens.size() ? lexed_.tokens[at_ + n].begin : 0;
  }
  [[nodiscard]] bool followedBy(std::size_t type) const {
    for (std::size_t i = at_ + 1; i < lexed_.tokens.size(); ++i) {
      if (!lexed_.tokens[i].hidden) return lexed_.tokens[i].type == type;
    }
    return false;
  }

  LexedFile& lexed_;
  std::string_view text_;
  FileIndex file_;
  diag::Diagnostics& diagnostics_;
  std::vector<LexedToken> out_;
  std::vector<LexedToken> semicolons_;
  std::size_t at_ = 0;
  std::uint32_t miscased_until_ = 0;  ///< end of the words in another letter case that have been reported
};

}  // namespace

void repairTokens(LexedFile& lexed, const source::SourceMap& sources, FileIndex file, diag::Diagnostics& diagnostics) {
  Repair(lexed, sources, file, diagnostics).run();
}

}  // namespace cd4ml::parse
