#include "compiler/resolve/inline_functions.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace cd4ml::resolve {
namespace {

using syntax::Expr;
using syntax::ExprId;
using syntax::ExprKind;

/// More copies than this are a mistake, or an attack.
constexpr std::size_t greatest_copy = 200'000;

template <class F>
void forEachChild(const Expr& expr, const F& f) {
  for (const ExprId operand : expr.operands) f(operand);
  for (const syntax::Argument& argument : expr.arguments) f(argument.value);
  for (const syntax::MatchArm& arm : expr.arms) {
    for (const ExprId pattern : arm.patterns) f(pattern);
    f(arm.value);
  }
  f(expr.window.gap);
  f(expr.window.extent);
}

/// A call of a fn: what it calls, and what stands for its parameters as written.
struct Call {
  std::uint32_t decl = 0;
  std::vector<syntax::Argument> arguments;
};

class Inliner {
 public:
  Inliner(syntax::Tree& tree, const Resolution& names, diag::Diagnostics& diagnostics)
      : tree_(tree), names_(names), diagnostics_(diagnostics) {}

  void run() {
    const auto written = static_cast<std::uint32_t>(tree_.exprs.size());
    std::vector<bool> in_body(written, false);
    for (std::uint32_t i = 0; i < tree_.decls.size(); ++i) {
      const auto* fn = std::get_if<syntax::FnDecl>(&tree_.decls[i]);
      if (fn == nullptr) continue;
      checkBody(*fn, in_body);
    }
    findRings();
    for (std::uint32_t i = 0; i < written; ++i) {
      if (!in_body[i]) {
        if (const std::optional<Call> call = callOf({i})) {
          const Span span = tree_.exprs[i].span;
          const ExprId inlined = expand(*call, span);
          Expr replacement = tree_.exprs[inlined.index];
          replacement.tokens = tree_.exprs[i].tokens;
          tree_.exprs[i] = std::move(replacement);
        }
      }
      setDepth({i});
    }
  }

 private:
  using Substitution = std::map<std::string, ExprId, std::less<>>;

  [[nodiscard]] const syntax::FnDecl& fn(std::uint32_t decl) const { return std::get<syntax::FnDecl>(tree_.decls[decl]); }

  [[nodiscard]] std::optional<std::uint32_t> functionNamed(const std::string& name) const {
    return names_.find(tree_, name, static_cast<Constructs>(Construct::Fn));
  }

  /// "a.b" when the expression is a chain of aliases.
  [[nodiscard]] std::optional<std::string> aliasPath(ExprId id) const {
    const std::optional<syntax::NodePath> path = tree_.nodePath(id);
    if (!path) return std::nullopt;
    const Expr* expr = &tree_[id];
    std::string written = expr->name.text;
    while (expr->kind == ExprKind::Member) {
      expr = &tree_[expr->operands[0]];
      written = expr->name.text + "." + written;
    }
    const std::string probe = tree_.qualified(expr->span.file, written + ".x");
    const std::string whole = tree_.qualified(expr->span.file, "x");
    // Every part led to another module: none of them is left in the name.
    const syntax::Module* module = tree_.moduleOf(expr->span.file);
    if (module == nullptr || !module->imports.contains(expr->name.text) || probe == whole) return std::nullopt;
    for (const syntax::Module& each : tree_.modules) {
      if (probe == each.prefix + "x") return written;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Call> callOf(ExprId id) const {
    const Expr& expr = tree_[id];
    if (expr.kind != ExprKind::Call && expr.kind != ExprKind::Member) return std::nullopt;
    if (expr.name.text.empty()) return std::nullopt;
    if (expr.operands.empty()) {
      const auto decl = functionNamed(tree_.qualified(expr.name));
      if (!decl || expr.kind != ExprKind::Call || !expr.has_parentheses) return std::nullopt;
      return Call{.decl = *decl, .arguments = expr.arguments};
    }
    if (const auto aliases = aliasPath(expr.operands[0])) {
      const auto decl = functionNamed(tree_.qualified(expr.name.span.file, *aliases + "." + expr.name.text));
      if (!decl || expr.kind != ExprKind::Call) return std::nullopt;
      return Call{.decl = *decl, .arguments = expr.arguments};
    }
    const auto decl = functionNamed(tree_.qualified(expr.name));
    if (!decl) return std::nullopt;
    const auto path = tree_.nodePath(expr.operands[0]);
    if (path && names_.names.contains(path->name)) return std::nullopt;  // `labelled.late`: a column of a node
    Call call{.decl = *decl, .arguments = {{.name = {}, .value = expr.operands[0]}}};
    call.arguments.insert(call.arguments.end(), expr.arguments.begin(), expr.arguments.end());
    return call;
  }

  /// Marks the body's expressions and says which names mean nothing there.
  void checkBody(const syntax::FnDecl& decl, std::vector<bool>& in_body) {
    std::set<std::string> seen;
    for (const syntax::FnParameter& parameter : decl.parameters) {
      if (seen.insert(parameter.name.text).second) continue;
      diagnostics_.add(diag::Code::DuplicateName, parameter.name.span, fmt::format("`{}` has two parameters `{}`", decl.name.text, parameter.name.text));
    }
    std::vector<std::pair<ExprId, bool>> open{{decl.body, true}};
    while (!open.empty()) {
      const auto [id, is_value] = open.back();
      open.pop_back();
      if (!id.valid() || in_body[id.index]) continue;
      in_body[id.index] = true;
      const Expr& expr = tree_[id];
      if (expr.kind == ExprKind::Reference && is_value) checkName(decl, expr);
      const bool converts = expr.kind == ExprKind::Call && expr.name.text == "to";
      std::size_t index = expr.operands.size();
      for (const ExprId operand : expr.operands) open.emplace_back(operand, is_value && expr.kind != ExprKind::Member);
      for (const syntax::Argument& argument : expr.arguments) open.emplace_back(argument.value, is_value && !(converts && index++ > 0));
      for (const syntax::MatchArm& arm : expr.arms) {
        for (const ExprId pattern : arm.patterns) open.emplace_back(pattern, true);
        open.emplace_back(arm.value, true);
      }
      open.emplace_back(expr.window.gap, true);
      open.emplace_back(expr.window.extent, true);
    }
  }

  [[nodiscard]] static bool isParameter(const syntax::FnDecl& decl, std::string_view name) {
    return std::any_of(decl.parameters.begin(), decl.parameters.end(), [&](const auto& p) { return p.name.text == name; });
  }

  void checkName(const syntax::FnDecl& decl, const Expr& expr) {
    if (isParameter(decl, expr.name.text) || names_.names.contains(tree_.qualified(expr.name))) return;
    unknown_.insert(expr.span.begin);
    auto& d = diagnostics_.add(diag::Code::UnknownName, expr.span,
                               fmt::format("`{}` is neither a parameter of `{}` nor a param", expr.name.text, decl.name.text));
    std::vector<std::string> known;
    for (const syntax::FnParameter& parameter : decl.parameters) known.push_back(parameter.name.text);
    for (const std::string& near : diag::nearest(expr.name.text, known, 1)) d.help.push_back(fmt::format("did you mean `{}`?", near));
    d.help.emplace_back("a fn sees its parameters and the params of its file: hand in the column as an argument");
  }

  // ---- rings
  void findRings() {
    for (std::uint32_t i = 0; i < tree_.decls.size(); ++i) {
      if (std::holds_alternative<syntax::FnDecl>(tree_.decls[i])) visitFunction(i);
    }
  }

  struct Step { std::uint32_t decl; Span call; };

  void visitFunction(std::uint32_t decl) {
    if (done_.contains(decl)) return;
    struct Frame { std::uint32_t decl; std::vector<Step> callees; std::size_t next = 0; };
    std::vector<Frame> frames{{decl, calleesOf(decl)}};
    while (!frames.empty()) {
      Frame& frame = frames.back();
      if (frame.next == frame.callees.size()) {
        done_.insert(frame.decl);
        frames.pop_back();
        continue;
      }
      const Step step = frame.callees[frame.next++];
      const auto open = std::find_if(frames.begin(), frames.end(), [&](const Frame& f) { return f.decl == step.decl; });
      if (open != frames.end()) {
        std::string ring;
        auto& d = diagnostics_.add(diag::Code::Cycle, headerOf(tree_.decls[step.decl]).name.span, {});
        for (auto it = open; it != frames.end(); ++it) {
          ring += "`" + fn(it->decl).name.text + "` → ";
          d.labels.push_back({it->callees[it->next - 1].call, fmt::format("`{}` calls `{}`", fn(it->decl).name.text, fn(it->callees[it->next - 1].decl).name.text)});
          broken_.insert(it->decl);
        }
        d.message = fmt::format("a fn cannot call itself: {}`{}`", ring, fn(step.decl).name.text);
        d.help.emplace_back("functions are written out where they are called, so none may lead back to itself");
      } else if (!done_.contains(step.decl)) {
        frames.push_back({step.decl, calleesOf(step.decl)});
      }
    }
  }

  [[nodiscard]] std::vector<Step> calleesOf(std::uint32_t decl) const {
    std::vector<Step> callees;
    std::vector<ExprId> open{fn(decl).body};
    while (!open.empty()) {
      const ExprId id = open.back();
      open.pop_back();
      if (!id.valid()) continue;
      if (const std::optional<Call> call = callOf(id)) callees.push_back({call->decl, tree_[id].span});
      forEachChild(tree_[id], [&](ExprId child) { open.push_back(child); });
    }
    return callees;
  }

  // ---- copies
  ExprId add(Expr expr, Span span) {
    if (tree_.exprs.size() > greatest_copy) {
      tooMuch(span);
      return failed(span);
    }
    tree_.exprs.push_back(std::move(expr));
    const ExprId id{static_cast<std::uint32_t>(tree_.exprs.size() - 1)};
    setDepth(id);
    if (depths_[id.index] <= syntax::max_expression_depth) return id;
    tooMuch(span);
    return failed(span);
  }

  void tooMuch(Span span) {
    if (said_too_much_) return;
    said_too_much_ = true;
    diagnostics_.add(diag::Code::NestedTooDeep, span, "calls of functions nest too deep here")
        .help.emplace_back("functions are written out where they are called: let them call each other less");
  }

  ExprId failed(Span span) {
    tree_.exprs.push_back(Expr{.kind = ExprKind::Error, .span = span});
    return {static_cast<std::uint32_t>(tree_.exprs.size() - 1)};
  }

  void setDepth(ExprId id) {
    if (depths_.size() < tree_.exprs.size()) depths_.resize(tree_.exprs.size(), 1);
    std::uint32_t depth = 0;
    forEachChild(tree_[id], [&](ExprId child) {
      if (child.valid()) depth = std::max(depth, depths_[child.index]);
    });
    depths_[id.index] = depth + 1;
  }

  ExprId expand(const Call& call, Span span) {
    const syntax::FnDecl& decl = fn(call.decl);
    const std::optional<std::vector<ExprId>> arguments = place(call, span);
    if (!arguments || broken_.contains(call.decl)) return failed(span);
    const auto instance = static_cast<std::int64_t>(tree_.calls.size());
    tree_.calls.push_back({.decl = call.decl, .span = span});
    Substitution substitution;
    for (std::size_t i = 0; i < decl.parameters.size(); ++i) {
      Expr parameter{.kind = ExprKind::Parameter, .span = tree_[(*arguments)[i]].span, .name = decl.parameters[i].name, .number = static_cast<double>(i), .integer = instance};
      parameter.operands = {(*arguments)[i]};
      substitution[decl.parameters[i].name.text] = add(std::move(parameter), span);
    }
    Expr inlined{.kind = ExprKind::Inlined, .span = span, .name = decl.name, .integer = instance};
    const ExprId body = decl.body;
    const ExprId copied = copy(body, substitution, span);
    inlined.operands = {copied};
    return add(std::move(inlined), span);
  }

  /// The argument of each parameter; nullopt after a report.
  std::optional<std::vector<ExprId>> place(const Call& call, Span span) {
    const syntax::FnDecl& decl = fn(call.decl);
    std::vector<ExprId> placed(decl.parameters.size());
    std::size_t next = 0;
    bool good = true;
    for (const syntax::Argument& argument : call.arguments) {
      std::size_t index = next;
      if (argument.name) {
        index = 0;
        while (index < placed.size() && decl.parameters[index].name.text != argument.name->text) ++index;
      } else {
        ++next;
      }
      good = good && index < placed.size() && !placed[index].valid();
      if (good) placed[index] = argument.value;
    }
    good = good && std::all_of(placed.begin(), placed.end(), [](ExprId id) { return id.valid(); });
    if (good) return placed;
    std::string signature;
    for (const syntax::FnParameter& parameter : decl.parameters) signature += (signature.empty() ? "" : ", ") + parameter.name.text;
    auto& d = diagnostics_.add(diag::Code::WrongArguments, span,
                               fmt::format("`{}` takes {} argument{}, here {} {}", decl.name.text, placed.size(), placed.size() == 1 ? "" : "s",
                                           call.arguments.size() == 1 ? "is" : "are", call.arguments.size()));
    d.labels.push_back({decl.name.span, fmt::format("it is called as `{}({})`", decl.name.text, signature)});
    return std::nullopt;
  }

  ExprId copy(ExprId id, const Substitution& substitution, Span span) {
    if (!id.valid()) return id;
    if (++level_ > syntax::max_expression_depth) {
      --level_;
      tooMuch(span);
      return failed(span);
    }
    const ExprId out = copyOne(id, substitution, span);
    --level_;
    return out;
  }

  ExprId copyOne(ExprId id, const Substitution& substitution, Span span) {
    if (tree_.exprs.size() > greatest_copy) {
      tooMuch(span);
      return failed(span);
    }
    Expr expr = tree_[id];
    if (expr.kind == ExprKind::Reference) {
      const auto found = substitution.find(expr.name.text);
      if (found != substitution.end()) return found->second;
      if (unknown_.contains(expr.span.begin) ) return failed(expr.span);
      if (!names_.find(tree_, tree_.qualified(expr.name), static_cast<Constructs>(Construct::Param))) return add(std::move(expr), span);
      // Where it is called a column may have the param's name.
      const ExprId word = add(Expr{.kind = ExprKind::Reference, .span = expr.span, .name = {.text = "param", .span = expr.span}}, span);
      expr.kind = ExprKind::Member;
      expr.operands = {word};
      return add(std::move(expr), span);
    }
    if (std::optional<Call> call = callOf(id)) {
      for (syntax::Argument& argument : call->arguments) argument.value = copy(argument.value, substitution, span);
      return expand(*call, expr.span);
    }
    for (ExprId& operand : expr.operands) operand = copy(operand, substitution, span);
    for (syntax::Argument& argument : expr.arguments) argument.value = copy(argument.value, substitution, span);
    for (syntax::MatchArm& arm : expr.arms) {
      for (ExprId& pattern : arm.patterns) pattern = copy(pattern, substitution, span);
      arm.value = copy(arm.value, substitution, span);
    }
    expr.window.gap = copy(expr.window.gap, substitution, span);
    expr.window.extent = copy(expr.window.extent, substitution, span);
    return add(std::move(expr), span);
  }

  syntax::Tree& tree_;
  const Resolution& names_;
  diag::Diagnostics& diagnostics_;
  std::set<std::uint32_t> broken_;  ///< fns in a ring
  std::set<std::uint32_t> done_;
  std::set<std::uint32_t> unknown_;  ///< places of names that mean nothing
  std::vector<std::uint32_t> depths_;
  std::uint32_t level_ = 0;
  bool said_too_much_ = false;
};

}  // namespace

bool declaresFunctions(const syntax::Tree& tree) {
  return std::any_of(tree.decls.begin(), tree.decls.end(), [](const syntax::Decl& d) { return std::holds_alternative<syntax::FnDecl>(d); });
}

void inlineFunctions(syntax::Tree& tree, const Resolution& names, diag::Diagnostics& diagnostics) {
  Inliner(tree, names, diagnostics).run();
}

}  // namespace cd4ml::resolve
