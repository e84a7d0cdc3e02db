#include "compiler/syntax/tree.h"

#include <algorithm>

namespace cd4ml::syntax {

const Module* Tree::moduleOf(FileIndex file_index) const {
  const auto found = std::find_if(modules.begin(), modules.end(), [&](const Module& m) { return m.file == file_index; });
  return found == modules.end() ? nullptr : &*found;
}

bool Tree::isAlias(FileIndex file_index, std::string_view name) const {
  const Module* module = moduleOf(file_index);
  return module != nullptr && module->imports.contains(name);
}

bool Tree::isOfMissingModule(std::string_view qualified_name) const {
  return std::any_of(modules.begin(), modules.end(), [&](const Module& m) { return m.missing && qualified_name.starts_with(m.prefix); });
}

std::string Tree::qualified(FileIndex file_index, std::string_view written) const {
  const Module* module = moduleOf(file_index);
  if (module == nullptr) return std::string(written);
  for (;;) {
    const std::size_t point = written.find('.');
    if (point == std::string_view::npos) break;
    const auto import = module->imports.find(written.substr(0, point));
    if (import == module->imports.end()) break;
    module = &modules[import->second];
    written.remove_prefix(point + 1);
  }
  return module->prefix + std::string(written);
}

std::string Tree::qualified(const Name& name) const {
  if (!name.quoted) return qualified(name.span.file, name.text);
  const Module* module = moduleOf(name.span.file);
  return (module == nullptr ? std::string() : module->prefix) + name.text;
}

std::optional<NodePath> Tree::nodePath(ExprId id) const {
  std::vector<Name> parts;
  while (id.valid() && (*this)[id].kind == ExprKind::Member) {
    parts.push_back((*this)[id].name);
    id = (*this)[id].operands[0];
  }
  if (!id.valid() || (*this)[id].kind != ExprKind::Reference) return std::nullopt;
  parts.push_back((*this)[id].name);
  std::reverse(parts.begin(), parts.end());
  const FileIndex file_index = parts.front().span.file;
  const Module* module = moduleOf(file_index);
  std::size_t next = 0;
  while (module != nullptr && next + 1 < parts.size() && module->imports.contains(parts[next].text)) {
    module = &modules[module->imports.at(parts[next].text)];
    ++next;
  }
  NodePath path{.name = (module == nullptr ? std::string() : module->prefix) + parts[next].text,
                .span = {file_index, parts.front().span.begin, parts[next].span.end}, .rest = {}};
  path.rest.assign(parts.begin() + static_cast<std::ptrdiff_t>(next) + 1, parts.end());
  return path;
}

bool Tree::hasBroken(std::string_view keyword) const {
  return std::any_of(decls.begin(), decls.end(), [&](const Decl& decl) {
    const auto* broken = std::get_if<UnsupportedDecl>(&decl);
    return broken != nullptr && broken->construct.empty() && (keyword.empty() || broken->keyword == keyword);
  }) || has_lost_text;
}

bool Tree::hasNameless(std::string_view keyword) const {
  return std::any_of(decls.begin(), decls.end(), [&](const Decl& decl) {
    const auto* broken = std::get_if<UnsupportedDecl>(&decl);
    return broken != nullptr && broken->construct.empty() && broken->keyword == keyword && !broken->name_is_sure;
  });
}

bool Tree::isLost(std::string_view name) const {
  for (;;) {
    const std::size_t point = name.find('.');
    if (lost_names.contains(name.substr(0, point))) return true;
    if (point == std::string_view::npos) return false;
    name.remove_prefix(point + 1);
  }
}

bool Tree::hasErrors() const {
  return has_lost_text || std::any_of(decls.begin(), decls.end(), [](const Decl& decl) {
    return std::visit([](const DeclHeader& header) { return header.has_errors; }, decl);
  });
}

}  // namespace cd4ml::syntax
