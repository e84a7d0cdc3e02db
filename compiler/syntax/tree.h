/// The syntax tree of one file: every token in order (comments included) and the declarations built over them.
///
/// Lossless: a token covers bytes of the text, what lies between two tokens is white space, so the file can be
/// rebuilt byte for byte. Each node names the range of tokens it covers. Broken parts are kept as `ErrorItem`
/// and `ExprKind::Error`, so that formatting, hover and completion work in a file that does not parse.
/// A tree is a plain value: expressions live in one vector and refer to each other by `ExprId`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/span.h"

namespace cd4ml::syntax {

enum class TokenKind : std::uint8_t { Word, QuotedName, Text, Number, Quantity, Percent, Time, Role, Punctuation, Comment, DocComment, Error };

struct Token {
  TokenKind kind;
  std::uint32_t begin;  ///< byte offset in the file
  std::uint32_t end;
};

/// Tokens [first, last) of the tree.
struct TokenRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

/// A name as written. `text` has the backquotes removed.
struct Name {
  std::string text;
  Span span{};
  bool quoted = false;
};

struct ExprId {
  std::uint32_t index = UINT32_MAX;
  [[nodiscard]] bool valid() const { return index != UINT32_MAX; }
  friend bool operator==(const ExprId&, const ExprId&) = default;
};

enum class ExprKind : std::uint8_t {
  Error,
  Int, Float, Bool, Null, Text,   ///< literals; Text is decoded
  Percent,                        ///< `80%`: `number` is 0.80
  Quantity,                       ///< `300mi`, `15min`: `number` and `text` (the unit)
  Date, Timestamp,                ///< `@2024-06-01`: `integer` is days, or microseconds, since 1970-01-01 UTC
  Reference,                      ///< a bare name: `name`
  Member,                         ///< `operands[0].name`
  Call,                           ///< `name(arguments)` or `operands[0].name(arguments)` when `operands` is not empty
  Unary, Binary,                  ///< `op`, `operands`
  IsNull, IsNotNull,
  In, NotIn,
  Range,                          ///< `operands[0] .. operands[1]`
  If,                             ///< operands: condition, then, else
  Match,                          ///< operands[0] is the subject; `arms`
  Over,                           ///< operands[0] `over (window)`
  List, Set,                      ///< operands
  Record,                         ///< arguments (all named)
  Parenthesised,                  ///< operands[0]
  /// Made by resolve::inlineFunctions, never by the parser. `integer` is an index into Tree::calls.
  Inlined,                        ///< operands[0]: the body of a fn, its parameters replaced by what they stand for
  Parameter,                      ///< operands[0]: the argument that stands for parameter `name`
};

enum class Operator : std::uint8_t {
  None, Or, And, Not, Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, Coalesce,
  Add, Subtract, Multiply, Divide, FloorDivide, Modulo, Negate, Power,
};

struct Argument {
  std::optional<Name> name;  ///< `smooth: 20`
  ExprId value;
};

struct MatchArm {
  std::vector<ExprId> patterns;  ///< empty: `else`
  ExprId value;
};

/// `over (by a, b, gap E, last E / previous E rows / next E)`.
struct Window {
  std::vector<Name> keys;
  ExprId gap;
  ExprId extent;
  enum class Frame : std::uint8_t { None, Last, Previous, Next } frame = Frame::None;
};

struct Expr {
  ExprKind kind = ExprKind::Error;
  Operator op = Operator::None;
  bool has_parentheses = false;  ///< Call: written `f()`; a Reference is written `f`
  Span span{};
  TokenRange tokens{};
  Name name{};
  std::string text{};
  double number = 0;
  std::int64_t integer = 0;
  std::vector<ExprId> operands{};
  std::vector<Argument> arguments{};
  std::vector<MatchArm> arms{};
  Window window{};
};

/// `float<eur/kg>?`, `category{"sun", "rain"}`, `list<int>`, a named schema.
struct TypeSyntax {
  Name name{};
  std::string unit{};            ///< as written inside `< >`, spaces removed
  Span unit_span{};
  std::vector<ExprId> levels{};  ///< of a closed category
  bool has_levels = false;
  bool nullable = false;
  std::vector<TypeSyntax> parameters{};  ///< of `list<T>`
  Span span{};
  ExprId size{};               ///< of `vector[n]`
};

struct CheckSyntax { ExprId condition; ExprId share; Span span; };  ///< `check EXPR [for P%]`

struct FieldSyntax {
  Name name;
  TypeSyntax type{};
  std::vector<Name> roles{};  ///< `@time`: text "time"
  std::vector<CheckSyntax> checks{};
  ExprId from_column{};       ///< `from "Unit Price"`
  std::string doc{};
  Span span{};
};

/// `require EXPR …`, `warn EXPR …` of a source, a table, a gate or a monitor.
struct RequireSyntax {
  bool warning = false;
  ExprId condition{};
  ExprId confident{};      ///< `confident 95%`
  ExprId share{};          ///< `for 90% of COLUMN`
  std::optional<Name> share_of{};
  Span span{};
};

/// `worst M by C`, `gap M by C`, `ratio M by C` inside a gate's condition is a Call whose name is the word,
/// whose first argument is the metric and whose further arguments are named "by".

struct ActionSyntax { Name verb; std::optional<Name> target; std::vector<Argument> arguments; Span span; };

struct DeclHeader {
  Name name;
  std::string doc;
  Span span;       ///< the whole declaration
  Span head_span;  ///< keyword and name
  TokenRange tokens;
  bool has_errors = false;  ///< some item did not parse: names that seem to be missing here may be in it
};

struct PipelineDecl : DeclHeader {};

struct ParamDecl : DeclHeader {
  TypeSyntax type;
  ExprId default_value;  ///< invalid: must be given
  ExprId range;          ///< Range, Set or List
  bool range_is_log = false;
};

struct SourceDecl : DeclHeader {
  ExprId reader;  ///< a Call: csv(…), parquet(…)
  std::optional<Name> schema;  ///< may be a path: "s.Sale"
  bool has_fields = false;
  std::vector<FieldSyntax> fields;
  std::vector<RequireSyntax> requires_;
};

struct FilterVerb { ExprId condition; Span span; };
struct DeriveVerb { Name name; ExprId value; std::vector<Name> roles; Span span; };
struct SelectVerb { std::vector<Name> names; Span span; };
struct DropVerb { std::vector<Name> names; Span span; };
struct RenameVerb { Name from; Name to; Span span; };
struct JoinKey { Name left; Name right; };
struct JoinVerb {
  enum class Kind : std::uint8_t { LookUp, Inner, Many, AsOf } kind = Kind::LookUp;
  ExprId node{};  ///< Reference or Member
  std::vector<JoinKey> keys{};
  ExprId within{}, ahead{};
  std::optional<Name> prefix{};
  Span span{};
};
struct GroupKey { Name name; ExprId value; };  ///< value invalid: the column `name`
struct GroupVerb { std::vector<GroupKey> keys; std::vector<GroupKey> aggregates; Span span; };
struct DedupeVerb { std::vector<Name> keys; bool keep_last = false; std::optional<Name> by; Span span; };
struct SampleVerb { ExprId share; Span span; };
struct UnionVerb { ExprId node; Span span; };
struct FillVerb { ExprId step; std::vector<Name> keys; Span span; };
/// A part of a block that did not parse, kept with its tokens.
struct ErrorItem { Span span; TokenRange tokens; };

using TableVerb = std::variant<FilterVerb, DeriveVerb, SelectVerb, DropVerb, RenameVerb, JoinVerb, GroupVerb,
                               DedupeVerb, SampleVerb, UnionVerb, FillVerb, RequireSyntax, ErrorItem>;

struct TableDecl : DeclHeader {
  ExprId from;
  std::vector<TableVerb> verbs;
};

struct TargetItem { ExprId value; ExprId after; std::vector<Name> known; Span span; std::optional<Name> via{}; };
struct WeightItem { ExprId value; Span span; };
struct UseItem { bool all_except = false; std::vector<Name> names; Span span; };
struct FeatureItem { Name name; ExprId value; std::string doc; Span span; };
using FeaturesItem = std::variant<TargetItem, WeightItem, UseItem, FeatureItem, ErrorItem>;

struct FeaturesDecl : DeclHeader {
  ExprId from;
  std::vector<FeaturesItem> items;
};

struct SplitPart { Name part; ExprId amount; bool rest = false; Span span; };  ///< also `folds 5`
struct SplitDecl : DeclHeader {
  std::vector<Name> features;  ///< each may be a path: "s.trip"
  ExprId method;  ///< Reference or Call: time, random(seed: 7)
  std::vector<SplitPart> parts;
};

struct TuneRange { Name name; ExprId range; bool log = false; Span span; };
struct TuneItem { ExprId method; bool maximize = true; ExprId metric; std::vector<TuneRange> ranges; Span span; };
struct ThresholdItem { ExprId value; bool minimize = false; Span span; };
struct MinRowsItem { ExprId rows; Span span; };
struct FallbackItem { Name kind; Span span; };
using ModelItem = std::variant<TuneItem, ThresholdItem, MinRowsItem, FallbackItem, ErrorItem>;
struct ModelDecl : DeclHeader {
  std::vector<Name> per;
  ExprId algorithm;      ///< a Call: gbdt(trip, trees: 200), choose(a, b)
  ExprId choose_metric;  ///< after `maximize` / `minimize` of choose
  bool maximize = true;
  std::vector<ModelItem> items;
};

/// `auc by origin min 500 rows`, `cost = mean(if …)`.
struct MetricItem {
  std::optional<Name> name;  ///< of `name = expression`
  ExprId metric;             ///< Reference, Call, or an expression when `name` is there
  std::vector<Name> by;
  ExprId min_rows;
  Span span;
};
using EvaluateItem = std::variant<MetricItem, ErrorItem>;
struct EvaluateDecl : DeclHeader {
  ExprId model;
  ExprId part;  ///< Reference `test`, or a node
  std::vector<EvaluateItem> items;
};

struct OtherwiseItem { std::vector<ActionSyntax> actions; Span span; };
using GateItem = std::variant<RequireSyntax, OtherwiseItem, ErrorItem>;
struct GateDecl : DeclHeader {
  std::vector<ExprId> evaluates;
  std::vector<GateItem> items;
};

struct RolloutStep { Name kind; std::vector<ExprId> amounts; Span span; };  ///< shadow 500 requests · canary [5%, 25%]
struct RolloutItem { std::vector<RolloutStep> steps; Span span; };
/// Any other item of deploy or monitor: `settle 24h`, `guard latency(p: 99) <= 20ms`, `keep 3 versions`.
struct ClauseItem { Name word; std::vector<ExprId> values; std::vector<Name> words; std::vector<ActionSyntax> actions; Span span; };
using DeployItem = std::variant<RolloutItem, ClauseItem, ErrorItem>;
struct DeployDecl : DeclHeader {
  ExprId model;
  ExprId gate;  ///< invalid: no `when`
  std::vector<DeployItem> items;
};

struct NotifyDecl : DeclHeader { ExprId channel; };  ///< a Call: webhook(secret("X")), command("…")

/// `import "path.cd4ml" as s`: `name` is the alias.
struct ImportDecl : DeclHeader { std::string path; Span path_span; };

struct ProfileItem { Name name; ExprId value; Span span; };  ///< `name` may be a path: "s.trees"
struct ProfileDecl : DeclHeader { std::vector<ProfileItem> items; };

/// `schema NAME { fields }`: fields and rules of a source, for several sources.
struct SchemaDecl : DeclHeader {
  std::vector<FieldSyntax> fields;
  std::vector<RequireSyntax> requires_;
};

struct UnitDecl : DeclHeader { ExprId value; };  ///< a Quantity

struct FnParameter { Name name; TypeSyntax type; Span span; };
struct FnDecl : DeclHeader {
  std::vector<FnParameter> parameters;
  TypeSyntax result;
  ExprId body;
};

/// `input rows = trip.train`, `input "train.py"`, `input words = "stop.txt"`.
struct InputItem { std::optional<Name> name; ExprId node; std::string file; Span file_span; Span span; };
struct StageOutputItem { Name name; std::string file; Span file_span; Span span; };
struct TimeoutItem { ExprId value; Span span; };
struct RetriesItem { ExprId value; Span span; };
struct EnvItem { ExprId values; Span span; };  ///< a Record
using StageItem = std::variant<InputItem, StageOutputItem, TimeoutItem, RetriesItem, EnvItem, ErrorItem>;
struct StageDecl : DeclHeader {
  ExprId program;  ///< a Call: command("python", "train.py", "--rows", rows)
  std::vector<StageItem> items;
};

struct WindowItem { ExprId extent; ExprId min_rows; Span span; };      ///< `window 1d min 500 rows`
struct BaselineItem { Name word; ExprId amount; Span span; };          ///< `baseline train`, `baseline last 28d`
struct DriftItem { std::vector<Argument> options; std::vector<Name> of; std::vector<Name> by; Span span; };
struct EveryItem { ExprId period; std::vector<ActionSyntax> actions; Span span; };
struct EventItem { Name event; ExprId limit; std::vector<ActionSyntax> actions; Span span; };  ///< `when labels >= 500 => retrain`
/// `ClauseItem`: quality, missing, volume, schema, freshness D, labels within D, cooldown D, budget N per D, estimate M.
using MonitorItem = std::variant<WindowItem, BaselineItem, DriftItem, RequireSyntax, EveryItem, EventItem, ClauseItem, ErrorItem>;
struct MonitorDecl : DeclHeader {
  ExprId subject;
  std::vector<MonitorItem> items;
};

struct GivenItem { Name source; ExprId rows; Span span; };                       ///< a List of Records
struct ExpectItem { ExprId condition; ExprId within; Span span; };
struct ExpectErrorItem { std::string text; Span text_span; Span span; };
using TestItem = std::variant<GivenItem, ExpectItem, ExpectErrorItem, ErrorItem>;
/// `name` is the text after the word; a test is no name of the scope.
struct TestDecl : DeclHeader { std::vector<TestItem> items; };

/// A declaration whose construct is reserved but not supported yet (`construct` is its word: "metric"), or whose head
/// did not parse (`construct` is empty, the mistake is reported; `name` is there if it could be read).
struct UnsupportedDecl : DeclHeader {
  std::string construct{};
  std::string keyword{};       ///< first word of one that did not parse
  bool name_is_sure = false;   ///< what follows its name is what follows a name
};

using Decl = std::variant<PipelineDecl, ParamDecl, SourceDecl, TableDecl, FeaturesDecl, SplitDecl, ModelDecl,
                          EvaluateDecl, GateDecl, DeployDecl, NotifyDecl, ImportDecl, ProfileDecl, SchemaDecl, UnitDecl,
                          FnDecl, StageDecl, MonitorDecl, TestDecl, UnsupportedDecl>;

/// `# allow: unused-node because …`: warnings of that name are not wanted on the lines from `begin` up to `end`.
struct Allow {
  Name warning;
  Span span;  ///< the comment
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// One file of the program. Declarations of an imported module have qualified names in the tree: `s.x`.
struct Module {
  FileIndex file = 0;
  std::string prefix{};  ///< of its names: "" in the entry file, "s." in a module
  std::string folder{};  ///< of the file, from the entry file's: "", "shared/"
  std::map<std::string, std::uint32_t, std::less<>> imports{};  ///< alias → index into Tree::modules
  bool missing = false;  ///< there is no such file, which has been reported: nothing is said about its names
};

/// A call of a fn that was inlined.
struct InlinedCall { std::uint32_t decl = 0; Span span{}; };

/// `s.trip.train`: the qualified name of a declaration, and the names after it.
struct NodePath { std::string name; Span span; std::vector<Name> rest; };

struct Tree {
  FileIndex file = 0;  ///< the entry file
  std::vector<Token> tokens;
  std::vector<Expr> exprs;
  std::vector<Decl> decls;  ///< in the order written, those of the entry file first
  std::vector<Module> modules;  ///< the entry file first; empty: it imports nothing
  std::vector<InlinedCall> calls;
  std::vector<Allow> allows;
  /// Words of text that did not parse which may have been meant as names of declarations, fields, features and units.
  std::set<std::string, std::less<>> lost_names;
  bool has_lost_text = false;  ///< text between declarations that belongs to none of them

  [[nodiscard]] const Expr& operator[](ExprId id) const { return exprs[id.index]; }
  /// Whether a declaration did not parse that begins with `keyword` (empty: any): what seems to be missing may be in it.
  [[nodiscard]] bool hasBroken(std::string_view keyword) const;
  /// Whether there is one that begins with `keyword` and whose name could not be read: it may be any name.
  [[nodiscard]] bool hasNameless(std::string_view keyword) const;
  /// Whether `name` (or the path "s.x") may be declared in text that did not parse.
  [[nodiscard]] bool isLost(std::string_view name) const;
  /// Whether anything did not parse: a unit may have been declared by its use there.
  [[nodiscard]] bool hasErrors() const;
  [[nodiscard]] const Module* moduleOf(FileIndex file_index) const;
  /// The name in the joined tree that `written` (a name, or a path "s.x") means in a file.
  [[nodiscard]] std::string qualified(FileIndex file_index, std::string_view written) const;
  [[nodiscard]] std::string qualified(const Name& name) const;
  /// True if `name` is the alias of an import in that file.
  [[nodiscard]] bool isAlias(FileIndex file_index, std::string_view name) const;
  /// True if the qualified name would be one of a module that is missing.
  [[nodiscard]] bool isOfMissingModule(std::string_view qualified_name) const;
  /// Of a Reference or a chain of Members without arguments; nullopt for anything else.
  [[nodiscard]] std::optional<NodePath> nodePath(ExprId id) const;
};

/// No expression tree is deeper than this, so passes may recurse on it: brackets nest at most 200 deep and a longer chain
/// of operators is an error of the parser.
inline constexpr std::uint32_t max_expression_depth = 1000;

}  // namespace cd4ml::syntax
