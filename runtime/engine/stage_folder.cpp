#include "runtime/engine/stage_folder.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "runtime/data/write.h"
#include "runtime/engine/model_run.h"

namespace cd4ml::engine {

namespace {

namespace fs = std::filesystem;

Error failed(std::string what, const std::error_code& why, Span span) {
  return makeError("CD5701", fmt::format("{}: {}", what, why.message()), span);
}

/// The columns of a node, or of one part of features, under their names.
Result<std::vector<data::NamedColumn>> rowsOf(Run& run, const ir::Stage::Input& input) {
  const ir::Node& node = run.node(input.node);
  Slots slots(node.columns.size());
  for (std::uint32_t c = 0; c < slots.size(); ++c) slots[c] = c;
  std::vector<data::NamedColumn> out;
  if (!input.part) {
    CD4ML_TRY(std::vector<data::Column> columns, fetchColumns(run, input.node, slots));
    for (std::size_t c = 0; c < columns.size(); ++c) out.push_back({node.columns[c].name, std::move(columns[c])});
    return out;
  }
  const std::optional<std::size_t> part = partIndex(run, input.node, *input.part);
  CD4ML_CHECK(part.has_value());
  CD4ML_TRY(auto columns, fetchParts(run, input.node, slots));
  for (std::size_t c = 0; c < columns.size(); ++c) out.push_back({node.columns[c].name, std::move(columns[c][*part])});
  return out;
}

}  // namespace

Result<StageFolder> StageFolder::make(const std::string& scratch, std::string_view stage) {
  std::error_code why;
  const fs::path below = scratch.empty() ? fs::temp_directory_path(why) : fs::path(scratch);
  if (!why) fs::create_directories(below, why);
  if (why) return failed(fmt::format("cannot make the folder {}", below.string()), why, {});
  std::string pattern = (fs::absolute(below) / fmt::format("{}-XXXXXX", stage)).string();
  if (mkdtemp(pattern.data()) == nullptr)
    return failed(fmt::format("cannot make a folder in {}", below.string()), {errno, std::generic_category()}, {});
  return StageFolder(fs::path(pattern));
}

StageFolder::StageFolder(StageFolder&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }

StageFolder::~StageFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

std::string StageFolder::inputName(const ir::Stage::Input& input) {
  if (input.node.valid()) return input.name + ".parquet";
  const fs::path path = fs::path(input.path).lexically_normal();
  const bool below = path.is_relative() && !path.empty() && *path.begin() != "..";
  return below ? path.string() : path.filename().string();
}

Status StageFolder::bring(Run& run, const ir::Stage::Input& input, const std::string& source_file) const {
  const fs::path to = path_ / inputName(input);
  if (input.node.valid()) {
    CD4ML_TRY(const std::vector<data::NamedColumn> rows, rowsOf(run, input));
    return data::writeTable(to.string(), rows);
  }
  std::error_code why;
  fs::create_directories(to.parent_path(), why);
  if (!why) fs::copy_file(source_file, to, fs::copy_options::overwrite_existing, why);
  if (why) return failed(fmt::format("cannot copy {} for the stage", source_file), why, {});
  return Done{};
}

Result<std::string> StageFolder::output(const ir::Stage::Output& output, Span span) const {
  const fs::path path = path_ / output.file;
  std::error_code ignored;
  if (!fs::is_regular_file(fs::symlink_status(path, ignored))) {
    Error error = makeError("CD5702", fmt::format("the program ended well but made no file `{}`", output.file), span);
    error.help.push_back(fmt::format("it runs in a folder of its own; the path of `{}` is what `{}` stands for in the command",
                                     output.file, output.name));
    return error;
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  if (!file) return makeError("CD5702", fmt::format("`{}` cannot be read", output.file), span);
  return std::move(bytes).str();
}

}  // namespace cd4ml::engine
