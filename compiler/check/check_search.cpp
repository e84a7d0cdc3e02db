#include "compiler/check/check_search.h"

#include <algorithm>

#include <fmt/format.h>

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;

std::optional<double> numberOf(const ir::Literal& literal) {
  if (const auto* whole = std::get_if<std::int64_t>(&literal.value)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&literal.value)) return *real;
  return std::nullopt;
}

constexpr std::string_view direction_words[] = {"minimize", "maximize"};

/// One range of a `tune` block.
class RangeChecker {
 public:
  RangeChecker(Context& context, std::string_view owner, const OptionRow& row, const ir::Option& written, const syntax::TuneRange& syntax)
      : context_(context), owner_(owner), row_(row), written_(written), syntax_(syntax) {}

  std::optional<ir::Tune::Range> check() {
    range_.option = row_.name;
    range_.log = syntax_.log;
    range_.integer = row_.type == "int";
    const syntax::Expr& spec = context_.tree[syntax_.range];
    if (spec.kind == syntax::ExprKind::Error) return std::nullopt;
    range_.is_list = spec.kind != syntax::ExprKind::Range;
    const bool is_number = row_.type == "int" || row_.type == "float";
    if (!range_.is_list && !is_number) {
      report(spec.span, fmt::format("`{}` is no number: a search goes through a list of values", row_.name)).help.emplace_back("write `[…]`");
      return std::nullopt;
    }
    for (const syntax::ExprId operand : spec.operands) {
      if (!addValue(operand)) return std::nullopt;
    }
    if (range_.values.empty()) {
      report(spec.span, fmt::format("the list of `{}` is empty", row_.name));
      return std::nullopt;
    }
    if (!range_.is_list && !checkEnds(spec)) return std::nullopt;
    if (!containsWritten()) return std::nullopt;
    return range_;
  }

 private:
  diag::Diagnostic& report(Span span, std::string message) { return context_.report(Code::TuneRange, span, std::move(message)); }

  bool addValue(syntax::ExprId operand) {
    const ir::Type type = typeOf(row_);
    const Constant constant = context_.expressions.constant(operand, &type);
    if (!constant.ok()) return false;
    range_.values.push_back(constant.value);
    const std::vector<std::string> choices = row_.type == "choice" ? choicesOf(row_) : std::vector<std::string>{};
    const auto* text = std::get_if<std::string>(&constant.value.value);
    if (!choices.empty() && text != nullptr && std::find(choices.begin(), choices.end(), *text) == choices.end()) {
      diag::Diagnostic& diagnostic = report(context_.span(operand), fmt::format("`{}` has no value \"{}\"", row_.name, *text));
      addCandidates(diagnostic, context_.span(operand), *text, choices);
      return false;
    }
    const Bounds bounds = boundsOf(row_);
    const std::optional<double> number = numberOf(constant.value);
    if (!number || ((!bounds.low || *number >= *bounds.low) && (!bounds.high || *number <= *bounds.high))) return true;
    report(context_.span(operand), fmt::format("`{}` of `{}` is in {}", row_.name, owner_, row_.range));
    return false;
  }

  bool checkEnds(const syntax::Expr& spec) {
    const double low = *numberOf(range_.values[0]);
    const double high = *numberOf(range_.values[1]);
    if (low > high) {
      report(spec.span, fmt::format("the range `{}` is empty", context_.text(syntax_.range)));
      return false;
    }
    if (!range_.log || low > 0) return true;
    report(spec.span, "a logarithmic range begins above 0");
    return false;
  }

  /// The values as written are one point of the search: it is never worse than no search.
  bool containsWritten() {
    const std::optional<double> number = numberOf(written_.value);
    bool contained = false;
    if (range_.is_list) {
      contained = std::any_of(range_.values.begin(), range_.values.end(), [&](const ir::Literal& value) { return value == written_.value || (number && numberOf(value) == number); });
    } else {
      contained = number && *number >= *numberOf(range_.values[0]) && *number <= *numberOf(range_.values[1]);
    }
    if (contained) return true;
    const bool given = !written_.span.empty();
    diag::Diagnostic& diagnostic = report(context_.span(syntax_.range), fmt::format("the range of `{}` does not contain {}, its {}", row_.name,
                                                                                     ir::literalText(written_.value), given ? "value" : "default"));
    if (given) diagnostic.labels.push_back({written_.span, "its value without a search"});
    diagnostic.help.push_back(fmt::format("widen the range, or write `{}: …` with a value that lies in it", row_.name));
    return false;
  }

  Context& context_;
  std::string_view owner_;
  const OptionRow& row_;
  const ir::Option& written_;
  const syntax::TuneRange& syntax_;
  ir::Tune::Range range_;
};

constexpr OptionRow search_options[] = {
    {"grid", "points", "int", "5", "1..1000", Status::Ready, "values of each range"},
    {"random", "trials", "int", "20", "1..100000", Status::Ready, "how many"},
    {"random", "seed", "int", "0", "0..2147483647", Status::Ready, "of the draws"},
    {"asha", "trials", "int", "20", "1..100000", Status::Ready, "how many begin"},
    {"asha", "start", "int", "0", "0..100000", Status::Ready, "trees of the first rung; 0: as few as the trials last for"},
    {"asha", "factor", "int", "3", "2..100", Status::Ready, "one of so many goes on, with so many times the trees"},
    {"asha", "seed", "int", "0", "0..2147483647", Status::Ready, "of the draws"},
    {"tpe", "trials", "int", "20", "1..100000", Status::Ready, "how many"},
    {"tpe", "seed", "int", "0", "0..2147483647", Status::Ready, "of the draws"},
};

std::optional<std::vector<ir::Option>> searchOptions(Context& context, const syntax::Expr& method) {
  const std::string& name = method.name.text;
  std::vector<OptionRow> rows;
  std::copy_if(std::begin(search_options), std::end(search_options), std::back_inserter(rows), [&](const OptionRow& row) { return row.owner == name; });
  if (rows.empty()) {
    diag::Diagnostic& diagnostic = context.report(Code::UnknownMethod, method.span, fmt::format("there is no search by `{}`", name));
    addCandidates(diagnostic, method.name.span, name, {"asha", "grid", "random", "tpe"});
    return std::nullopt;
  }
  for (const syntax::Argument& argument : method.arguments) {
    if (argument.name) continue;
    context.report(Code::WrongArguments, context.span(argument.value), fmt::format("`{}` takes options only", name)).help.emplace_back("write `name: value`");
    return std::nullopt;
  }
  return checkOptions(context, name, rows, method.arguments);
}

/// `asha` lets the better trials grow more trees: the model must have some, and the search must not choose how many.
bool canClimb(Context& context, const SearchSubject& subject, const syntax::Expr& method, const ir::Tune& tune, const std::vector<ir::Option>& written) {
  const ir::Option* trees = findOption(written, "trees");
  if (trees == nullptr) {
    context.report(Code::UnknownMethod, method.span, fmt::format("`asha` compares models while they grow, `{}` has no trees to grow", subject.owner))
        .help.emplace_back("search by `random(trials: 40)` or `tpe(trials: 40)`");
    return false;
  }
  if (std::any_of(tune.ranges.begin(), tune.ranges.end(), [](const auto& range) { return range.option == "trees"; })) {
    context.report(Code::TuneRange, method.span, "`asha` itself decides how many trees each trial grows").help.emplace_back("leave `trees` out of the ranges: its value is where the last rung ends");
    return false;
  }
  const ir::Option* start = findOption(tune.options, "start");
  if (std::get<std::int64_t>(start->value.value) <= std::get<std::int64_t>(trees->value.value)) return true;
  diag::Diagnostic& diagnostic = context.report(Code::OutOfRange, start->span, fmt::format("`asha` starts with {} trees, the model ends with {}", ir::literalText(start->value), ir::literalText(trees->value)));
  if (!trees->span.empty()) diagnostic.labels.push_back({trees->span, "the trees of the model"});
  return false;
}

bool hasValidate(Context& context, const SearchSubject& subject, Span span) {
  if (!subject.features.valid()) return false;
  const ir::NodeId split = std::get<ir::Features>(context.pipeline[subject.features].body).split;
  if (splitHas(context, split, ir::Part::Validate) || (split.valid() && context.factsOf(split).open)) return true;
  const std::string& features = context.pipeline[subject.features].name;
  diag::Diagnostic& diagnostic = context.report(Code::Objective, span, fmt::format("models are compared on the part `validate`, `{}` has none", features));
  if (split.valid()) diagnostic.labels.push_back({context.pipeline[split].name_span, "its split"});
  diagnostic.help.push_back(split.valid() ? "add `validate 15%` to the split, or give it `folds 5`" : fmt::format("add `split {} by … {{ train 70%  validate 15%  test 15% }}`", features));
  return false;
}

/// Whether two expressions over the same rows are the same one.
bool sameValue(const ir::Graph& a, ir::ValueId x, const ir::Graph& b, ir::ValueId y) {
  if (x.valid() != y.valid()) return false;
  if (!x.valid()) return true;
  const ir::Value& left = a[x];
  const ir::Value& right = b[y];
  const bool same = left.op == right.op && left.name == right.name && left.slot == right.slot && left.literal == right.literal && left.options == right.options &&
                    left.type.kind == right.type.kind && left.args.size() == right.args.size();
  if (!same) return false;
  for (std::size_t i = 0; i < left.args.size(); ++i) {
    if (!sameValue(a, left.args[i], b, right.args[i])) return false;
  }
  return true;
}

}  // namespace

char letterOf(ir::Task task) {
  switch (task) {
    case ir::Task::Regression: return 'r';
    case ir::Task::Binary: return 'b';
    case ir::Task::Multiclass: return 'm';
  }
  return ' ';
}

bool splitHas(const Context& context, ir::NodeId split, ir::Part part) {
  if (!split.valid()) return false;
  const auto& body = std::get<ir::Split>(context.pipeline[split].body);
  if (part == ir::Part::Validate && body.folds > 0) return true;
  return std::any_of(body.shares.begin(), body.shares.end(), [&](const auto& share) { return share.part == part; });
}

std::optional<ir::Objective> checkObjective(Context& context, const SearchSubject& subject, syntax::ExprId id, bool maximize) {
  if (!id.valid()) return std::nullopt;
  const syntax::Expr& expr = context.tree[id];
  if (expr.kind == syntax::ExprKind::Error) return std::nullopt;
  const bool of_part = (expr.kind == syntax::ExprKind::Member || expr.kind == syntax::ExprKind::Call) && expr.operands.size() == 1 &&
                       context.tree[expr.operands[0]].kind == syntax::ExprKind::Reference && context.tree[expr.operands[0]].name.text == "validate";
  if (!of_part) {
    context.report(Code::Objective, expr.span, fmt::format("models are compared by a metric of the part `validate`, not by `{}`", context.text(id)))
        .help.emplace_back("write `validate.METRIC`");
    return std::nullopt;
  }
  const MetricRow* row = findMetric(expr.name.text);
  if (row == nullptr) {
    diag::Diagnostic& diagnostic = context.report(Code::UnknownMetric, expr.name.span, fmt::format("there is no metric `{}`", expr.name.text));
    std::vector<std::string> known;
    for (const MetricRow& each : metricRows()) {
      if (each.status == Status::Ready && each.direction != Direction::Table) known.emplace_back(each.name);
    }
    addCandidates(diagnostic, expr.name.span, expr.name.text, known);
    return std::nullopt;
  }
  if (row->status == Status::Later) {
    context.notSupported(expr.span, fmt::format("the metric `{}`", row->name));
    return std::nullopt;
  }
  if (subject.knows_task && row->tasks.find(letterOf(subject.task)) == std::string_view::npos) {
    context.report(Code::MetricTask, expr.span, fmt::format("`{}` does not fit {}", row->name, ir::taskText(subject.task)));
    return std::nullopt;
  }
  if (row->direction == Direction::Table || row->direction == Direction::Neither || (row->direction == Direction::Higher) != maximize) {
    diag::Diagnostic& diagnostic = context.report(Code::Objective, expr.span, fmt::format("a model does not get better as `{}` gets {}", row->name, maximize ? "greater" : "smaller"));
    if (row->direction == Direction::Higher || row->direction == Direction::Lower) {
      diagnostic.help.push_back(fmt::format("write `{} validate.{}`", direction_words[maximize ? 0 : 1], row->name));
    }
    return std::nullopt;
  }
  if (!hasValidate(context, subject, expr.span)) return std::nullopt;
  return ir::Objective{.metric = std::string(row->name), .options = checkOptions(context, row->name, metricOptions(row->name), expr.arguments), .maximize = maximize};
}

std::optional<ir::Tune> checkTune(Context& context, const SearchSubject& subject, const syntax::TuneItem& item,
                                  const std::vector<ir::Option>& written) {
  if (!item.method.valid() || context.tree[item.method].kind == syntax::ExprKind::Error) return std::nullopt;
  const std::optional<std::vector<ir::Option>> options = searchOptions(context, context.tree[item.method]);
  const std::optional<ir::Objective> objective = checkObjective(context, subject, item.metric, item.maximize);
  ir::Tune tune;
  bool right = true;
  const std::span<const OptionRow> rows = modelOptions(subject.owner);
  for (const syntax::TuneRange& range : item.ranges) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const OptionRow& each) { return each.name == range.name.text; });
    if (row == rows.end()) {
      diag::Diagnostic& diagnostic = context.report(Code::UnknownOption, range.name.span, fmt::format("`{}` has no option `{}`", subject.owner, range.name.text));
      std::vector<std::string> known;
      for (const OptionRow& each : rows) known.emplace_back(each.name);
      addCandidates(diagnostic, range.name.span, range.name.text, known);
      right = false;
      continue;
    }
    if (std::any_of(tune.ranges.begin(), tune.ranges.end(), [&](const auto& known) { return known.option == range.name.text; })) {
      context.report(Code::DuplicateItem, range.name.span, fmt::format("`{}` is there twice", range.name.text));
      right = false;
      continue;
    }
    if (row->type == "signs") {
      context.report(Code::TuneRange, range.name.span, fmt::format("`{}` is not searched for: it says what is known beforehand", row->name));
      right = false;
      continue;
    }
    if (row->status == Status::Later) {
      context.notSupported(range.name.span, fmt::format("the option `{}` of `{}`", row->name, subject.owner));
      right = false;
      continue;
    }
    std::optional<ir::Tune::Range> checked = RangeChecker(context, subject.owner, *row, *findOption(written, row->name), range).check();
    right = right && checked.has_value();
    if (checked) tune.ranges.push_back(*std::move(checked));
  }
  if (item.ranges.empty()) {
    context.report(Code::TuneRange, item.span, "a search needs an option to search for").help.emplace_back("write `{ learning_rate in log 0.02..0.3 }`");
    right = false;
  }
  if (!right || !options || !objective) return std::nullopt;
  std::sort(tune.ranges.begin(), tune.ranges.end(), [](const auto& a, const auto& b) { return a.option < b.option; });
  tune.method = context.tree[item.method].name.text;
  tune.options = *options;
  tune.objective = *objective;
  if (tune.method == "asha" && !canClimb(context, subject, context.tree[item.method], tune, written)) return std::nullopt;
  return tune;
}

bool checkCandidates(Context& context, const syntax::Expr& call, std::vector<ir::NodeId>& candidates) {
  bool right = true;
  for (const syntax::Argument& argument : call.arguments) {
    if (argument.name) {
      context.report(Code::UnknownOption, argument.name->span, fmt::format("`choose` has no option `{}`", argument.name->text));
      right = false;
      continue;
    }
    const ir::NodeId candidate = context.find(argument.value, static_cast<resolve::Constructs>(Construct::Model));
    if (!candidate.valid() || std::get<ir::Model>(context.pipeline[candidate].body).algorithm.empty()) {
      right = false;
      continue;
    }
    if (std::find(candidates.begin(), candidates.end(), candidate) != candidates.end()) {
      context.report(Code::DuplicateItem, context.span(argument.value), fmt::format("`{}` is there twice", context.text(argument.value)));
      right = false;
      continue;
    }
    if (!candidates.empty()) {
      const auto featuresOf = [&](ir::NodeId model) -> const ir::Features& {
        return std::get<ir::Features>(context.pipeline[std::get<ir::Model>(context.pipeline[model].body).features].body);
      };
      if (!std::get<ir::Model>(context.pipeline[candidate].body).features.valid() || !std::get<ir::Model>(context.pipeline[candidates[0]].body).features.valid()) return false;
      const ir::Features& first = featuresOf(candidates[0]);
      const ir::Features& own = featuresOf(candidate);
      std::string_view difference;
      if (first.from != own.from || first.split != own.split) difference = "split";
      else if (!sameValue(first.graph, first.target, own.graph, own.target)) difference = "target";
      else if (!sameValue(first.graph, first.weight, own.graph, own.weight)) difference = "weight";
      if (!difference.empty()) {
        diag::Diagnostic& diagnostic = context.report(Code::ChooseDiffers, context.span(argument.value),
            fmt::format("`{}` and `{}` cannot be compared: they have not the same {}", context.pipeline[candidates[0]].name, context.pipeline[candidate].name, difference));
        diagnostic.labels.push_back({context.pipeline[candidates[0]].name_span, "the first model"});
        diagnostic.labels.push_back({context.pipeline[candidate].name_span, "this model"});
        diagnostic.help.emplace_back("features of different models share a split: `split f, g by …`");
        right = false;
        continue;
      }
    }
    candidates.push_back(candidate);
  }
  if (call.arguments.empty()) {
    context.report(Code::MissingArgument, call.span, "`choose` needs the models that it chooses from").help.emplace_back("write `choose(a, b) maximize validate.METRIC`");
    return false;
  }
  return right;
}

namespace {

/// A model is chosen by the column, so it is an input like a feature: reports what a feature may not read.
bool leaksInto(Context& context, ir::NodeId id, const ScopeColumn& column, Span span) {
  const auto& features = std::get<ir::Features>(context.pipeline[id].body);
  if (!features.target.valid()) return reportNotKnown(context.diagnostics, column.name, span, column.taint);
  std::vector<std::string> known;
  for (const auto& [decl, node] : context.nodes) {
    if (node != id) continue;
    for (const syntax::FeaturesItem& item : std::get<syntax::FeaturesDecl>(context.tree.decls[decl]).items) {
      const auto* target = std::get_if<syntax::TargetItem>(&item);
      for (std::size_t i = 0; target != nullptr && i < target->known.size(); ++i) known.push_back(target->known[i].text);
    }
  }
  const bool any_split = features.split.valid() && context.body<ir::Split>(features.split).method != ir::Split::Method::Time;
  const NodeFacts& facts = context.factsOf(id);
  return reportLeak(context.diagnostics, column.name, span, column.taint,
                    {.target = facts.taints[features.features.size()], .target_span = facts.target_span, .known = known, .after_us = features.after_us,
                     .earlier_rows_train = !any_split});
}

}  // namespace

std::vector<std::uint32_t> checkPerColumns(Context& context, ir::NodeId features, const std::vector<syntax::Name>& names) {
  std::vector<std::uint32_t> slots;
  const Scope scope = scopeOf(context, std::get<ir::Features>(context.pipeline[features].body).from, Place::Evaluate);
  for (const syntax::Name& name : names) {
    const ScopeColumn* column = scope.find(name.text);
    if (column == nullptr) {
      reportUnknownColumn(context, name, scope);
      continue;
    }
    if (std::find(slots.begin(), slots.end(), column->slot) != slots.end()) {
      context.report(Code::DuplicateItem, name.span, fmt::format("`{}` is there twice", name.text));
      continue;
    }
    switch (column->type.kind) {
      case ir::Kind::Error: case ir::Kind::Null: continue;
      case ir::Kind::Int: case ir::Kind::Bool: case ir::Kind::Category: case ir::Kind::Date: break;
      case ir::Kind::Float: case ir::Kind::Text: case ir::Kind::Timestamp: case ir::Kind::Duration: case ir::Kind::Vector: {
        diag::Diagnostic& diagnostic = context.report(Code::PerColumn, name.span, fmt::format("there is one model a value of `{}`, and it is {}", name.text, ir::typeText(column->type)));
        diagnostic.labels.push_back({column->span, "its type is declared here"});
        diagnostic.help.emplace_back("take a category, an int, a bool or a date: derive one in the table before");
        continue;
      }
    }
    if (leaksInto(context, features, *column, name.span)) continue;
    slots.push_back(column->slot);
  }
  return slots;
}

}  // namespace cd4ml::check
