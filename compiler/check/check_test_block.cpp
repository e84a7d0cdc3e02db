#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "compiler/check/context.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;

constexpr resolve::Constructs rows_of = (Construct::Source | Construct::Table) | static_cast<resolve::Constructs>(Construct::Features);

class TestChecker {
 public:
  TestChecker(Context& context, const syntax::TestDecl& decl) : context_(context), decl_(decl) {}

  std::optional<ir::TestCase> check() {
    test_.name = decl_.name.text;
    test_.span = decl_.head_span;
    for (const syntax::TestItem& item : decl_.items) {
      if (const auto* given = std::get_if<syntax::GivenItem>(&item)) addGiven(*given);
    }
    for (const syntax::TestItem& item : decl_.items) {
      if (const auto* expect = std::get_if<syntax::ExpectItem>(&item)) addExpectation(*expect);
      if (const auto* error = std::get_if<syntax::ExpectErrorItem>(&item)) addError(*error);
    }
    if (decl_.has_errors) is_whole_ = false;
    if (is_whole_) checkExpects();
    if (is_whole_) checkSources();
    if (!is_whole_) return std::nullopt;
    return std::move(test_);
  }

 private:
  // ---- given

  void addGiven(const syntax::GivenItem& item) {
    const ir::NodeId source = context_.find(item.source, static_cast<resolve::Constructs>(Construct::Source));
    if (!source.valid()) {
      is_whole_ = false;
      return;
    }
    for (const ir::LiteralTable& known : test_.given) {
      if (known.node != source) continue;
      context_.report(Code::DuplicateItem, item.span, fmt::format("`{}` is given twice", item.source.text));
      is_whole_ = false;
      return;
    }
    std::optional<ir::LiteralTable> table = tableOf(item.rows, source, "a source is given as a list of records");
    if (table) test_.given.push_back(std::move(*table));
  }

  /// `[ { a: 1, b: "x" }, … ]` with the columns of a node.
  std::optional<ir::LiteralTable> tableOf(syntax::ExprId list, ir::NodeId node, std::string_view rule) {
    const std::optional<std::vector<syntax::ExprId>> records = recordsOf(list, rule);
    if (!records) return std::nullopt;
    ir::LiteralTable table{.node = node, .slots = {}, .columns = {}, .rows = records->size()};
    for (const syntax::ExprId record : *records) {
      for (const syntax::Argument& field : context_.tree[record].arguments) addColumn(table, field);
    }
    bool whole = true;
    for (const syntax::ExprId record : *records) whole = addRow(table, record) && whole;
    if (!whole) is_whole_ = false;
    if (!whole) return std::nullopt;
    return table;
  }

  std::optional<std::vector<syntax::ExprId>> recordsOf(syntax::ExprId list, std::string_view rule) {
    const syntax::Expr& expr = context_.tree[list];
    bool right = expr.kind == syntax::ExprKind::List;
    for (const syntax::ExprId each : expr.operands) right = right && isRecord(each);
    if (right) return expr.operands;
    is_whole_ = false;
    if (expr.kind != syntax::ExprKind::Error) {
      context_.report(Code::TestRows, expr.span, std::string(rule)).help.emplace_back("write `[{ a: 1, b: \"x\" }, …]`, one record a row");
    }
    return std::nullopt;
  }

  [[nodiscard]] bool isRecord(syntax::ExprId id) const {
    const syntax::Expr& expr = context_.tree[id];
    return expr.kind == syntax::ExprKind::Record || (expr.kind == syntax::ExprKind::Set && expr.operands.empty());
  }

  void addColumn(ir::LiteralTable& table, const syntax::Argument& field) {
    const std::optional<std::uint32_t> slot = slotOf(table.node, *field.name);
    if (!slot) return;
    if (std::find(table.slots.begin(), table.slots.end(), *slot) != table.slots.end()) return;
    table.slots.push_back(*slot);
    table.columns.emplace_back();
  }

  std::optional<std::uint32_t> slotOf(ir::NodeId node, const syntax::Name& name) {
    const std::vector<ir::Column>& columns = context_.pipeline[node].columns;
    for (std::uint32_t c = 0; c < columns.size(); ++c) {
      if (columns[c].name == name.text) return c;
    }
    is_whole_ = false;
    if (!reported_.insert(name.text).second) return std::nullopt;
    reportUnknownColumn(context_, name, scopeOf(context_, node, Place::Row));
    return std::nullopt;
  }

  /// One value a column; a field that is left out is null.
  bool addRow(ir::LiteralTable& table, syntax::ExprId record) {
    bool whole = true;
    for (std::size_t c = 0; c < table.slots.size(); ++c) {
      const ir::Column& column = context_.pipeline[table.node].columns[table.slots[c]];
      const syntax::Argument* field = fieldOf(record, column.name);
      ir::Literal& value = table.columns[c].emplace_back();
      if (field != nullptr) {
        const std::optional<ir::Literal> literal = valueOf(field->value, column.type);
        if (literal) value = *literal;
        whole = whole && literal.has_value();
      } else if (!column.type.nullable) {
        context_.report(Code::TestRows, context_.span(record), fmt::format("this row has no `{}`, which is never null", column.name));
        whole = false;
      }
    }
    return whole;
  }

  [[nodiscard]] const syntax::Argument* fieldOf(syntax::ExprId record, const std::string& name) const {
    for (const syntax::Argument& field : context_.tree[record].arguments) {
      if (field.name && field.name->text == name) return &field;
    }
    return nullptr;
  }

  std::optional<ir::Literal> valueOf(syntax::ExprId expr, const ir::Type& type) {
    if (type.isError()) return std::nullopt;
    if (type.kind == ir::Kind::Vector) {
      context_.notSupported(context_.span(expr), "a vector in a test");
      return std::nullopt;
    }
    const Constant constant = context_.expressions.constant(expr, &type);
    if (!constant.ok()) return std::nullopt;
    return constant.value;
  }

  // ---- expect

  void addExpectation(const syntax::ExpectItem& item) {
    if (!item.condition.valid()) return;
    const syntax::Expr& expr = context_.tree[item.condition];
    if (expr.kind == syntax::ExprKind::Error) return;
    ir::Expectation expectation{.table = {}, .text = context_.text(item.condition), .span = expr.span};
    if (item.within.valid()) {
      expectation.within = context_.expressions.constantNumber(item.within);
      if (!expectation.within) is_whole_ = false;
    }
    const bool equal = expr.kind == syntax::ExprKind::Binary && expr.op == syntax::Operator::Equal;
    if (!equal || !setTable(expectation, expr.operands[0], expr.operands[1])) {
      is_whole_ = false;
      if (!equal || !said_) reportForm(expr.span);
      said_ = false;
      return;
    }
    test_.expected.push_back(std::move(expectation));
  }

  void reportForm(Span span) {
    context_.report(Code::TestExpectation, span, "an `expect` compares a column, a whole node or the number of its rows").help = {
        "write `expect node.column == [1, 2]`, `expect node == [{ a: 1 }]` or `expect count(node) == 2`"};
  }

  /// False where nothing is expected in a form that is known; `said_` if the mistake was reported.
  bool setTable(ir::Expectation& expectation, syntax::ExprId left, syntax::ExprId right) {
    const syntax::Expr& call = context_.tree[left];
    if (call.kind == syntax::ExprKind::Call && call.name.text == "count" && call.operands.empty() && call.arguments.size() == 1) {
      return setCount(expectation, call.arguments[0].value, right);
    }
    const std::optional<syntax::NodePath> path = context_.tree.nodePath(left);
    if (!path || path->rest.size() > 1) return false;
    const ir::NodeId node = context_.find(path->name, rows_of);
    said_ = !node.valid();
    if (said_) return false;
    if (path->rest.empty()) {
      std::optional<ir::LiteralTable> table = tableOf(right, node, "a whole node is compared with a list of records");
      said_ = !table.has_value();
      if (table) expectation.table = std::move(*table);
      return table.has_value();
    }
    return setColumn(expectation, node, path->rest[0], right);
  }

  bool setCount(ir::Expectation& expectation, syntax::ExprId of, syntax::ExprId number) {
    const std::optional<syntax::NodePath> path = context_.tree.nodePath(of);
    if (!path || !path->rest.empty()) return false;
    expectation.table.node = context_.find(path->name, rows_of);
    const std::optional<std::int64_t> rows = context_.expressions.constantInt(number);
    said_ = !expectation.table.node.valid() || !rows;
    if (said_) return false;
    expectation.rows_only = true;
    expectation.table.rows = static_cast<std::size_t>(std::max<std::int64_t>(*rows, 0));
    return true;
  }

  bool setColumn(ir::Expectation& expectation, ir::NodeId node, const syntax::Name& name, syntax::ExprId list) {
    said_ = true;
    const std::optional<std::uint32_t> slot = slotOf(node, name);
    if (!slot) return false;
    const syntax::Expr& expr = context_.tree[list];
    if (expr.kind != syntax::ExprKind::List) {
      context_.report(Code::TestRows, expr.span, "a column is compared with a list of its values").help.emplace_back("write `[1, 2, null]`, a value a row");
      return false;
    }
    ir::Type type = context_.pipeline[node].columns[*slot].type;
    if (!type.isError()) type.nullable = true;
    ir::LiteralTable table{.node = node, .slots = {*slot}, .columns = {}, .rows = expr.operands.size()};
    table.columns.emplace_back();
    for (const syntax::ExprId each : expr.operands) {
      const std::optional<ir::Literal> literal = valueOf(each, type);
      if (!literal) return false;
      table.columns[0].push_back(*literal);
    }
    expectation.table = std::move(table);
    return true;
  }

  void addError(const syntax::ExpectErrorItem& item) {
    if (test_.error) context_.report(Code::DuplicateItem, item.span, "a test expects one error").labels.push_back({test_.error_span, "the first one"});
    test_.error = item.text;
    test_.error_span = item.text_span;
  }

  // ---- the whole

  void checkExpects() {
    if (!test_.expected.empty()) return;
    is_whole_ = false;
    context_.report(Code::TestExpectation, decl_.head_span, "a test expects something").help = {
        "write `expect node.column == […]`; with `expect error \"…\"` it also says what is computed"};
  }

  /// Every source that an expected node reads must be given.
  void checkSources() {
    std::set<ir::NodeId> seen;
    std::vector<ir::NodeId> open;
    for (const ir::Expectation& each : test_.expected) open.push_back(each.table.node);
    while (!open.empty()) {
      const ir::NodeId node = open.back();
      open.pop_back();
      if (!node.valid() || !seen.insert(node).second) continue;
      const ir::Node& body = context_.pipeline[node];
      if (std::holds_alternative<ir::Source>(body.body)) requireGiven(node);
      for (const ir::NodeId input : ir::inputsOf(body)) open.push_back(input);
    }
  }

  void requireGiven(ir::NodeId source) {
    for (const ir::LiteralTable& given : test_.given) {
      if (given.node == source) return;
    }
    is_whole_ = false;
    const std::string& name = context_.pipeline[source].name;
    context_.report(Code::TestSourceMissing, decl_.head_span, fmt::format("what this test expects reads `{}`, which is not given", name))
        .help.push_back(fmt::format("add `given {} = [{{ … }}]`", name));
  }

  Context& context_;
  const syntax::TestDecl& decl_;
  ir::TestCase test_;
  bool is_whole_ = true;
  bool said_ = false;
  std::set<std::string> reported_;  ///< unknown columns, each said once
};

}  // namespace

void checkTest(Context& context, const syntax::TestDecl& decl) {
  std::optional<ir::TestCase> test = TestChecker(context, decl).check();
  if (test) context.tests.push_back(std::move(*test));
}

}  // namespace cd4ml::check
