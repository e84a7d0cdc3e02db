#include "compiler/driver/lock_file.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <unistd.h>

#include "compiler/ir/text_reader.h"
#include "runtime/track/json.h"

namespace cd4ml::driver {

namespace {

using track::Json;
using track::textOf;

Error damaged(const std::string& path, std::string_view what) {
  Error error = makeError("CD4106", fmt::format("`{}` cannot be understood: {}", path, what));
  error.help.emplace_back("take the committed version back, or remove the file and let `cd4mlc run` pin the schemas again");
  return error;
}

Result<std::vector<check::PinnedField>> readFields(const std::string& path, const Json& fields) {
  std::vector<check::PinnedField> result;
  for (const Json& field : fields) {
    const std::string text = textOf(field, "type");
    ir::TextReader reader(text);
    check::PinnedField pinned{.name = textOf(field, "name"), .type = reader.type()};
    if (!reader.ok() || !reader.atEnd() || pinned.name.empty()) return damaged(path, fmt::format("type `{}`", text));
    result.push_back(std::move(pinned));
  }
  return result;
}

}  // namespace

Result<check::PinnedSchemas> readLockFile(const std::string& path) {
  check::PinnedSchemas schemas;
  std::ifstream file(path, std::ios::binary);
  if (!file) return schemas;
  std::stringstream text;
  text << file.rdbuf();
  const Json lock = Json::parse(text.str(), nullptr, false);
  if (lock.is_discarded() || !lock.is_object()) return damaged(path, "it is no JSON object");
  if (lock.value("v", 0) != 1) return damaged(path, "its version is not 1");
  const Json sources = lock.value("sources", Json::object());
  for (const auto& [name, source] : sources.items()) {
    CD4ML_TRY(schemas[name], readFields(path, source.value("fields", Json::array())));
  }
  return schemas;
}

Status writeLockFile(const std::string& path, const check::PinnedSchemas& schemas) {
  Json sources = Json::object();
  for (const auto& [name, fields] : schemas) {
    Json list = Json::array();
    for (const check::PinnedField& field : fields) list.push_back({{"name", field.name}, {"type", ir::typeText(field.type)}});
    sources[name] = {{"fields", std::move(list)}};
  }
  const std::string text = Json{{"v", 1}, {"sources", std::move(sources)}}.dump(2) + "\n";
  const std::string temporary = fmt::format("{}.{}.tmp", path, getpid());
  std::FILE* file = std::fopen(temporary.c_str(), "wb");
  const bool written = file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0 &&
                       fsync(fileno(file)) == 0;
  if (file != nullptr) std::fclose(file);
  std::error_code error;
  if (written) std::filesystem::rename(temporary, path, error);
  if (written && !error) return Done{};
  std::filesystem::remove(temporary, error);
  return makeError("CD4104", fmt::format("cannot write `{}`", path));
}

}  // namespace cd4ml::driver
