#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/check/context.h"

namespace cd4ml::check {
namespace {

using diag::Code;

/// -1, 0, 1; nullopt when the two cannot be ordered.
std::optional<int> compare(const ir::Literal& a, const ir::Literal& b) {
  const auto order = [](auto x, auto y) { return x < y ? -1 : x > y ? 1 : 0; };
  if (const auto* x = std::get_if<std::int64_t>(&a.value)) {
    if (const auto* y = std::get_if<std::int64_t>(&b.value)) return order(*x, *y);
  }
  if (const auto* x = std::get_if<double>(&a.value)) {
    if (const auto* y = std::get_if<double>(&b.value)) return order(*x, *y);
  }
  return std::nullopt;
}

class ParamChecker {
 public:
  ParamChecker(Context& context, const syntax::ParamDecl& decl) : context_(context), decl_(decl) {}

  void check() {
    Param param;
    param.span = decl_.name.span;
    param.type = paramType();
    param.is_list = is_list_;
    if (!param.type.isError()) {
      readRange(param.type);
      param = chooseValue(param);
    }
    const auto named = context_.names.names.find(decl_.name.text);
    const bool first = named != context_.names.names.end() && &resolve::headerOf(context_.tree.decls[named->second]) == &decl_;
    if (!first) return;  // the second of one name
    context_.environment.params[decl_.name.text] = param;
    context_.pipeline.params.push_back(
        {.name = decl_.name.text, .type = param.type, .is_list = is_list_, .value = param.value, .origin = origin_, .doc = decl_.doc, .span = decl_.span});
  }

 private:
  /// Of a list: the type of its members.
  ir::Type paramType() {
    if (decl_.type.name.text != "list") return context_.expressions.type(decl_.type);
    is_list_ = true;
    if (decl_.type.parameters.size() == 1 && !decl_.type.nullable && decl_.type.parameters[0].name.text != "list") {
      const ir::Type member = context_.expressions.type(decl_.type.parameters[0]);
      if (!member.nullable) return member;
    }
    context_.report(Code::UnknownType, decl_.type.span, fmt::format("`{}` is not a list of values", context_.sources.text(decl_.type.span)))
        .help.emplace_back("write `list<int>`, `list<text>`, …: values of one type that are never null");
    return {};
  }

  /// The value of an expression by the param's type; of a list, of its members in the order written.
  Constant valueOf(syntax::ExprId expr, const ir::Type& type) {
    if (!is_list_) return context_.expressions.constant(expr, &type);
    const syntax::Expr& list = context_.tree[expr];
    if (list.kind == syntax::ExprKind::Error) return {};
    if (list.kind != syntax::ExprKind::List) {
      context_.report(Code::TypeMismatch, list.span, fmt::format("a list is wanted here, `{}` is none", context_.text(expr)))
          .help.emplace_back("write `[1, 2]`, also for one value");
      return {};
    }
    ir::Literal::List members;
    for (const syntax::ExprId operand : list.operands) {
      const Constant member = context_.expressions.constant(operand, &type);
      if (!member.ok()) return {};
      members.push_back(member.value);
    }
    return {.value = ir::Literal{std::move(members)}, .type = type, .span = list.span};
  }

  void readRange(const ir::Type& type) {
    if (!decl_.range.valid()) return;
    const syntax::Expr& range = context_.tree[decl_.range];
    for (const syntax::ExprId operand : range.operands) {
      const Constant constant = context_.expressions.constant(operand, &type);
      if (!constant.ok()) {
        choices_.clear();
        return;
      }
      choices_.push_back(constant.value);
    }
    is_interval_ = range.kind == syntax::ExprKind::Range;
    if (!is_interval_) {
      if (choices_.empty()) context_.report(Code::BadRange, range.span, fmt::format("no value of `{}` is allowed", decl_.name.text));
      return;
    }
    const std::optional<int> order = choices_.size() == 2 ? compare(choices_[0], choices_[1]) : std::nullopt;
    if (order && *order <= 0) return;
    diag::Diagnostic& diagnostic = context_.report(
        Code::BadRange, range.span,
        order ? fmt::format("the range `{}` is empty", context_.text(decl_.range))
              : fmt::format("a range needs numbers, dates, times or durations, `{}` is {}", decl_.name.text, ir::typeText(type)));
    diagnostic.help.emplace_back(order ? "write the smaller bound first" : "write a set: `in {\"a\", \"b\"}`");
    choices_.clear();
  }

  [[nodiscard]] bool allowed(const ir::Literal& value) const {
    if (choices_.empty()) return true;
    if (const auto* list = std::get_if<ir::Literal::List>(&value.value)) {
      return std::ranges::all_of(*list, [this](const ir::Literal& member) { return allowed(member); });
    }
    if (is_interval_) {
      const std::optional<int> low = compare(choices_[0], value);
      const std::optional<int> high = compare(value, choices_[1]);
      return low && high && *low <= 0 && *high <= 0;
    }
    for (const ir::Literal& choice : choices_) {
      if (choice == value) return true;
    }
    return false;
  }

  /// The value on the command line, else the default; type Error where neither is right.
  Param chooseValue(Param param) {
    const auto given = context_.settings.params.find(decl_.name.text);
    bool default_is_wrong = false;
    if (decl_.default_value.valid()) {
      const Constant written = valueOf(decl_.default_value, param.type);
      if (written.ok() && allowed(written.value)) {
        param.value = written.value;
        origin_ = "default";
      } else if (written.ok()) {
        reportRange(context_.span(decl_.default_value), fmt::format("the default of `{}` is `{}`", decl_.name.text, context_.text(decl_.default_value)));
        default_is_wrong = true;
      } else {
        default_is_wrong = true;
      }
    }
    const Override* override_ = overrideOf(context_, decl_);
    if (given != context_.settings.params.end()) return takeGiven(param, given->second);
    if (override_ != nullptr) return takeOverride(param, *override_);
    if (!decl_.default_value.valid()) {
      context_.report(Code::ParamNotGiven, decl_.name.span, fmt::format("`{}` has no default and is not given", decl_.name.text))
          .help.push_back(fmt::format("add `--param {}=…` to the command, or `= …` here", decl_.name.text));
      param.type = {};
    }
    if (default_is_wrong) param.type = {};
    return param;
  }

  Param takeOverride(Param param, const Override& given) {
    const Constant written = valueOf(given.value, param.type);
    origin_ = "profile " + given.profile;
    if (written.ok() && allowed(written.value)) {
      param.value = written.value;
      return param;
    }
    if (written.ok()) reportRange(context_.span(given.value), fmt::format("the profile `{}` gives `{}`", given.profile, context_.text(given.value)));
    param.type = {};
    return param;
  }

  Param takeGiven(Param param, const std::string& text) {
    const std::optional<ir::Literal> value = is_list_ ? parseListLiteral(text, param.type) : parseLiteral(text, param.type);
    if (!value) {
      const std::string type = ir::typeText(param.type);
      diag::Diagnostic& diagnostic = context_.report(Code::BadParamText, decl_.name.span,
                                                     fmt::format("`--param {}={}` is no {}", decl_.name.text, text, is_list_ ? "list<" + type + ">" : type));
      diagnostic.labels.push_back({decl_.type.span, "its type"});
      if (is_list_) diagnostic.help.emplace_back("values stand between commas: `1,2,3` or `[1, 2, 3]`; a text with a comma in it in double quotes");
      param.type = {};
      return param;
    }
    if (!allowed(*value)) {
      reportRange(decl_.name.span, fmt::format("`--param {}={}`", decl_.name.text, text));
      param.type = {};
      return param;
    }
    param.value = *value;
    origin_ = "command line";
    return param;
  }

  void reportRange(Span span, const std::string& what) {
    context_.report(Code::OutOfRange, span, fmt::format("{}, it must be in {}", what, context_.text(decl_.range)))
        .labels.push_back({context_.span(decl_.range), "the values that are allowed"});
  }

  Context& context_;
  const syntax::ParamDecl& decl_;
  std::vector<ir::Literal> choices_;  ///< the two bounds, or each value; empty: anything
  bool is_interval_ = false;
  bool is_list_ = false;
  std::string origin_ = "default";
};

}  // namespace

void checkParam(Context& context, const syntax::ParamDecl& decl) { ParamChecker(context, decl).check(); }

void checkGivenParams(Context& context) {
  std::vector<std::string> known;
  Span where;
  for (const syntax::Decl& decl : context.tree.decls) {
    if (const auto* pipeline = std::get_if<syntax::PipelineDecl>(&decl)) where = pipeline->name.span;
    if (const auto* param = std::get_if<syntax::ParamDecl>(&decl)) known.push_back(param->name.text);
  }
  std::vector<std::string> unknown;
  std::vector<std::string> help;
  for (const auto& [name, text] : context.settings.params) {
    if (context.names.find(context.tree, name, static_cast<resolve::Constructs>(resolve::Construct::Param))) continue;
    unknown.push_back(name);
    for (const std::string& near : diag::nearest(name, known, 1)) help.push_back(fmt::format("did you mean `--param {}=…`?", near));
  }
  if (unknown.empty()) return;
  if (known.empty()) help.emplace_back("this file declares no param");
  if (help.empty()) help.push_back(fmt::format("there is `{}`", fmt::join(known, "`, `")));
  context.report(Code::UnknownParam, where, fmt::format("`--param`: there is no param `{}`", fmt::join(unknown, "`, `"))).help =
      std::move(help);
}

}  // namespace cd4ml::check
