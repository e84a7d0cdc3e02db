#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/check/context.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;

/// The assignment is a byte a row, with room for this many folds.
constexpr std::int64_t max_folds = 100;

/// The columns whose values make a row's id: @id, else @key with @time, else the columns of S (semantics.md).
std::vector<std::uint32_t> idColumns(const std::vector<ir::Column>& columns, const std::vector<bool>& base) {
  std::vector<std::uint32_t> ids, keys, times, rows, all;
  for (std::uint32_t i = 0; i < columns.size(); ++i) {
    all.push_back(i);
    if (columns[i].has(ir::Role::Id)) ids.push_back(i);
    if (columns[i].has(ir::Role::Key)) keys.push_back(i);
    if (columns[i].has(ir::Role::Time)) times.push_back(i);
    if (base[i]) rows.push_back(i);
  }
  if (!ids.empty()) return ids;
  if (!keys.empty() && !times.empty()) {
    keys.insert(keys.end(), times.begin(), times.end());
    std::sort(keys.begin(), keys.end());
    return keys;
  }
  return rows.empty() ? all : rows;
}

class SplitChecker {
 public:
  SplitChecker(Context& context, const syntax::SplitDecl& decl) : context_(context), decl_(decl) {}

  ir::NodeId check() {
    findRows();
    checkMethod();
    checkParts();
    if (split_.from.valid()) {
      split_.id_columns = idColumns(context_.pipeline[split_.from].columns, context_.factsOf(split_.from).base);
      if (split_.method == ir::Split::Method::Time && is_known_ && context_.knowsColumns(split_.from)) findTime();
    }
    NodeFacts facts;
    facts.open = decl_.has_errors || !is_known_;
    const ir::NodeId id = context_.add(decl_, std::move(split_), {}, std::move(facts));
    ir::Node& node = context_.pipeline.nodes[id.index];
    // A split has no name of its own; people meet it as "the split of `trip`".
    std::vector<std::string> names;
    for (const syntax::Name& name : decl_.features) names.push_back(name.text);
    node.name = fmt::format("{}.split", fmt::join(names, "+"));
    node.name_span = decl_.head_span;
    return id;
  }

 private:
  [[nodiscard]] const syntax::FeaturesDecl* featuresOf(const syntax::Name& name) const {
    const auto decl = context_.names.find(context_.tree, context_.tree.qualified(name), static_cast<resolve::Constructs>(Construct::Features));
    return decl ? std::get_if<syntax::FeaturesDecl>(&context_.tree.decls[*decl]) : nullptr;
  }

  /// All features of one split are of the same rows.
  void findRows() {
    const syntax::FeaturesDecl* first = nullptr;
    for (const syntax::Name& name : decl_.features) {
      const syntax::FeaturesDecl* features = featuresOf(name);
      if (features == nullptr) continue;
      if (first == nullptr) {
        first = features;
        split_.from = context_.find(features->from, Construct::Source | Construct::Table);
        continue;
      }
      if (context_.text(features->from) == context_.text(first->from)) continue;
      diag::Diagnostic& diagnostic = context_.report(
          Code::SplitOtherRows, name.span,
          fmt::format("one split is of one row set, `{}` is from `{}` and `{}` from `{}`", first->name.text,
                      context_.text(first->from), name.text, context_.text(features->from)));
      diagnostic.labels.push_back({context_.span(first->from), "the rows of the first"});
      diagnostic.labels.push_back({context_.span(features->from), "the rows of this one"});
    }
  }

  void checkMethod() {
    if (!decl_.method.valid()) return;
    const syntax::Expr& method = context_.tree[decl_.method];
    const std::string& name = method.name.text;
    if (method.kind == syntax::ExprKind::Error) return;
    if (name == "time") {
      split_.method = ir::Split::Method::Time;
    } else if (name == "random") {
      split_.method = ir::Split::Method::Random;
    } else if (name == "group" || name == "stratified") {
      split_.method = name == "group" ? ir::Split::Method::Group : ir::Split::Method::Stratified;
      checkColumn(method, name);
      return;
    } else {
      diag::Diagnostic& diagnostic = context_.report(Code::UnknownMethod, method.span, fmt::format("there is no way to split by `{}`", context_.text(decl_.method)));
      addCandidates(diagnostic, method.name.span, name, {"group", "random", "stratified", "time"});
      is_known_ = false;
      return;
    }
    for (const syntax::Argument& argument : method.arguments) checkArgument(argument, name);
  }

  /// `group(c)`, `stratified(c)`: the column by whose values rows stay together, or are shared out.
  void checkColumn(const syntax::Expr& method, const std::string& name) {
    std::size_t bare = 0;
    for (const syntax::Argument& argument : method.arguments) {
      if (argument.name) {
        checkArgument(argument, name);
      } else if (++bare == 1) {
        findColumn(argument.value, name);
      } else {
        context_.report(Code::WrongArguments, context_.span(argument.value), fmt::format("`{}` takes one column", name))
            .help.emplace_back("join several in the table before: `derive k = concat(a, \"-\", b)`");
        is_known_ = false;
      }
    }
    if (bare > 0) return;
    is_known_ = false;
    const std::string_view rule = name == "group" ? "whose rows stay together" : "whose values every part gets its share of";
    context_.report(Code::MissingArgument, method.span, fmt::format("`{}` needs the column {}", name, rule))
        .help.push_back(fmt::format("write `{}(COLUMN)`", name));
  }

  void findColumn(syntax::ExprId value, const std::string& method) {
    if (!split_.from.valid()) return;
    const syntax::Expr& expr = context_.tree[value];
    if (expr.kind == syntax::ExprKind::Error) return;
    is_known_ = false;
    if (expr.kind != syntax::ExprKind::Reference) {
      context_.report(Code::WrongArguments, expr.span, fmt::format("`{}` takes the name of a column", method))
          .help.emplace_back("derive it in the table before: `derive k = …`");
      return;
    }
    const Scope scope = scopeOf(context_, split_.from, Place::Evaluate);
    const ScopeColumn* column = scope.find(expr.name.text);
    if (column == nullptr) return reportUnknownColumn(context_, expr.name, scope);
    is_known_ = true;
    split_.by_column = column->slot;
    const ir::Kind kind = column->type.kind;
    if (kind != ir::Kind::Vector && (method == "group" || (kind != ir::Kind::Float && kind != ir::Kind::Timestamp))) return;
    is_known_ = false;
    diag::Diagnostic& diagnostic = context_.report(
        Code::SplitColumn, expr.span, fmt::format("`{}` needs a column of few or whole values, `{}` is {}", method, expr.name.text, ir::typeText(column->type)));
    diagnostic.labels.push_back({column->span, "its type is declared here"});
    diagnostic.help.emplace_back("derive a category, a bool or an int in the table before");
  }

  void checkArgument(const syntax::Argument& argument, const std::string& method) {
    const std::string_view option = method == "time" ? "gap" : "seed";
    if (!argument.name || argument.name->text != option) {
      const Span span = argument.name ? argument.name->span : context_.span(argument.value);
      context_.report(Code::UnknownOption, span, fmt::format("`{}` has no option `{}`", method, argument.name ? argument.name->text : context_.text(argument.value)))
          .help.push_back(fmt::format("there is `{}`", option));
      return;
    }
    if (method == "time") {
      const std::optional<std::int64_t> gap = context_.expressions.constantDuration(argument.value);
      if (gap && *gap < 0) context_.report(Code::OutOfRange, context_.span(argument.value), "a gap cannot be negative");
      if (gap && *gap >= 0) split_.gap_us = *gap;
    } else if (const std::optional<std::int64_t> seed = context_.expressions.constantInt(argument.value)) {
      split_.seed = *seed;
    }
  }

  void findTime() {
    const ir::Node& from = context_.pipeline[split_.from];
    for (std::uint32_t i = 0; i < from.columns.size(); ++i) {
      if (from.columns[i].has(ir::Role::Time)) split_.time_column = i;
    }
    if (split_.time_column != UINT32_MAX || context_.factsOf(split_.from).open) return;
    diag::Diagnostic& diagnostic =
        context_.report(Code::SplitNeedsTime, context_.span(decl_.method), fmt::format("a split by time needs a `@time` column, `{}` has none", from.name));
    diagnostic.labels.push_back({from.name_span, "the rows that are split"});
    diagnostic.cause = "time of " + from.name;
    diagnostic.help.emplace_back("mark the column: `date: timestamp @time`; or split by `random`");
  }

  static std::optional<ir::Part> partOf(std::string_view name) {
    for (const ir::Part part : {ir::Part::Train, ir::Part::Validate, ir::Part::Test}) {
      if (ir::partText(part) == name) return part;
    }
    return std::nullopt;
  }

  void checkParts() {
    std::map<ir::Part, Span> seen;
    bool complete = is_known_ && !decl_.has_errors;
    for (const syntax::SplitPart& part : decl_.parts) {
      if (part.part.text == "folds") {
        complete = addFolds(part) && complete;
        continue;
      }
      const std::optional<ir::Part> known = partOf(part.part.text);
      if (!known) {
        diag::Diagnostic& diagnostic = context_.report(Code::UnknownPart, part.part.span, fmt::format("there is no part `{}`", part.part.text));
        addCandidates(diagnostic, part.part.span, part.part.text, {"train", "validate", "test"});
        complete = false;
        continue;
      }
      if (const auto [first, is_new] = seen.emplace(*known, part.span); !is_new) {
        context_.report(Code::PartTwice, part.span, fmt::format("the part `{}` is there twice", part.part.text))
            .labels.push_back({first->second, "the first one"});
        complete = false;
        continue;
      }
      complete = addShare(part, *known) && complete;
    }
    if (folds_span_.empty()) {
      std::sort(split_.shares.begin(), split_.shares.end(), [](const auto& a, const auto& b) { return a.part < b.part; });
    } else {
      complete = foldsAlone(seen) && complete;
      std::erase_if(split_.shares, [](const ir::Split::Share& share) { return share.part != ir::Part::Test; });
      split_.shares.insert(split_.shares.begin(), ir::Split::Share{.part = ir::Part::Train, .rest = true});
    }
    if (!complete) return;
    if (!folds_span_.empty()) return checkSum();
    if (!seen.contains(ir::Part::Train)) {
      context_.report(Code::SplitNoTrain, decl_.head_span, "a split needs a part `train`").help.emplace_back("add `train rest`");
      return;
    }
    checkSum();
  }

  /// `folds 5`: all rows but those of `test`.
  bool addFolds(const syntax::SplitPart& part) {
    if (!folds_span_.empty()) {
      context_.report(Code::PartTwice, part.span, "`folds` is there twice").labels.push_back({folds_span_, "the first one"});
      return false;
    }
    folds_span_ = part.span;
    split_.folds = 2;
    const std::optional<std::int64_t> folds = part.amount.valid() ? context_.expressions.constantInt(part.amount) : std::nullopt;
    if (!folds) return false;
    if (*folds < 2 || *folds > max_folds) {
      context_.report(Code::OutOfRange, context_.span(part.amount), fmt::format("a split has 2 to {} folds, not {}", max_folds, *folds));
      return false;
    }
    split_.folds = static_cast<std::int32_t>(*folds);
    return true;
  }

  /// Folds stand in place of train and validate, and take what `test` leaves.
  bool foldsAlone(const std::map<ir::Part, Span>& seen) {
    bool alone = true;
    for (const auto& [part, span] : seen) {
      if (part != ir::Part::Test) {
        context_.report(Code::SplitShares, span, fmt::format("`folds` stands in place of `train` and `validate`, `{}` is there too", ir::partText(part)))
            .labels.push_back({folds_span_, "the folds"});
        alone = false;
      }
    }
    for (const ir::Split::Share& share : split_.shares) {
      if (share.part != ir::Part::Test || !share.rest) continue;
      context_.report(Code::SplitShares, seen.at(ir::Part::Test), "the folds take the rest, so `test` needs a share")
          .help.emplace_back("write `test 20%`");
      alone = false;
    }
    return alone;
  }

  bool addShare(const syntax::SplitPart& part, ir::Part known) {
    ir::Split::Share share{.part = known};
    share.rest = part.rest;
    const bool is_right = part.rest || readAmount(part, share);
    split_.shares.push_back(share);  // a wrong one too: the part is there for those who ask for it
    return is_right;
  }

  /// A share of the rows, or a duration counted back from the newest row.
  bool readAmount(const syntax::SplitPart& part, ir::Split::Share& share) {
    if (!part.amount.valid()) return false;
    const Constant amount = context_.expressions.constant(part.amount);
    if (!amount.ok()) return false;
    const Span span = context_.span(part.amount);
    if (amount.type.kind == ir::Kind::Duration) {
      share.duration_us = std::get<std::int64_t>(amount.value.value);
      if (split_.method != ir::Split::Method::Time) {
        context_.report(Code::SplitAmount, span, "a duration as a part needs a split by time")
            .help.emplace_back("write a share of the rows: `15%`");
        return false;
      }
      if (share.duration_us > 0) return true;
      context_.report(Code::SplitAmount, span, "a part lasts longer than nothing");
      return false;
    }
    if (const auto* fraction = std::get_if<double>(&amount.value.value); fraction != nullptr && amount.type.unit.empty()) {
      share.fraction = *fraction;
      if (*fraction > 0 && *fraction <= 1) return true;
      context_.report(Code::SplitAmount, span, fmt::format("a part is a share above 0% and up to 100%, `{}` is none", context_.text(part.amount)));
      return false;
    }
    context_.report(Code::SplitAmount, span, fmt::format("a part is a share, a duration or `rest`, `{}` is {}", context_.text(part.amount), ir::typeText(amount.type)))
        .help.emplace_back("write `15%`, `28d` or `rest`");
    return false;
  }

  void checkSum() {
    double sum = 0;
    int rests = 0;
    int durations = 0;
    int fractions = 0;
    for (const ir::Split::Share& share : split_.shares) {
      sum += share.fraction;
      rests += share.rest ? 1 : 0;
      durations += share.duration_us != 0 ? 1 : 0;
      fractions += share.fraction != 0 ? 1 : 0;
    }
    if (rests > 1) {
      context_.report(Code::SplitShares, decl_.head_span, "only one part can be `rest`");
    } else if (durations > 0 && rests == 0) {
      context_.report(Code::SplitShares, decl_.head_span, "parts counted back from the newest row leave a `rest`")
          .help.emplace_back("write `train rest`");
    } else if (durations > 0 && fractions > 0) {
      context_.report(Code::SplitShares, decl_.head_span, "a split has either shares or durations, this one has both");
    } else if (rests == 0 && std::abs(sum - 1) > 1e-9) {
      reportSum(sum, "they must add up to 100%");
    } else if (rests == 1 && sum >= 1 - 1e-9) {
      reportSum(sum, "nothing is left for `rest`");
    } else if (durations > 0) {
      checkRestIsTrain();
    }
  }

  /// Durations are counted back from the newest row, so the rest is the oldest part.
  void checkRestIsTrain() {
    for (const ir::Split::Share& share : split_.shares) {
      if (!share.rest || share.part == ir::Part::Train) continue;
      context_.report(Code::SplitShares, decl_.head_span, "parts are counted back from the newest row: the rest is `train`")
          .help.emplace_back("write `train rest`");
    }
  }

  void reportSum(double sum, std::string_view rule) {
    const std::string percent = fmt::format("{:.6g}", sum * 100);
    diag::Diagnostic& diagnostic = context_.report(Code::SplitShares, decl_.head_span, fmt::format("the parts are {}% of the rows, {}", percent, rule));
    for (const syntax::SplitPart& part : decl_.parts) {
      if (part.amount.valid()) diagnostic.labels.push_back({part.span, fmt::format("`{}`", context_.text(part.amount))});
    }
    diagnostic.help.emplace_back("one part can be `rest`");
  }

  Context& context_;
  const syntax::SplitDecl& decl_;
  ir::Split split_;
  Span folds_span_{};
  bool is_known_ = true;
};

}  // namespace

ir::NodeId checkSplit(Context& context, const syntax::SplitDecl& decl) { return SplitChecker(context, decl).check(); }

}  // namespace cd4ml::check
