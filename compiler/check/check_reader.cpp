#include "compiler/check/check_reader.h"

#include <fmt/format.h>

#include "compiler/check/check_options.h"
#include "compiler/ir/date_pattern.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;

bool isIdentifierByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

diag::Diagnostic& reportValue(Context& context, const ir::Option& option, std::string why) {
  return context.report(Code::OptionValue, option.span, fmt::format("`{}` is {}", option.name, std::move(why)));
}

/// One byte that can stand between or around fields.
void checkCharacter(Context& context, const ir::Option& option) {
  const auto& text = std::get<std::string>(option.value.value);
  const bool none = text.empty() && option.name == "quote";
  if (none) return;
  const bool plain = text.size() == 1 && text != "\n" && text != "\r" && static_cast<unsigned char>(text[0]) < 0x80 && text[0] != 0;
  if (!plain) {
    reportValue(context, option, fmt::format("one character, not {}", ir::literalText(option.value)));
  } else if (option.name == "decimal" && (isIdentifierByte(text[0]) || text == "-" || text == "+")) {
    reportValue(context, option, fmt::format("a point or a comma, not {}", ir::literalText(option.value)));
  }
}

void checkPattern(Context& context, const ir::Option& option, const std::string& pattern) {
  const auto read = ir::readDatePattern(pattern);
  if (read.ok()) return;
  context.report(Code::DatePattern, option.span, fmt::format("\"{}\" is no pattern of dates: {}", pattern, read.error().message))
      .help.emplace_back("`%d.%m.%Y` reads 31.12.2024, `%m/%d/%y %I:%M %p` 12/31/24 06:30 PM; docs/reference/readers.md has all parts");
}

/// What the rows of the options cannot say.
void checkReaderOptions(Context& context, const std::vector<ir::Option>& options) {
  for (const ir::Option& option : options) {
    const auto* text = std::get_if<std::string>(&option.value.value);
    if (text != nullptr && (option.name == "delimiter" || option.name == "quote" || option.name == "decimal")) {
      checkCharacter(context, option);
    } else if (const auto* list = std::get_if<ir::Literal::List>(&option.value.value); list != nullptr && option.name == "dates") {
      for (const ir::Literal& item : *list) checkPattern(context, option, std::get<std::string>(item.value));
    } else if (text != nullptr && option.name == "zone" && text->empty()) {
      reportValue(context, option, "the name of a time zone, not an empty text");
    }
  }
  const ir::Option* delimiter = findOption(options, "delimiter");
  const ir::Option* quote = findOption(options, "quote");
  if (delimiter == nullptr || quote == nullptr || !(delimiter->value == quote->value)) return;
  context.report(Code::OptionValue, quote->span.empty() ? delimiter->span : quote->span,
                 fmt::format("`quote` and `delimiter` are both {}, so they cannot be told apart", ir::literalText(quote->value)));
}

class ReaderChecker {
 public:
  ReaderChecker(Context& context, bool has_fields, ir::Source& source) : context_(context), has_fields_(has_fields), source_(source) {}

  void check(syntax::ExprId written) {
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
    source_.options = checkOptions(context_, row->name, readerOptions(row->name), named(reader, *row));
    checkReaderOptions(context_, source_.options);
  }

 private:
  /// The arguments with names: the first without one is the path, further ones are what the reader must be given.
  std::vector<syntax::Argument> named(const syntax::Expr& reader, const ReaderRow& row) {
    std::vector<std::string_view> needed;
    for (const OptionRow& option : readerOptions(row.name)) {
      if (option.default_text.empty()) needed.push_back(option.name);
    }
    std::vector<syntax::Argument> out;
    std::size_t bare = 0;
    for (const syntax::Argument& argument : reader.arguments) {
      if (argument.name) {
        out.push_back(argument);
        std::erase(needed, argument.name->text);
        continue;
      }
      if (++bare == 1) {
        checkPaths(argument.value);
      } else if (!needed.empty()) {
        out.push_back({syntax::Name{std::string(needed.front()), context_.span(argument.value)}, argument.value});
        needed.erase(needed.begin());
      } else {
        reportTooMany(argument.value, row);
      }
    }
    if (bare == 0) {
      context_.report(Code::MissingArgument, reader.span, fmt::format("`{}` needs a path", row.name))
          .help.push_back(fmt::format("write `{}(\"data/….{}\")`", row.name, row.name));
    }
    for (const std::string_view name : needed) {
      context_.report(Code::MissingArgument, reader.span, fmt::format("`{}` needs a {}", row.name, name))
          .help.push_back(fmt::format("write `{}(\"data/….db\", \"select …\")`", row.name));
    }
    return out;
  }

  void reportTooMany(syntax::ExprId argument, const ReaderRow& row) {
    std::string takes = "one path or one list of paths";
    for (const OptionRow& option : readerOptions(row.name)) {
      if (option.default_text.empty()) takes += fmt::format(" and one {}", option.name);
    }
    context_.report(Code::WrongArguments, context_.span(argument), fmt::format("`{}` takes {}", row.name, takes))
        .help.emplace_back("write several paths as a list: `[\"a.csv\", \"b.csv\"]`");
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
    if (context_.factsOf(source_.stage).open) return;  // what it writes is not known
    const auto& outputs = context_.body<ir::Stage>(source_.stage).outputs;
    std::vector<std::string> names;
    for (std::uint32_t i = 0; i < outputs.size(); ++i) {
      names.push_back(outputs[i].name);
      if (outputs[i].name != file.rest[0].text) continue;
      source_.stage_slot = i;
      if (!has_fields_) {
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

  Context& context_;
  bool has_fields_;
  ir::Source& source_;
};

}  // namespace

void checkWrittenReader(Context& context, syntax::ExprId written, bool has_fields, ir::Source& source) {
  ReaderChecker(context, has_fields, source).check(written);
}

}  // namespace cd4ml::check
