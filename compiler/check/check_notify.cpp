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
      has_url_ = false;
      checkChannel(context_.tree[given->value]);
    }
    return context_.add(decl_, std::move(notify_), {}, {});
  }

 private:
  void checkChannel(const syntax::Expr& call) {
    if (call.kind == syntax::ExprKind::Error) return;
    const std::string& name = call.name.text;
    notify_.channel = name;
    if (name == "webhook" || name == "slack" || name == "teams") {
      checkWebhook(call);
    } else if (name == "command") {
      checkCommand(call);
    } else if (name == "email") {
      context_.notSupported(call.span, "the channel `email`").help.emplace_back("let a mail program send it: `command(\"sendmail\", \"ops@example.org\")`");
    } else {
      diag::Diagnostic& diagnostic = context_.report(Code::UnknownChannel, call.span, fmt::format("there is no channel `{}`", name));
      addCandidates(diagnostic, call.name.span, name, {"command", "slack", "teams", "webhook"});
    }
  }

  /// `webhook(URL, key: …)`: the address, and the key that signs the messages.
  void checkWebhook(const syntax::Expr& call) {
    for (const syntax::Argument& argument : call.arguments) {
      const std::string option = argument.name ? argument.name->text : "url";
      const bool signs = call.name.text == "webhook";
      if (option != "url" && !(signs && option == "key")) {
        diag::Diagnostic& diagnostic = context_.report(Code::UnknownOption, argument.name->span, fmt::format("`{}` has no option `{}`", call.name.text, option));
        addCandidates(diagnostic, argument.name->span, option, signs ? std::vector<std::string>{"key", "url"} : std::vector<std::string>{"url"});
        continue;
      }
      bool twice = false;
      for (const ir::Option& known : notify_.options) twice = twice || known.name == option;
      if (twice) {
        context_.report(Code::DuplicateItem, context_.span(argument.value), fmt::format("`{}` has two values for `{}`", call.name.text, option));
        continue;
      }
      has_url_ = has_url_ || option == "url";
      const std::optional<std::string> value = textOrSecret(context_, argument.value);
      if (value) notify_.options.push_back({.name = option, .value = {*value}, .span = context_.span(argument.value)});
    }
    if (has_url_) return;
    context_.report(Code::MissingArgument, call.span, fmt::format("`{}` needs an address", call.name.text))
        .help.push_back(fmt::format("write `{}(secret(\"NAME\"))`: the address is read from that environment variable", call.name.text));
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
  bool has_url_ = false;
};

}  // namespace

ir::NodeId checkNotify(Context& context, const syntax::NotifyDecl& decl) { return NotifyChecker(context, decl).check(); }

}  // namespace cd4ml::check
