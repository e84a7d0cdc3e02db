#include "compiler/driver/state_file.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "runtime/store/temp_file.h"

namespace cd4ml::driver {

Result<std::string> readFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  if (file) text << file.rdbuf();
  if (!file.good() && !file.eof()) return makeError("CD4102", fmt::format("cannot read `{}`", path));
  return text.str();
}

Status replaceFile(const std::string& path, std::string_view bytes) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const auto write = [&]() -> Status {
    CD4ML_TRY(store::TempFile file, store::TempFile::create(folder.empty() ? "." : folder));
    CD4ML_TRY_VOID(file.write({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}));
    return file.moveTo(path);
  };
  Status done = write();
  if (done.ok()) return done;
  return because(std::move(done).error(), "CD4104", fmt::format("cannot write `{}`", path));
}

Status makeFolders(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return Done{};
  return makeError("CD4104", fmt::format("cannot make the folder `{}`: {}", path, error.message()));
}

}  // namespace cd4ml::driver
