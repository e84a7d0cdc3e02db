#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "compiler/check/context.h"
#include "compiler/check/secret_text.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;
using Argument = ir::Stage::Argument;

class StageChecker {
 public:
  StageChecker(Context& context, const syntax::StageDecl& decl) : context_(context), decl_(decl) {}

  ir::NodeId check() {
    for (const syntax::StageItem& item : decl_.items) std::visit(*this, item);
    if (stage_.outputs.empty() && !decl_.has_errors) {
      context_.report(Code::StageNoOutput, decl_.name.span, fmt::format("`{}` declares no output, so nothing of it could be kept", decl_.name.text))
          .help.emplace_back("write `output NAME = \"FILE\"` for each file that the program makes");
    }
    if (decl_.program.valid()) checkProgram(context_.tree[decl_.program]);
    return context_.add(decl_, std::move(stage_), {}, {.open = decl_.has_errors});
  }

  void operator()(const syntax::InputItem& item) {
    ir::Stage::Input input;
    if (item.name) input.name = item.name->text;
    if (item.node.valid()) {
      if (!findRows(item, input)) {
        if (item.name) declare(*item.name);  // what is wrong with it is said: it is not unknown besides
        return;
      }
    } else {
      input.path = context_.tree.modules.empty() ? item.file : folderOf(item.span.file) + item.file;
    }
    if (item.name && !declare(*item.name)) return;
    stage_.inputs.push_back(std::move(input));
  }

  void operator()(const syntax::StageOutputItem& item) {
    const std::filesystem::path path = std::filesystem::path(item.file).lexically_normal();
    if (item.file.empty() || path.is_absolute() || *path.begin() == "..") {
      context_.report(Code::StagePath, item.file_span, "an output is a file below the folder in which the program runs")
          .help.emplace_back("write a name: `\"model.txt\"`");
    }
    if (declare(item.name)) stage_.outputs.push_back({.name = item.name.text, .file = item.file});
  }

  void operator()(const syntax::TimeoutItem& item) {
    const std::optional<std::int64_t> limit = context_.expressions.constantDuration(item.value);
    if (!limit) return;
    if (*limit <= 0) context_.report(Code::StageLimit, context_.span(item.value), "a timeout is longer than nothing");
    stage_.timeout_us = *limit;
  }

  void operator()(const syntax::RetriesItem& item) {
    const std::optional<std::int64_t> retries = context_.expressions.constantInt(item.value);
    if (!retries) return;
    if (*retries < 0 || *retries > 100) context_.report(Code::StageLimit, context_.span(item.value), "retries are 0 to 100");
    stage_.retries = *retries;
  }

  void operator()(const syntax::EnvItem& item) {
    if (!item.values.valid() || context_.tree[item.values].kind == syntax::ExprKind::Error) return;
    for (const syntax::Argument& entry : context_.tree[item.values].arguments) {
      if (!entry.name) continue;
      const std::optional<std::string> value = textOrSecret(context_, entry.value);
      if (value) stage_.env.emplace_back(entry.name->text, *value);
    }
    std::sort(stage_.env.begin(), stage_.env.end());
  }

  void operator()(const syntax::ErrorItem&) {}

 private:
  [[nodiscard]] std::string folderOf(FileIndex file) const {
    const syntax::Module* module = context_.tree.moduleOf(file);
    return module == nullptr ? std::string() : module->folder;
  }

  /// Rows of a source or table, or a part of features: `trip.train`.
  bool findRows(const syntax::InputItem& item, ir::Stage::Input& input) {
    const std::optional<syntax::NodePath> path = context_.tree.nodePath(item.node);
    if (!path) {
      context_.report(Code::StageInput, context_.span(item.node), "an input is a file in quotes, or rows: a source, a table, or a part of features");
      return false;
    }
    input.node = context_.find(path->name, (Construct::Source | Construct::Table) | static_cast<resolve::Constructs>(Construct::Features));
    if (!input.node.valid()) return false;
    const bool features = std::holds_alternative<ir::Features>(context_.pipeline[input.node].body);
    if (features && path->rest.size() == 1) return findPart(path->rest[0], input);
    if (!features && path->rest.empty()) return true;
    diag::Diagnostic& diagnostic = context_.report(
        Code::StageInput, context_.span(item.node), features ? "a stage takes one part of features" : "a stage takes all columns of a source or table");
    diagnostic.help.push_back(features ? fmt::format("write `{0}.train`, `{0}.validate` or `{0}.test`", path->name) : fmt::format("write `{}`", path->name));
    return false;
  }

  bool findPart(const syntax::Name& word, ir::Stage::Input& input) {
    const ir::NodeId split = context_.body<ir::Features>(input.node).split;
    for (const ir::Part part : {ir::Part::Train, ir::Part::Validate, ir::Part::Test}) {
      if (ir::partText(part) != word.text) continue;
      bool there = !split.valid() && part == ir::Part::Train;
      if (split.valid()) {
        for (const ir::Split::Share& share : context_.body<ir::Split>(split).shares) there = there || share.part == part;
      }
      if (there) input.part = part;
      const bool unsure = split.valid() ? context_.factsOf(split).open : context_.tree.hasBroken("split");
      if (!there && !unsure) context_.report(Code::PartNotThere, word.span, fmt::format("`{}` has no part `{}`", context_.pipeline[input.node].name, word.text));
      return there;
    }
    diag::Diagnostic& diagnostic = context_.report(Code::PartNotThere, word.span, fmt::format("`{}` has no part `{}`", context_.pipeline[input.node].name, word.text));
    addCandidates(diagnostic, word.span, word.text, {"train", "validate", "test"});
    return false;
  }

  /// Inputs and outputs share the names that the command uses.
  bool declare(const syntax::Name& name) {
    for (const syntax::Name& known : names_) {
      if (known.text != name.text) continue;
      context_.report(Code::DuplicateItem, name.span, fmt::format("`{}` names two files of the stage", name.text)).labels.push_back({known.span, "the first one"});
      return false;
    }
    names_.push_back(name);
    return true;
  }

  void checkProgram(const syntax::Expr& call) {
    if (call.kind == syntax::ExprKind::Error) return;
    if (call.kind != syntax::ExprKind::Call || call.name.text != "command") {
      context_.report(Code::StageProgram, call.span, "a stage runs a program").help.emplace_back("write `command(\"python3\", \"train.py\", …)`; no shell reads it");
      return;
    }
    for (const syntax::Argument& argument : call.arguments) {
      if (argument.name) {
        context_.report(Code::UnknownOption, argument.name->span, fmt::format("`command` has no option `{}`", argument.name->text))
            .help.emplace_back("limits and variables are items of the stage: `timeout`, `retries`, `env`");
      } else {
        addArgument(argument.value);
      }
    }
    if (call.arguments.empty()) context_.report(Code::MissingArgument, call.span, "`command` needs a program");
  }

  void addArgument(syntax::ExprId expr) {
    const syntax::Expr& argument = context_.tree[expr];
    if (argument.kind == syntax::ExprKind::Call && argument.name.text == "secret") {
      context_.report(Code::SecretInPath, argument.span, "a secret cannot be an argument of a program: other users of the machine see it")
          .help.emplace_back("hand it over as a variable: `env { NAME: secret(\"NAME\") }`");
      return;
    }
    if (argument.kind == syntax::ExprKind::Reference && !context_.environment.params.contains(argument.name.text)) return addFile(argument.name);
    const Constant constant = context_.expressions.constant(expr);
    if (!constant.ok()) return;
    const auto* text = std::get_if<std::string>(&constant.value.value);
    stage_.argv.push_back({.kind = Argument::Kind::Text, .text = text != nullptr ? *text : ir::literalText(constant.value)});
  }

  void addFile(const syntax::Name& name) {
    for (std::uint32_t i = 0; i < stage_.inputs.size(); ++i) {
      if (stage_.inputs[i].name == name.text) {
        stage_.argv.push_back({.kind = Argument::Kind::Input, .text = {}, .index = i});
        return;
      }
    }
    for (std::uint32_t i = 0; i < stage_.outputs.size(); ++i) {
      if (stage_.outputs[i].name == name.text) {
        stage_.argv.push_back({.kind = Argument::Kind::Output, .text = {}, .index = i});
        return;
      }
    }
    const bool is_broken = std::any_of(names_.begin(), names_.end(), [&](const syntax::Name& each) { return each.text == name.text; });
    if (decl_.has_errors || is_broken) return;
    diag::Diagnostic& diagnostic = context_.report(Code::StageInput, name.span, fmt::format("`{}` is no input, output or param", name.text));
    std::vector<std::string> known;
    for (const syntax::Name& each : names_) known.push_back(each.text);
    addCandidates(diagnostic, name.span, name.text, known);
  }

  Context& context_;
  const syntax::StageDecl& decl_;
  ir::Stage stage_;
  std::vector<syntax::Name> names_;
};

}  // namespace

ir::NodeId checkStage(Context& context, const syntax::StageDecl& decl) { return StageChecker(context, decl).check(); }

}  // namespace cd4ml::check
