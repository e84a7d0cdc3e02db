#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/check/table_state.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;

constexpr auto role_pii = static_cast<std::uint8_t>(ir::Role::Pii);
constexpr std::size_t labelled_columns = 4;  // a person reads no more

class UnionChecker {
 public:
  UnionChecker(TableState& state, const syntax::UnionVerb& verb) : state_(state), verb_(verb) {}

  void check() {
    Context& context = state_.context;
    context.rejectPart(verb_.node, "`union`");
    op_.span = verb_.span;
    op_.right = context.find(verb_.node, Construct::Source | Construct::Table);
    right_ = scopeOf(context, op_.right, Place::Row);
    for (const ScopeColumn& column : state_.visible.columns) addColumn(column);
    addOthers();
    reportColumns();
    state_.visible.columns = std::move(results_);
    state_.visible.open_schema = state_.visible.open_schema || right_.open_schema;
    mergeTaint(state_.visible.row_taint, right_.row_taint);
    if (op_.right.valid()) state_.grouped = state_.grouped || context.factsOf(op_.right).grouped;
    if (op_.right.valid()) state_.samples = std::max(state_.samples, context.factsOf(op_.right).samples);
    state_.table.ops.emplace_back(std::move(op_));
    state_.startRows();
  }

 private:
  void addColumn(const ScopeColumn& left) {
    const ScopeColumn* right = right_.find(left.name);
    if (right == nullptr) {
      if (!right_.open_schema) only_left_.push_back(&left);
      keep(left);
      return;
    }
    ScopeColumn result = left;
    result.slot = state_.newVariable();
    result.type = ir::unionType(left.type, right->type);
    if (left.type.isError() || right->type.isError()) {
      result.type = {};
    } else if (result.type.isError()) {
      reportTypes(left, *right);
    } else if (left.type.isNumber() && right->type.isNumber() && left.type.unit != right->type.unit) {
      reportUnits(left, *right);
    }
    // Whoever calls it personal on one side means all of it.
    result.roles = static_cast<std::uint8_t>((left.roles & right->roles) | ((left.roles | right->roles) & role_pii));
    mergeTaint(result.taint, right->taint);
    result.known = knownOnBoth(left.known, right->known);
    std::string doc = state_.docs[left.slot];
    state_.docs[result.slot] = doc.empty() ? state_.context.pipeline[op_.right].columns[right->slot].doc : doc;
    op_.left.push_back(left.slot);
    op_.right_columns.push_back(right->slot);
    op_.results.push_back(result.slot);
    results_.push_back(std::move(result));
  }

  /// A column of one side only: reported, and there as if it were right, so that nothing follows from it.
  void keep(const ScopeColumn& column) {
    ScopeColumn kept = column;
    kept.slot = state_.newVariable();
    results_.push_back(std::move(kept));
  }

  void addOthers() {
    for (const ScopeColumn& column : right_.columns) {
      if (state_.find(column.name) != nullptr) continue;
      if (!state_.visible.open_schema) only_right_.push_back(&column);
      keep(column);
    }
  }

  [[nodiscard]] std::string rightName() const { return state_.context.text(verb_.node); }

  void reportColumns() {
    if (only_left_.empty() && only_right_.empty()) return;
    if (state_.visible.isUnsure() || right_.isUnsure()) return;
    std::vector<std::string> said;
    if (!only_right_.empty()) said.push_back(fmt::format("has {} besides", listed(only_right_)));
    if (!only_left_.empty()) said.push_back(fmt::format("lacks {}", listed(only_left_)));
    diag::Diagnostic& diagnostic = state_.context.report(Code::UnionColumns, verb_.span,
                                                         fmt::format("`union` takes rows with the columns that are here, `{}` {}", rightName(), fmt::join(said, " and ")));
    label(diagnostic, only_left_);
    label(diagnostic, only_right_);
    if (!only_right_.empty()) diagnostic.help.push_back(fmt::format("`drop` what is too much in a table from `{}`, and take the union with that", rightName()));
    if (!only_left_.empty()) diagnostic.help.push_back(fmt::format("add what is missing there, `derive {} = null`, or `drop` it here", only_left_.front()->name));
  }

  static std::string listed(const std::vector<const ScopeColumn*>& columns) {
    std::vector<std::string> names;
    for (const ScopeColumn* column : columns) names.push_back("`" + column->name + "`");
    return fmt::format("{}", fmt::join(names, ", "));
  }

  static void label(diag::Diagnostic& diagnostic, const std::vector<const ScopeColumn*>& columns) {
    for (std::size_t i = 0; i < columns.size() && i < labelled_columns; ++i) {
      diagnostic.labels.push_back({columns[i]->span, fmt::format("`{}` is on this side only", columns[i]->name)});
    }
  }

  void reportTypes(const ScopeColumn& left, const ScopeColumn& right) {
    diag::Diagnostic& diagnostic = mismatch(Code::TypeMismatch, left, right);
    const bool to_words = right.type.kind == ir::Kind::Category || right.type.kind == ir::Kind::Text;
    diagnostic.help.push_back(fmt::format("convert one of them first{}", to_words ? fmt::format(": `derive {0} = {1}({0})`", left.name, ir::kindText(right.type.kind)) : ", there in a table of its own"));
  }

  void reportUnits(const ScopeColumn& left, const ScopeColumn& right) {
    diag::Diagnostic& diagnostic = mismatch(Code::UnitMismatch, left, right);
    if (right.type.unit.empty() || left.type.unit.empty()) return;
    diagnostic.help.push_back(fmt::format("convert one of them first: `derive {0} = to({0}, {1})`", left.name, right.type.unit));
  }

  diag::Diagnostic& mismatch(Code code, const ScopeColumn& left, const ScopeColumn& right) {
    diag::Diagnostic& diagnostic = state_.context.report(
        code, verb_.span, fmt::format("`union` joins columns of one {}, `{}` is {} here and {} in `{}`", code == Code::UnitMismatch ? "unit" : "type", left.name, ir::typeText(left.type), ir::typeText(right.type), rightName()));
    diagnostic.labels.push_back({left.span, fmt::format("{} here", ir::typeText(left.type))});
    diagnostic.labels.push_back({right.span, fmt::format("{} in `{}`", ir::typeText(right.type), rightName())});
    return diagnostic;
  }

  TableState& state_;
  const syntax::UnionVerb& verb_;
  ir::UnionOp op_;
  Scope right_;
  std::vector<ScopeColumn> results_;
  std::vector<const ScopeColumn*> only_left_;
  std::vector<const ScopeColumn*> only_right_;
};

}  // namespace

void checkUnion(TableState& state, const syntax::UnionVerb& verb) { UnionChecker(state, verb).check(); }

}  // namespace cd4ml::check
