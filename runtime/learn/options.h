/// A model's options by name. The checker has written all of them out and in range; a missing one is our bug.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/pipeline.h"

namespace cd4ml::learn {

class Options {
 public:
  explicit Options(const std::vector<ir::Option>& options) : options_(options) {}

  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] double number(std::string_view name) const;
  [[nodiscard]] bool flag(std::string_view name) const;
  /// Null: nullopt.
  [[nodiscard]] std::optional<double> maybeNumber(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> maybeText(std::string_view name) const;

 private:
  [[nodiscard]] const ir::Literal& find(std::string_view name) const;
  const std::vector<ir::Option>& options_;
};

}  // namespace cd4ml::learn
