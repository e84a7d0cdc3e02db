#include <fmt/format.h>

#include "compiler/check/check_options.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;

bool isIdentifierByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

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
    if (given != nullptr) checkWrittenReader(given->value);
    ir::Source kept = std::move(source_);
    source_ = {};
    checkWrittenReader(decl_.reader);  // its mistakes are mistakes under every profile
    if (given != nullptr) source_ = std::move(kept);
  }

  void checkWrittenReader(syntax::ExprId written) {
    if (!written.valid()) return;
    const syntax::Expr& reader = context_.tree[written];
    if (reader.kind == syntax::ExprKind::Error) return;
    const ReaderRow* row = findReader(reader.name.text);
    if (row == nullptr) {
      diag::Diagnostic& diagnostic =
          context_.report(Code::UnknownReader, reader.span, fmt::format("there is no reader `{}`", reader.name.text));
      std::vector<std::string> known;
      for (const ReaderRow& each : readerRows()) {
        if (each.status == Status::Ready) known.emplace_back(each.name);
      }
      addCandidates(diagnostic, reader.name.span, reader.name.text, known);
      return;
    }
    source_.reader = row->name;
    if (row->status == Status::Later) {
      context_.notSupported(reader.name.span, fmt::format("the reader `{}`", row->name));
      return;
    }
    std::size_t bare = 0;
    for (const syntax::Argument& argument : reader.arguments) {
      if (argument.name) continue;
      if (++bare == 1) {
        checkPaths(argument.value);
      } else {
        context_.report(Code::WrongArguments, context_.span(argument.value), fmt::format("`{}` takes one path or one list of paths", row->name))
            .help.emplace_back("write several paths as a list: `[\"a.csv\", \"b.csv\"]`");
      }
    }
    if (bare == 0) {
      context_.report(Code::MissingArgument, reader.span, fmt::format("`{}` needs a path", row->name))
          .help.push_back(fmt::format("write `{}(\"data/….{}\")`", row->name, row->name));
    }
    source_.options = checkOptions(context_, row->name, readerOptions(row->name), reader.arguments);
  }

  void checkPaths(syntax::ExprId expr) {
    const syntax::Expr& value = context_.tree[expr];
    if (const Param* given = context_.listParam(expr); given != nullptr && !given->type.isError()) return takePaths(*given, value.span);
    if (value.kind == syntax::ExprKind::List) {
      for (const syntax::ExprId operand : value.operands) checkPath(operand);
      if (value.operands.empty()) context_.report(Code::BadPath, value.span, "a source reads at least one path");
      return;
    }
    checkPath(expr);
  }

  /// The paths in a param of type `list<text>`.
  void takePaths(const Param& list, Span span) {
    const auto* values = std::get_if<ir::Literal::List>(&list.value.value);
    if (list.type.kind != ir::Kind::Text || values == nullptr || values->empty()) {
      context_.report(Code::BadPath, span, values != nullptr && values->empty() ? "a source reads at least one path" : "paths are texts").labels.push_back({list.span, "the list"});
      return;
    }
    for (const ir::Literal& path : *values) source_.paths.push_back(fromFolderOf(context_, span, std::get<std::string>(path.value)));
  }

  void checkPath(syntax::ExprId expr) {
    const syntax::Expr& value = context_.tree[expr];
    if (value.kind == syntax::ExprKind::Call && value.name.text == "secret") return reportSecret(value.span);
    const std::optional<syntax::NodePath> file = context_.tree.nodePath(expr);
    if (file && file->rest.size() == 1) return checkStageOutput(*file);
    std::string path;
    if (value.kind == syntax::ExprKind::Text) {
      const std::optional<std::string> filled = fillHoles(value);
      if (!filled) return;
      path = *filled;
    } else {
      const std::optional<std::string> text = context_.expressions.constantText(expr);
      if (!text) return;
      path = *text;
    }
    if (path.empty()) context_.report(Code::BadPath, value.span, "the path is empty");
    source_.paths.push_back(fromFolderOf(context_, value.span, std::move(path)));
  }

  /// `csv(prepare.rows)`: a file that a stage makes.
  void checkStageOutput(const syntax::NodePath& file) {
    source_.stage = context_.find(file.name, static_cast<resolve::Constructs>(Construct::Stage));
    if (!source_.stage.valid()) return;
    const auto& outputs = context_.body<ir::Stage>(source_.stage).outputs;
    std::vector<std::string> names;
    for (std::uint32_t i = 0; i < outputs.size(); ++i) {
      names.push_back(outputs[i].name);
      if (outputs[i].name != file.rest[0].text) continue;
      source_.stage_slot = i;
      if (!decl_.has_fields && !decl_.schema) {
        context_.report(Code::StageInput, file.span, "a source that reads what a stage makes declares its fields")
            .help.emplace_back("write `{ name: type … }` after the reader");
      }
      return;
    }
    diag::Diagnostic& diagnostic = context_.report(Code::StageInput, file.rest[0].span, fmt::format("`{}` has no output `{}`", file.name, file.rest[0].text));
    addCandidates(diagnostic, file.rest[0].span, file.rest[0].text, names);
  }

  void reportSecret(Span span) {
    context_.report(Code::SecretInPath, span, "a secret cannot be part of a path")
        .help.emplace_back("a path is printed, logged and part of the plan; a secret is none of these");
  }

  /// `data/{region}.csv`: each hole is the name of a param; `{{` and `}}` are braces.
  std::optional<std::string> fillHoles(const syntax::Expr& literal) {
    std::string out;
    const std::string& text = literal.text;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool doubled = i + 1 < text.size() && text[i + 1] == text[i];
      if ((text[i] == '{' || text[i] == '}') && doubled) {
        out += text[i++];
      } else if (text[i] == '{') {
        const std::size_t end = text.find('}', i);
        const std::optional<std::string> value = fillHole(literal.span, text.substr(i + 1, end == std::string::npos ? end : end - i - 1));
        if (!value || end == std::string::npos) return std::nullopt;
        out += *value;
        i = end;
      } else {
        out += text[i];
      }
    }
    return out;
  }

  std::optional<std::string> fillHole(Span span, const std::string& name) {
    if (name.starts_with("secret")) {
      reportSecret(span);
      return std::nullopt;
    }
    for (const char c : name) {
      if (isIdentifierByte(c)) continue;
      context_.report(Code::BadPath, span, fmt::format("the hole `{{{}}}` is no name of a param", name))
          .help.emplace_back("a hole holds one param; write `{{` for a brace");
      return std::nullopt;
    }
    const auto param = context_.environment.params.find(context_.tree.qualified(span.file, name));
    if (param == context_.environment.params.end()) {
      diag::Diagnostic& diagnostic = context_.report(Code::UnknownName, span, fmt::format("there is no param `{}` for the hole in this path", name));
      std::vector<std::string> known;
      for (const auto& [each, value] : context_.environment.params) known.push_back(each);
      addCandidates(diagnostic, span, name, known);
      diagnostic.fixes.clear();
      return std::nullopt;
    }
    context_.params_in_paths.insert(param->first);
    if (param->second.type.isError()) return std::nullopt;
    const ir::Literal& value = param->second.value;
    if (const auto* text = std::get_if<std::string>(&value.value)) return *text;
    if (std::holds_alternative<std::int64_t>(value.value) && param->second.type.kind == ir::Kind::Int) return ir::literalText(value);
    context_.report(Code::BadPath, span, fmt::format("a hole in a path takes a text or an int, `{}` is {}", name, ir::typeText(param->second.type)))
        .labels.push_back({param->second.span, "its type is declared here"});
    return std::nullopt;
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
