#include <fmt/format.h>

#include "compiler/check/check_reader.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;

class SourceChecker {
 public:
  /// `schema`: the fields and rules that the source names; its own otherwise.
  SourceChecker(Context& context, const syntax::SourceDecl& decl, const syntax::SchemaDecl* schema)
      : context_(context),
        decl_(decl),
        written_fields_(schema == nullptr ? decl.fields : schema->fields),
        rules_(schema == nullptr ? decl.requires_ : schema->requires_),
        has_fields_(decl.has_fields || schema != nullptr),
        has_errors_(decl.has_errors || (schema != nullptr && schema->has_errors)) {}

  /// The fields alone, for a schema.
  void checkRowType() {
    checkFields();
    checkRules();
    checkRolesOnce(context_, columns_);
  }

  ir::NodeId check() {
    checkReader();
    if (decl_.schema && decl_.has_fields) {
      context_.report(Code::DuplicateItem, decl_.schema->span, fmt::format("`{}` has a schema and fields of its own", decl_.name.text))
          .help.emplace_back("leave one of them out");
    }
    if (has_fields_) {
      checkFields();
    } else if (!decl_.schema && !takePinned()) {
      source_.open_schema = true;
      facts_.open = true;
      context_.report(Code::SchemaNotPinned, decl_.name.span, fmt::format("the schema of `{}` is not pinned yet: run once", decl_.name.text))
          .help.emplace_back("its columns are unknown until then; declare them in `{ … }` to check them now");
    } else if (decl_.schema) {
      facts_.open = true;
    }
    checkRules();
    checkRolesOnce(context_, columns_);
    facts_.open = facts_.open || has_errors_;
    const ir::NodeId id{static_cast<std::uint32_t>(context_.pipeline.nodes.size())};
    for (std::uint32_t i = 0; i < columns_.size(); ++i) {
      facts_.taints.push_back(taintOfSourceColumn({id, i}, columns_[i].name, columns_[i].span));
      facts_.base.push_back(true);
    }
    return context_.add(decl_, std::move(source_), std::move(columns_), std::move(facts_));
  }

 private:
  void checkReader() {
    const Override* given = overrideOf(context_, decl_);
    if (given != nullptr) checkWrittenReader(context_, given->value, has_fields_, source_);
    ir::Source kept = std::move(source_);
    source_ = {};
    checkWrittenReader(context_, decl_.reader, has_fields_, source_);  // its mistakes are mistakes under every profile
    if (given != nullptr) source_ = std::move(kept);
  }

  void checkFields() {
    std::map<std::string_view, Span> seen;
    for (const syntax::FieldSyntax& field : written_fields_) {
      const auto [first, is_new] = seen.emplace(field.name.text, field.name.span);
      if (!is_new) {
        context_.report(Code::DuplicateColumn, field.name.span, fmt::format("`{}` has two fields `{}`", decl_.name.text, field.name.text))
            .labels.push_back({first->second, "the first one"});
      }
      ir::Column column{.name = field.name.text, .type = context_.expressions.type(field.type), .span = field.name.span, .doc = field.doc};
      column.roles = checkRoles(context_, field.roles, column.name, column.type, field.type.span);
      if (field.from_column.valid()) context_.notSupported(context_.span(field.from_column), "`from` of a field");
      columns_.push_back(std::move(column));
    }
    if (written_fields_.empty() && !has_errors_) {
      context_.report(Code::NoColumns, decl_.head_span, fmt::format("`{}` declares no field", decl_.name.text))
          .help.emplace_back("leave the braces out to have the schema inferred and pinned by the first run");
    }
    checkFieldChecks();
  }

  /// All columns, once they are known.
  Scope scopeAt(Place place) {
    Scope scope;
    scope.place = place;
    scope.owner = decl_.name.text;
    scope.open_schema = facts_.open || has_errors_;
    const ir::NodeId id{static_cast<std::uint32_t>(context_.pipeline.nodes.size())};
    for (std::uint32_t i = 0; i < columns_.size(); ++i) {
      scope.columns.push_back({.name = columns_[i].name,
                               .slot = i,
                               .type = columns_[i].type,
                               .roles = columns_[i].roles,
                               .taint = taintOfSourceColumn({id, i}, columns_[i].name, columns_[i].span),
                               .span = columns_[i].span});
    }
    return scope;
  }

  void checkRules() {
    if (rules_.empty()) return;
    const Scope scope = scopeAt(Place::RowSet);
    for (const syntax::RequireSyntax& rule : rules_) source_.row_checks.push_back(checkRequire(context_, rule, scope, source_.graph));
  }

  /// After all fields are known: a check may read any of them.
  void checkFieldChecks() {
    const Scope scope = scopeAt(Place::Row);
    for (const syntax::FieldSyntax& field : written_fields_) {
      for (const syntax::CheckSyntax& check : field.checks) checkOne(check, scope);
    }
  }

  void checkOne(const syntax::CheckSyntax& check, const Scope& scope) {
    const Condition condition = context_.expressions.checkCondition(check.condition, scope, source_.graph);
    ir::FieldCheck result{.condition = condition.value.value, .share = 1, .warning = false, .text = context_.text(check.condition), .span = check.span};
    if (check.share.valid()) {
      const std::optional<double> share = context_.expressions.constantNumber(check.share);
      if (!share) return;
      result.share = *share;
      result.text += " for " + context_.text(check.share);
      if (*share <= 0 || *share > 1) {
        context_.report(Code::BadShare, context_.span(check.share), fmt::format("a check holds for a share of the rows, `{}` is none", context_.text(check.share)))
            .help.emplace_back("write a percent above 0% and up to 100%");
      }
    }
    source_.checks.push_back(std::move(result));
  }

  bool takePinned() {
    const auto pinned = context_.settings.pinned.find(decl_.name.text);
    if (pinned == context_.settings.pinned.end()) return false;
    source_.pinned = true;
    for (const PinnedField& field : pinned->second) {
      columns_.push_back({.name = field.name, .type = field.type, .roles = 0, .span = decl_.name.span, .doc = {}});
    }
    return true;
  }

  Context& context_;
  const syntax::SourceDecl& decl_;
  const std::vector<syntax::FieldSyntax>& written_fields_;
  const std::vector<syntax::RequireSyntax>& rules_;
  bool has_fields_;
  bool has_errors_;
  ir::Source source_;
  std::vector<ir::Column> columns_;
  NodeFacts facts_;
};

}  // namespace

ir::NodeId checkSource(Context& context, const syntax::SourceDecl& decl) {
  const syntax::SchemaDecl* schema = nullptr;
  if (decl.schema) {
    const auto index = context.names.find(context.tree, context.tree.qualified(*decl.schema), static_cast<resolve::Constructs>(resolve::Construct::Schema));
    if (index) schema = &std::get<syntax::SchemaDecl>(context.tree.decls[*index]);
  }
  return SourceChecker(context, decl, schema).check();
}

ir::NodeId checkSchema(Context& context, const syntax::SchemaDecl& decl) {
  syntax::SourceDecl source;
  static_cast<syntax::DeclHeader&>(source) = decl;
  SourceChecker(context, source, &decl).checkRowType();
  return {};
}

}  // namespace cd4ml::check
