/// One expression in tests: text → type, graph and what the checker says, over a fixed set of columns and params.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "compiler/check/expression.h"
#include "compiler/parse/parse.h"

namespace cd4ml::check {

class Expression {
 public:
  explicit Expression(std::string_view text, Place place = Place::Row) {
    const FileIndex file = sources_.add("main.cd4ml", fmt::format("{}table q from s {{ derive r = {} }}\n", columns, text));
    tree_ = parse::parse(sources_, file, diagnostics_);
    environment_.units = collectUnits(tree_);
    environment_.params["late"] = {.type = {.kind = ir::Kind::Duration}, .value = {std::int64_t{900'000'000}}};
    environment_.params["size"] = {.type = {.kind = ir::Kind::Int}, .value = {std::int64_t{3}}};
    environment_.nodes["s"] = "source";
    ExpressionChecker checker(tree_, environment_, diagnostics_);
    scope_ = {.place = place, .owner = "s"};
    std::uint32_t slot = 0;
    for (const syntax::FieldSyntax& field : std::get<syntax::SourceDecl>(tree_.decls[1]).fields) {
      scope_.columns.push_back({.name = field.name.text, .slot = slot, .type = checker.type(field.type),
                                .taint = taintOfSourceColumn({ir::NodeId{0}, slot}, field.name.text, field.span), .span = field.span});
      ++slot;
    }
    target_.type = {.kind = ir::Kind::Bool};
    target_.value = graph_.add({.op = ir::Op::Input, .type = target_.type, .slot = 2});
    target_.taint = scope_.columns[2].taint;
    scope_.target = &target_;
    const auto& verbs = std::get<syntax::TableDecl>(tree_.decls[2]).verbs;
    if (!verbs.empty() && std::holds_alternative<syntax::DeriveVerb>(verbs[0])) id_ = std::get<syntax::DeriveVerb>(verbs[0]).value;
    value_ = checker.check(id_, scope_, graph_);
    used_params_ = checker.usedParams();
  }

  [[nodiscard]] std::string type() const { return value_.type.isError() ? said() : ir::typeText(value_.type); }
  /// The constant that the expression is, or its type.
  [[nodiscard]] std::string constant() const {
    if (value_.type.isError() || graph_[value_.value].op != ir::Op::Constant) return type();
    return ir::literalText(graph_[value_.value].literal);
  }
  /// Kernels, statistics and aggregates in the order in which they were added.
  [[nodiscard]] std::string operations() const {
    std::string text;
    for (const ir::Value& value : graph_.values) {
      if (!value.name.empty()) text += fmt::format("{}{}", text.empty() ? "" : " ", value.name);
    }
    return text;
  }
  [[nodiscard]] std::string said() const {
    std::string text;
    for (const diag::Diagnostic& d : diagnostics_.all()) text += fmt::format("{} {}\n", diag::codeText(d.code), d.message);
    return text;
  }
  [[nodiscard]] const diag::Diagnostics& diagnostics() const { return diagnostics_; }
  [[nodiscard]] const TypedValue& value() const { return value_; }
  [[nodiscard]] const ir::Graph& graph() const { return graph_; }
  [[nodiscard]] std::uint32_t columnCount() const { return static_cast<std::uint32_t>(scope_.columns.size()); }
  [[nodiscard]] const std::set<std::string>& usedParams() const { return used_params_; }

 private:
  static constexpr std::string_view columns =
      "pipeline p\nsource s = csv(\"s.csv\") {\n"
      "x: float y: float? b: bool n: bool? i: int j: int? c: category k: category{\"sun\", \"rain\"}? t: text\n"
      "day: date at: timestamp u: duration far: float<mi> wait: float<min>? price: float<eur> kg: float<kg> cost: float<eur/kg>\n}\n";

  source::SourceMap sources_;
  diag::Diagnostics diagnostics_;
  syntax::Tree tree_;
  Environment environment_;
  Scope scope_;
  ir::Graph graph_;
  TypedValue target_;
  syntax::ExprId id_;
  TypedValue value_;
  std::set<std::string> used_params_;
};

}  // namespace cd4ml::check
