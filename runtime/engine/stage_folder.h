/// The private folder in which a stage's program runs: its declared inputs are there, and nothing else.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/engine/run.h"

namespace cd4ml::engine {

class StageFolder {
 public:
  /// Makes an empty folder below `scratch` (below the system's temporary folder if that is empty).
  [[nodiscard]] static Result<StageFolder> make(const std::string& scratch, std::string_view stage);
  StageFolder(StageFolder&& other) noexcept;
  StageFolder& operator=(StageFolder&&) = delete;
  StageFolder(const StageFolder&) = delete;
  StageFolder& operator=(const StageFolder&) = delete;
  /// Removes it with all it holds.
  ~StageFolder();

  /// Copies a file in, or writes rows of a node as Parquet. What the program calls it is `inputName`.
  [[nodiscard]] Status bring(Run& run, const ir::Stage::Input& input, const std::string& source_file) const;
  /// The bytes of an output; an error if the program has not made a plain file of that name.
  [[nodiscard]] Result<std::string> output(const ir::Stage::Output& output, Span span) const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// How the argument list names an input: "rows.parquet", "train.py".
  [[nodiscard]] static std::string inputName(const ir::Stage::Input& input);

 private:
  explicit StageFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace cd4ml::engine
