#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/check/context.h"

namespace cd4ml::check {
namespace {

using diag::Code;
using resolve::Construct;

constexpr resolve::Constructs may_override = (Construct::Param | Construct::Source) | static_cast<resolve::Constructs>(Construct::Notify);

class ProfileChecker {
 public:
  ProfileChecker(Context& context, const syntax::ProfileDecl& decl) : context_(context), decl_(decl) {}

  void check() {
    std::map<std::string, Span> seen;
    for (const syntax::ProfileItem& item : decl_.items) {
      const std::string name = context_.tree.qualified(item.name);
      const auto [first, is_new] = seen.emplace(name, item.name.span);
      if (!is_new) {
        context_.report(Code::DuplicateItem, item.name.span, fmt::format("`{}` gives `{}` twice", decl_.name.text, name)).labels.push_back({first->second, "first here"});
        continue;
      }
      checkItem(item, name);
    }
  }

  void take() {
    for (const syntax::ProfileItem& item : decl_.items) {
      const auto target = context_.names.find(context_.tree, context_.tree.qualified(item.name), may_override);
      if (target) context_.overrides[*target] = {.value = item.value, .profile = decl_.name.text, .span = item.span};
    }
  }

 private:
  void checkItem(const syntax::ProfileItem& item, const std::string& name) {
    const auto found = context_.names.names.find(name);
    if (found == context_.names.names.end()) {
      std::vector<std::string> known;
      for (const auto& [each, index] : context_.names.names) {
        if (resolve::contains(may_override, resolve::constructOf(context_.tree.decls[index]))) known.push_back(each);
      }
      addCandidates(context_.report(Code::UnknownName, item.name.span, fmt::format("there is no param, source or notify `{}`", item.name.text)),
                    item.name.span, name, known);
      return;
    }
    const syntax::Decl& target = context_.tree.decls[found->second];
    const Construct construct = resolve::constructOf(target);
    const bool is_call = item.value.valid() && context_.tree[item.value].kind == syntax::ExprKind::Call;
    if (!resolve::contains(may_override, construct)) {
      if (construct == Construct::Unsupported) return;
      auto& d = context_.report(Code::BadOverride, item.name.span, fmt::format("a profile cannot change the {} `{}`", resolve::constructText(construct), name));
      d.labels.push_back({resolve::headerOf(target).name.span, "declared here"});
      d.help.emplace_back("a profile gives params, the readers of sources and the channels of notify other values");
    } else if (construct != Construct::Param && !is_call) {
      context_.report(Code::BadOverride, context_.span(item.value), fmt::format("the {} `{}` takes a call here", resolve::constructText(construct), name))
          .help.emplace_back(construct == Construct::Source ? "write a reader: `parquet(\"data.parquet\")`" : "write a channel: `webhook(secret(\"NAME\"))`");
    }
  }

  Context& context_;
  const syntax::ProfileDecl& decl_;
};

const syntax::ProfileDecl* findProfile(const Context& context, const std::string& name) {
  const auto index = context.names.find(context.tree, name, static_cast<resolve::Constructs>(Construct::Profile));
  return index ? &std::get<syntax::ProfileDecl>(context.tree.decls[*index]) : nullptr;
}

}  // namespace

void checkProfiles(Context& context) {
  std::vector<std::string> known;
  Span where;
  for (const syntax::Decl& decl : context.tree.decls) {
    if (const auto* pipeline = std::get_if<syntax::PipelineDecl>(&decl); pipeline != nullptr && where.empty()) where = pipeline->name.span;
    const auto* profile = std::get_if<syntax::ProfileDecl>(&decl);
    if (profile == nullptr) continue;
    known.push_back(profile->name.text);
    ProfileChecker(context, *profile).check();
  }
  for (const std::string& name : context.settings.profiles) {
    if (const syntax::ProfileDecl* profile = findProfile(context, name)) {
      ProfileChecker(context, *profile).take();
      continue;
    }
    auto& d = context.report(Code::UnknownProfile, where, fmt::format("`--profile`: there is no profile `{}`", name));
    for (const std::string& near : diag::nearest(name, known, 1)) d.help.push_back(fmt::format("did you mean `--profile {}`?", near));
    if (d.help.empty()) d.help.push_back(known.empty() ? "this file declares no profile" : fmt::format("there is `{}`", fmt::join(known, "`, `")));
  }
}

const Override* overrideOf(const Context& context, const syntax::DeclHeader& decl) {
  const auto name = context.names.names.find(decl.name.text);
  if (name == context.names.names.end() || &resolve::headerOf(context.tree.decls[name->second]) != &decl) return nullptr;
  const auto found = context.overrides.find(name->second);
  return found == context.overrides.end() ? nullptr : &found->second;
}

}  // namespace cd4ml::check
