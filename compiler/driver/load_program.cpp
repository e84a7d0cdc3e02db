#include "compiler/driver/load_program.h"

#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "compiler/driver/state_file.h"
#include "compiler/parse/parse.h"
#include "compiler/resolve/modules.h"

namespace cd4ml::driver {

namespace {

namespace fs = std::filesystem;

class Loader {
 public:
  Loader(const std::string& entry, source::SourceMap& sources, diag::Diagnostics& diagnostics)
      : folder_(fs::path(entry).parent_path()), sources_(sources), diagnostics_(diagnostics) {}

  Result<syntax::Tree> load(const std::string& entry) {
    CD4ML_TRY(std::string text, readFile(entry));
    tree_.file = sources_.add(entry, std::move(text));
    known_[identity(entry)] = 0;
    tree_.modules.push_back({.file = tree_.file});
    parse::parseMore(sources_, tree_.file, tree_, diagnostics_);
    // Modules are appended while this runs; each is looked at once.
    for (std::uint32_t next = 0; next < tree_.modules.size(); ++next) {
      if (!tree_.modules[next].missing) importsOf(next);
    }
    if (tree_.modules.size() == 1 && tree_.modules[0].imports.empty()) tree_.modules.clear();
    resolve::joinModules(tree_, diagnostics_);
    return std::move(tree_);
  }

 private:
  [[nodiscard]] static std::string identity(const fs::path& path) {
    std::error_code ignored;
    const fs::path whole = fs::weakly_canonical(path, ignored);
    return whole.empty() ? path.lexically_normal().string() : whole.string();
  }

  void importsOf(std::uint32_t module) {
    std::vector<syntax::ImportDecl> imports;
    for (const syntax::Decl& decl : tree_.decls) {
      const auto* import = std::get_if<syntax::ImportDecl>(&decl);
      if (import != nullptr && import->span.file == tree_.modules[module].file) imports.push_back(*import);
    }
    for (const syntax::ImportDecl& import : imports) {
      const std::uint32_t target = moduleAt(fs::path(tree_.modules[module].folder) / import.path, import);
      tree_.modules[module].imports.emplace(import.name.text, target);
    }
  }

  /// `below`: from the folder of the entry file.
  std::uint32_t moduleAt(const fs::path& below, const syntax::ImportDecl& import) {
    const fs::path path = (folder_ / below).lexically_normal();
    const auto known = known_.find(identity(path));
    if (known != known_.end()) return known->second;
    Result<std::string> text = fs::is_regular_file(path) ? readFile(path.string()) : makeError("CD1021", "");
    if (import.path.empty() || !text.ok()) {
      diagnostics_.add(diag::Code::ImportNotFound, import.path_span, fmt::format("there is no file `{}`", import.path))
          .help.push_back(fmt::format("a path is relative to the file that imports: this is `{}`", path.string()));
      tree_.modules.push_back({.file = UINT32_MAX, .prefix = {}, .folder = {}, .imports = {}, .missing = true});
      return static_cast<std::uint32_t>(tree_.modules.size() - 1);
    }
    const auto index = static_cast<std::uint32_t>(tree_.modules.size());
    known_[identity(path)] = index;
    const FileIndex file = sources_.add(path.string(), std::move(*text));
    std::string folder = below.lexically_normal().parent_path().string();
    if (!folder.empty()) folder += '/';
    tree_.modules.push_back({.file = file, .prefix = {}, .folder = std::move(folder), .imports = {}});
    parse::parseMore(sources_, file, tree_, diagnostics_);
    return index;
  }

  fs::path folder_;
  source::SourceMap& sources_;
  diag::Diagnostics& diagnostics_;
  syntax::Tree tree_;
  std::map<std::string, std::uint32_t> known_;
};

}  // namespace

Result<syntax::Tree> loadProgram(const std::string& entry, source::SourceMap& sources, diag::Diagnostics& diagnostics) {
  return Loader(entry, sources, diagnostics).load(entry);
}

}  // namespace cd4ml::driver
