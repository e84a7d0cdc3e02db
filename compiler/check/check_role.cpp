#include <map>

#include <fmt/format.h>

#include "compiler/check/context.h"

namespace cd4ml::check {
namespace {

const std::map<std::string_view, ir::Role>& rolesByName() {
  static const std::map<std::string_view, ir::Role> roles = {{"available", ir::Role::Available},
                                                             {"id", ir::Role::Id},
                                                             {"key", ir::Role::Key},
                                                             {"pii", ir::Role::Pii},
                                                             {"time", ir::Role::Time}};
  return roles;
}

bool isTime(const ir::Type& type) { return type.kind == ir::Kind::Timestamp || type.kind == ir::Kind::Date; }

/// Whether a column of this type may have the role; reports why not.
bool roleFits(Context& context, const syntax::Name& role, ir::Role value, std::string_view column, const ir::Type& type, Span type_span) {
  if (type.isError()) return true;
  const bool needs_time = value == ir::Role::Time || value == ir::Role::Available;
  if (needs_time && !isTime(type)) {
    diag::Diagnostic& diagnostic =
        context.report(diag::Code::RoleType, role.span, fmt::format("`@{}` needs a timestamp or a date, `{}` is {}", role.text, column, ir::typeText(type)));
    diagnostic.labels.push_back({type_span, "its type is declared here"});
    return false;
  }
  const bool needs_value = value == ir::Role::Time || value == ir::Role::Id;
  if (needs_value && type.nullable) {
    diag::Diagnostic& diagnostic = context.report(
        diag::Code::RoleNull, role.span, fmt::format("`@{}` cannot be null, `{}` is {}", role.text, column, ir::typeText(type)));
    diagnostic.labels.push_back({type_span, "`?` allows null here"});
    diagnostic.help.emplace_back("take the `?` away: a row without it is then an ingest error");
    return false;
  }
  return true;
}

}  // namespace

std::uint8_t checkRoles(Context& context, const std::vector<syntax::Name>& roles, std::string_view column, const ir::Type& type,
                        Span type_span) {
  std::uint8_t bits = 0;
  for (const syntax::Name& role : roles) {
    const auto found = rolesByName().find(role.text);
    if (found == rolesByName().end()) {
      diag::Diagnostic& diagnostic = context.report(diag::Code::UnknownRole, role.span, fmt::format("there is no role `@{}`", role.text));
      diagnostic.help.emplace_back("the roles are `@time`, `@available`, `@key`, `@id`, `@pii`");
      continue;
    }
    if (roleFits(context, role, found->second, column, type, type_span)) bits |= static_cast<std::uint8_t>(found->second);
  }
  return bits;
}

void checkRolesOnce(Context& context, const std::vector<ir::Column>& columns) {
  for (const auto& [word, role] : rolesByName()) {
    if (role == ir::Role::Key || role == ir::Role::Pii) continue;
    const ir::Column* first = nullptr;
    for (const ir::Column& column : columns) {
      if (!column.has(role)) continue;
      if (first == nullptr) {
        first = &column;
        continue;
      }
      diag::Diagnostic& diagnostic =
          context.report(diag::Code::RoleTwice, column.span, fmt::format("`@{}` marks one column, `{}` is the second", word, column.name));
      diagnostic.labels.push_back({first->span, fmt::format("`{}` has it already", first->name)});
    }
  }
}

}  // namespace cd4ml::check
