#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/context.h"
#include "compiler/check/secret_text.h"

namespace cd4ml::check {
namespace {

using diag::Code;

class NotifyChecker {
 public:
  NotifyChecker(Context& context, const syntax::NotifyDecl& decl) : context_(context), decl_(decl) {}

  ir::NodeId check() {
    const Override* given = overrideOf(context_, decl_);
    if (decl_.channel.valid()) checkChannel(context_.tree[decl_.channel]);
    if (given != nullptr && given->value.valid()) {
      notify_ = {};
      checkChannel(context_.tree[given->value]);
    }
    return context_.add(decl_, std::move(notify_), {}, {});
  }

 private:
  void checkChannel(const syntax::Expr& call) {
    if (call.kind == syntax::ExprKind::Error) return;
    const std::string& name = call.name.text;
    notify_.channel = name;
    if (name == "webhook") {
      checkOptions(call, {"url", "key"}, "an address");
    } else if (name == "slack" || name == "teams") {
      checkOptions(call, {"url"}, "an address");
    } else if (name == "email") {
      checkOptions(call, {"to", "server", "from", "user", "password"}, "a recipient");
    } else if (name == "command") {
      checkCommand(call);
    } else {
      diag::Diagnostic& diagnostic = context_.report(Code::UnknownChannel, call.span, fmt::format("there is no channel `{}`", name));
      addCandidates(diagnostic, call.name.span, name, {"command", "email", "slack", "teams", "webhook"});
    }
  }

  /// `webhook(URL, key: …)`: the first option may stand without its name and must be there.
  void checkOptions(const syntax::Expr& call, const std::vector<std::string>& options, std::string_view first) {
    bool has_first = false;
    for (const syntax::Argument& argument : call.arguments) {
      const std::string option = argument.name ? argument.name->text : options.front();
      if (std::find(options.begin(), options.end(), option) == options.end()) {
        diag::Diagnostic& diagnostic = context_.report(Code::UnknownOption, argument.name->span, fmt::format("`{}` has no option `{}`", call.name.text, option));
        addCandidates(diagnostic, argument.name->span, option, options);
        continue;
      }
      const bool twice = std::any_of(notify_.options.begin(), notify_.options.end(), [&](const ir::Option& known) { return known.name == option; });
      if (twice) {
        context_.report(Code::DuplicateItem, context_.span(argument.value), fmt::format("`{}` has two values for `{}`", call.name.text, option));
        continue;
      }
      has_first = has_first || option == options.front();
      const std::optional<std::string> value = textOrSecret(context_, argument.value);
      if (value) notify_.options.push_back({.name = option, .value = {*value}, .span = context_.span(argument.value)});
    }
    if (has_first) return;
    context_.report(Code::MissingArgument, call.span, fmt::format("`{}` needs {}", call.name.text, first))
        .help.push_back(fmt::format("write `{}(secret(\"NAME\"))`: it is read from that environment variable", call.name.text));
  }

  void checkCommand(const syntax::Expr& call) {
    for (const syntax::Argument& argument : call.arguments) {
      if (argument.name) {
        context_.report(Code::UnknownOption, argument.name->span, fmt::format("`command` has no option `{}`", argument.name->text));
      } else if (isSecret(context_, argument.value)) {
        context_.report(Code::SecretInPath, context_.span(argument.value), "a secret cannot be an argument of a program: other users of the machine see it")
            .help.emplace_back("let the program read the environment variable itself");
      } else if (const std::optional<std::string> text = context_.expressions.constantText(argument.value)) {
        notify_.argv.push_back(*text);
      }
    }
    if (!call.arguments.empty()) return;
    context_.report(Code::MissingArgument, call.span, "`command` needs a program").help.emplace_back("write `command(\"program\", \"argument\")`; no shell reads it");
  }

  Context& context_;
  const syntax::NotifyDecl& decl_;
  ir::Notify notify_;
};

}  // namespace

ir::NodeId checkNotify(Context& context, const syntax::NotifyDecl& decl) { return NotifyChecker(context, decl).check(); }

}  // namespace cd4ml::check
