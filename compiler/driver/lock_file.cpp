#include "compiler/driver/lock_file.h"

#include <filesystem>

#include <fmt/format.h>

#include "compiler/driver/state_file.h"
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
  if (!std::filesystem::exists(path)) return schemas;
  CD4ML_TRY(const std::string text, readFile(path));
  const Json lock = Json::parse(text, nullptr, false);
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
  return replaceFile(path, text);
}

}  // namespace cd4ml::driver
